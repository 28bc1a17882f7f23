"""Writes the pages that are derived from the code, and tells which of them are stale. `python -m docs.generate [--check]`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from docs.iam import iam_page
from docs.settings import settings_table
from docs.skills import skills_page

__all__ = ["between", "check", "pages", "settings_table", "skills_page", "write"]

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- settings: written by `make docs` -->\n", "<!-- settings: end -->"


def pages(root: Path = ROOT) -> dict[Path, str]:
    """Each derived file and what it should hold."""
    # Here, so that the parts above are of use without the whole service.
    import skills
    from app import Settings
    from skills.kit.catalogue import discover

    catalogue = discover(skills)
    return {
        root / "docs" / "skills.md": skills_page(catalogue),
        root / "docs" / "iam.md": iam_page(catalogue),
        root / "README.md": between((root / "README.md").read_text(), settings_table(Settings)),
    }


def between(page: str, table: str) -> str:
    """`page` with `table` between its two marks. Errors: ValueError when a mark is missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page needs the marks {BEGIN.strip()} and {END}")
    return f"{before}{begin}\n{table}\n{end}{after}"


def check(wanted: Mapping[Path, str] | None = None) -> list[Path]:
    """The derived files that do not hold what the code says."""
    wanted = pages() if wanted is None else wanted
    return [path for path, text in wanted.items() if not path.is_file() or path.read_text() != text]


def write(wanted: Mapping[Path, str] | None = None) -> list[Path]:
    """Write the stale ones; those that were written."""
    wanted = pages() if wanted is None else wanted
    stale = check(wanted)
    for path in stale:
        path.write_text(wanted[path])
    return stale


def main(arguments: list[str]) -> int:
    """Write, or with `--check` only tell. The exit status is 1 when a check found something stale."""
    checking = "--check" in arguments
    stale = check() if checking else write()
    for path in stale:
        sys.stdout.write(f"{'stale' if checking else 'written'}: {path.relative_to(ROOT)}\n")
    return 1 if checking and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
