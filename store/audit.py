"""The audit record on SQL, as a chain of rows that are only ever added. See `gate.records.Audit` and `gate.chain`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from pydantic_core import to_jsonable_python
from sqlalchemy.engine import Connection

from gate.chain import Fault, Head, Keys, Row, Walk, targets
from gate.records import AuditEntry
from store.engine import Database
from store.tables import audit, audit_targets

PAGE = 1000
"""Rows that are read at once."""

_TOGETHER = 64
"""Rows that are added at once at most, when several wait."""

_LOCK = sa.text("SELECT pg_advisory_xact_lock(3979)")
_RAW = [sa.type_coerce(audit.c[name], sa.BigInteger) if name == "at" else audit.c[name] for name in Row._fields]
_LAST = sa.select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
_INSERT, _INSERT_TARGETS = sa.insert(audit), sa.insert(audit_targets)


class Emptied(Exception):
    """The audit record has lost even its first row: somebody removed it. Nothing is done that could not be recorded."""


class SqlAudit:
    """Every row is chained to the newest one; rows that wait at the same time are added together."""

    def __init__(self, database: Database, keys: Keys | None = None) -> None:
        self._database, self._keys = database, keys or Keys()
        self._waiting: list[tuple[AuditEntry, asyncio.Future[None]]] = []
        self._adding: asyncio.Task[None] | None = None

    async def append(self, entry: AuditEntry) -> None:
        """Add a row; it is committed when this returns. Errors: Emptied."""
        added: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, added))
        if self._adding is None:
            self._adding = asyncio.create_task(self._add_all())
        await added

    async def read(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        principal: str = "",
        person: str = "",
        skill: str = "",
        target: str = "",
        correlation: str = "",
        limit: int = 100,
    ) -> Sequence[AuditEntry]:
        """The newest first. person: a part of their name or key. skill: its name, or its noun. target: an id."""
        found = filters(
            since=since,
            until=until,
            principal=principal,
            person=person,
            skills=(skill,) if skill else (),
            targets=(target,) if target else (),
        )
        if correlation:
            found.append(audit.c.correlation == correlation)
        query = sa.select(audit).where(*found).order_by(audit.c.seq.desc()).limit(limit)

        def read(connection: Connection) -> Sequence[AuditEntry]:
            return [entry(row) for row in connection.execute(query).mappings()]

        return await self._database.run(read)

    async def rows(self, after: int | None = None, limit: int = PAGE) -> Sequence[Row]:
        """Rows as they are stored, the first one included, in their order: those after that number."""
        query = sa.select(*_RAW).order_by(audit.c.seq).limit(limit)
        if after is not None:
            query = query.where(audit.c.seq > after)
        return await self._database.run(lambda connection: [Row(*row) for row in connection.execute(query)])

    async def head(self) -> Head | None:
        """The newest row."""
        return await self._database.run(_head)

    async def at(self, seq: int) -> Head | None:
        """The row of that number."""
        query = sa.select(audit.c.seq, audit.c.hash).where(audit.c.seq == seq)
        return await self._database.run(lambda connection: _found(connection, query))

    async def verify(self, kept: Head | None = None) -> tuple[Walk, Fault | None]:
        """Check the whole record; a thread hashes, so that the process goes on serving."""
        walk = Walk(self._keys, kept)
        after: int | None = None
        while page := await self.rows(after):
            if fault := await asyncio.to_thread(walk.follow, page) or await self._lookup(page):
                return walk, fault
            after = page[-1].seq
        return walk, walk.end()

    async def _lookup(self, page: Sequence[Row]) -> Fault | None:
        """Does the table that rows are looked up by say what they say?"""
        within = audit_targets.c.seq.between(page[0].seq, page[-1].seq)
        query = sa.select(audit_targets.c.seq, audit_targets.c.target).where(within)
        kept = set(await self._database.run(lambda connection: [tuple(row) for row in connection.execute(query)]))
        odd = {(row.seq, target) for row in page for target in _targets(json.loads(row.body))} ^ kept
        return Fault(min(odd)[0], f"row {min(odd)[0]} is whole, but cannot be found by its targets any more") if odd else None

    async def _add_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:_TOGETHER], self._waiting[_TOGETHER:]
                await self._add(batch)
        finally:
            self._adding = None

    async def _add(self, batch: list[tuple[AuditEntry, asyncio.Future[None]]]) -> None:
        try:
            await self._database.run(partial(self.insert, [entry for entry, _ in batch]), together=True)
        except Exception as error:  # each is told, unless it is but the neighbour of one that cannot be added
            if len(batch) > 1:
                for one in batch:
                    await self._add([one])
            elif not batch[0][1].done():
                batch[0][1].set_exception(error)
            return
        for _, added in batch:
            if not added.done():
                added.set_result(None)

    def insert(self, entries: Sequence[AuditEntry], connection: Connection) -> None:
        """Add rows as a part of somebody's unit of work, which should end soon: the others wait. Errors: Emptied."""
        if connection.dialect.name == "postgresql":  # of several replicas, one at a time; SQLite has one writer anyway
            connection.execute(_LOCK)
        newest = _head(connection)
        if newest is None:
            raise Emptied("The audit record is empty: its first row is gone. Restore it from a backup.")
        rows: list[dict[str, Any]] = []
        found: list[dict[str, Any]] = []
        for seq, one in enumerate(entries, newest.seq + 1):
            row = _row(seq, one, rows[-1]["hash"] if rows else newest.hash)
            hash = row.computed()
            rows.append({**row._asdict(), "at": one.at, "hash": hash, "seal": self._keys.seal(hash)})
            found += [{"target": target, "seq": seq} for target in _targets(one.body)]
        connection.execute(_INSERT, rows)
        if found:
            connection.execute(_INSERT_TARGETS, found)


