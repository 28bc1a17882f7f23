"""The audit record as people ask about it: rows of one request together. See `skills.kit.ports.history.History`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast, get_args

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gate.records import AuditEntry
from skills.kit.ports.history import Deed, Event, HistoryQuery, Touched, Word
from store.audit import entry, filters
from store.engine import Database
from store.tables import audit

_READING = ("request", "failed")
"""Events of requests that only read. Actions fail too, but they have other events beside."""

_SAID = ("approved", "confirmed", "declined", "refused", "cancel_asked")
_STATES = frozenset(get_args(Event))
_MOST_ROWS = 40
"""Rows of one deed that are looked at: a few are usual, a client may use one correlation id again and again."""


class SqlHistory:
    """Its twin is the same on `sqlite://`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def deeds(self, query: HistoryQuery) -> Sequence[Deed]:
        """The deeds that fit, the one something happened to last first."""
        which = [
            *filters(
                since=query.since,
                until=query.until,
                principal=query.principal,
                person=query.person,
                skills=query.skills,
                targets=query.targets,
            ),
            audit.c.skill != "",
        ]
        if not query.reads:
            which.append(audit.c.event.not_in(_READING))
        last = sa.func.max(audit.c.seq)
        groups = sa.select(audit.c.correlation, audit.c.skill).where(*which).group_by(audit.c.correlation, audit.c.skill)
        page = groups.order_by(last.desc()).limit(query.limit).offset(query.offset)

        def read(connection: Connection) -> list[Deed]:
            return [_deed(list(_rows(connection, *group))) for group in connection.execute(page).all()]

        return await self._database.run(read)


def _rows(connection: Connection, correlation: str, skill: str) -> Iterable[AuditEntry]:
    query = sa.select(audit).where(audit.c.correlation == correlation, audit.c.skill == skill)
    newest = connection.execute(query.order_by(audit.c.seq.desc()).limit(_MOST_ROWS)).mappings().all()
    return (entry(row) for row in reversed(newest))


def _deed(rows: Sequence[AuditEntry]) -> Deed:
    """One deed from its rows, the oldest first."""
    first = rows[0]
    states = [row for row in rows if row.event in _STATES]
    # Somebody who may not decide does not change how it stands.
    last = next((row for row in reversed(states) if row.event != "refused"), states[-1] if states else first)
    about = next((row.body["targets"] for row in rows if row.body.get("targets")), [])
    return Deed(
        id=first.correlation,
        at=first.at,
        person=first.name or first.principal,
        principal=first.principal,
        door=str(first.body.get("door", "")),
        words=str(first.body.get("words", "")),
        skill=first.skill,
        targets=tuple(_touched(one) for one in about),
        outcome=cast("Event", last.event) if last.event in _STATES else "request",
        ended_at=last.at if last is not first else None,
        decisions=tuple(
            Word(person=row.name or row.principal, said=row.event, at=row.at) for row in rows[1:] if row.event in _SAID
        ),
        why=_why(last.body),
    )


def _touched(one: Any) -> Touched:
    """Rows of earlier versions have ids only."""
    return Touched.model_validate(one) if isinstance(one, dict) else Touched(id=str(one))


def _why(body: dict[str, Any]) -> str:
    failure: Any = body.get("failure") or {}
    return str(failure.get("what") or body.get("what") or "")
