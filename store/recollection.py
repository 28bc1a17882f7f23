"""What conversations were about, on SQL. See `gate.records.Memory`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from store.engine import Database
from store.insertion import upsert
from store.tables import memory


class SqlMemory:
    """One row per conversation and person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def recall(self, key: str) -> dict[str, Any]:
        """What is remembered."""
        query = sa.select(memory.c.body).where(memory.c.key == key)
        return await self._database.run(lambda connection: connection.execute(query).scalar()) or {}

    async def remember(self, key: str, body: dict[str, Any]) -> None:
        """Replace what is remembered."""
        row = {"key": key, "body": body, "updated_at": datetime.now(UTC)}
        await self._database.run(lambda connection: upsert(connection, memory, row))
