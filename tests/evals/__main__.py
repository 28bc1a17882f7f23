"""`python -m tests.evals NAME [--data ROOT] [--out FILE]`: one evaluation on data that lies outside the repository.

Prints a summary for people and, as the last line, one JSON object with the figures. FILE gets one JSON line per record.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path

_HERE = Path(__file__).parent
DATA = _HERE.parents[2] / "shared" / "data"


def names() -> list[str]:
    """Every evaluation: a module beside this one with `run(root, out) -> dict`."""
    return sorted(path.stem for path in _HERE.glob("*.py") if not path.stem.startswith("_"))


def main(arguments: list[str] | None = None) -> int:
    """Run the named evaluation."""
    parser = argparse.ArgumentParser(prog="python -m tests.evals")
    parser.add_argument("name", choices=names())
    parser.add_argument("--data", type=Path, default=DATA, help="the folder that holds the data sets")
    parser.add_argument("--out", type=Path, help="where to write one JSON line per record")
    options = parser.parse_args(arguments)
    run = importlib.import_module(f"tests.evals.{options.name}").run
    if options.out is None:
        figures = run(options.data, None)
    else:
        with options.out.open("w", encoding="utf-8") as out:
            figures = run(options.data, out)
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
