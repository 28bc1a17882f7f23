"""Conversations kept here, on SQL. See `gate.records.Transcript`."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gate.records import Message
from store.engine import Database
from store.tables import changes, messages


class SqlTranscript:
    """A change takes the next number of its own counter, so that a reader sees each change once and in order."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, conversation: str, author: str, text: str, card: dict[str, Any] | None = None) -> Message:
        """Add a message."""
        body = {"id": secrets.token_urlsafe(12), "author": author, "text": text, "card": card, "at": datetime.now(UTC)}

        def change(connection: Connection) -> Message:
            row = {**body, "conversation": conversation, "changed": _next(connection)}
            connection.execute(sa.insert(messages), row)
            return _message(row)

        return await self._database.run(change)

    async def replace(self, id: str, text: str, card: dict[str, Any] | None) -> Message | None:
        """Replace a message's content."""

        def change(connection: Connection) -> Message | None:
            row = connection.execute(sa.select(messages).where(messages.c.id == id).with_for_update()).mappings().first()
            if row is None:
                return None
            new = {"text": text, "card": card, "changed": _next(connection)}
            connection.execute(sa.update(messages).where(messages.c.id == id).values(**new))
            return _message({**row, **new})

        return await self._database.run(change)

    async def since(self, conversation: str, changed: int = 0, limit: int = 200) -> Sequence[Message]:
        """What changed after that number, oldest change first."""
        which = sa.and_(messages.c.conversation == conversation, messages.c.changed > changed)
        query = sa.select(messages).where(which).order_by(messages.c.changed.desc()).limit(limit)

        def read(connection: Connection) -> Sequence[Message]:
            return [_message(row) for row in connection.execute(query).mappings()][::-1]

        return await self._database.run(read)


def _next(connection: Connection) -> int:
    # One row, updated in the same transaction: numbers become visible in their order, which a sequence would not promise.
    connection.execute(sa.update(changes).values(number=changes.c.number + 1))
    return connection.execute(sa.select(changes.c.number)).scalar_one()


def _message(row: Any) -> Message:
    return Message(**{key: row[key] for key in Message.model_fields})