def filters(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    principal: str = "",
    person: str = "",
    skills: Sequence[str] = (),
    targets: Sequence[str] = (),
) -> list[sa.ColumnElement[bool]]:
    """Conditions on rows; the first row of a record, which nobody caused, fits none."""
    found: list[sa.ColumnElement[bool]] = [audit.c.seq > 0]
    if since:
        found.append(audit.c.at >= since)
    if until:
        found.append(audit.c.at < until)
    if principal:
        found.append(audit.c.principal == principal)
    if person:
        parts = (sa.func.lower(column).contains(person.lower(), autoescape=True) for column in (audit.c.name, audit.c.principal))
        found.append(sa.or_(*parts))
    if skills:
        found.append(
            sa.or_(*(sa.or_(audit.c.skill == one, audit.c.skill.startswith(f"{one}.", autoescape=True)) for one in skills))
        )
    if targets:
        found.append(audit.c.seq.in_(sa.select(audit_targets.c.seq).where(audit_targets.c.target.in_(targets))))
    return found


def entry(row: Any) -> AuditEntry:
    """A row as the gate knows it."""
    return AuditEntry.model_validate({**{key: row[key] for key in AuditEntry.model_fields}, "body": json.loads(row["body"])})


def _row(seq: int, entry: AuditEntry, previous: str) -> Row:
    return Row(
        seq=seq,
        at=(entry.at.astimezone(UTC) - _EPOCH) // _MICROSECOND,
        principal=_fit(entry.principal, 255),
        name=_fit(entry.name, 255),
        event=entry.event,
        skill=_fit(entry.skill, 64),
        correlation=_fit(entry.correlation, 64),
        body=json.dumps(entry.body, separators=(",", ":"), default=to_jsonable_python),
        previous=previous,
    )


def _fit(text: str, length: int) -> str:
    """What every database takes: no NUL, nothing that is not Unicode, no longer than the column."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()[:length]


def _targets(body: dict[str, Any]) -> list[str]:
    return [_fit(target, 255) for target in targets(body)]


def _head(connection: Connection) -> Head | None:
    return _found(connection, _LAST)


def _found(connection: Connection, query: sa.Select[int, str]) -> Head | None:
    row = connection.execute(query).first()
    return Head(seq=row[0], hash=row[1]) if row else None


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
