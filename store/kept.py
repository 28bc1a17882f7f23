"""The head of the audit record, kept in a file: when rows at the end are missing later, it is noticed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog
from pydantic import ValidationError

from gate.chain import Head
from store.audit import SqlAudit

log = structlog.get_logger()


class KeptHead:
    """`audit.head` in the process's folder. It only ever goes on: a record that lost the row that is kept is not followed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._kept: Head | None = None
        self._alarmed = False

    def read(self) -> Head | None:
        """What is kept; None when nothing is. Errors: ValueError for a file that is none."""
        try:
            return Head.model_validate_json(self.path.read_text())
        except FileNotFoundError:
            return None
        except ValidationError:
            raise ValueError(f"{self.path} does not hold the head of an audit record; restore it, or remove it") from None

    def write(self, head: Head) -> None:
        """Keep this one."""
        new = self.path.with_suffix(".new")
        new.write_text(head.model_dump_json() + "\n")
        new.replace(self.path)

    async def follow(self, audit: SqlAudit) -> None:
        """Keep the newest row; when the record lost the one that is kept, say so, once, and keep that. A chore of the runner."""
        newest = await audit.head()
        if newest is None or newest == self._kept:
            return
        kept = self._kept or await asyncio.to_thread(self.read)
        if kept and await audit.at(kept.seq) != kept:
            if not self._alarmed:
                log.error("audit_record_lost_its_head", kept=kept.seq, newest=newest.seq, remedy="run: app.py audit verify")
            self._alarmed = True
            return
        await asyncio.to_thread(self.write, newest)
        self._kept = newest
