"""`python -m tests.bench [NAME...]`: every measurement against a named peer of the same run; a table and bench.json."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import Any

BENCHES = ("actions", "boot", "fleet", "gate", "limits", "policy", "risk", "turns")


def main() -> int:
    """Run the named benches, or all; write bench.json; print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("names", nargs="*", help="which; all when none is named")
    parser.add_argument("--out", type=Path, default=Path("bench.json"))
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for name in options.names or BENCHES:
        print(f"{name} …", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"tests.bench.{name}").run()
    options.out.write_text(json.dumps(rows, indent=2) + "\n")
    widths = [max(len(_cell(row, key)) for row in rows) for key in _COLUMNS]
    titles: dict[str, Any] = {column: column for column in _COLUMNS}
    for row in [titles, *rows]:
        print("  ".join(_cell(row, key).ljust(width) for key, width in zip(_COLUMNS, widths, strict=True)).rstrip())
    return 0


_COLUMNS = ("name", "value", "unit", "peer", "ratio")


def _cell(row: dict[str, Any], key: str) -> str:
    value = row.get(key)
    return "" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    sys.exit(main())
