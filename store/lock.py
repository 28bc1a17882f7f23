"""SQLite has one writer: of the processes that would serve from one folder, one does."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO


class Taken(Exception):
    """Another process serves from this folder."""


def alone(path: Path) -> IO[str]:
    """Hold the file until it is closed or the process ends, however it ends. Errors: Taken."""
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise Taken(f"Another process serves from {path.parent}.") from None
    return file
