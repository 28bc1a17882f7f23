"""Conversation references on SQL. See `gate.records.Places`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gate.conversation import Place
from store.engine import Database
from store.insertion import upsert
from store.tables import places


class SqlPlaces:
    """One row per conversation; the newest reference wins."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def remember(self, place: Place, principal: str) -> None:
        """Keep the newest reference."""
        row = {**place.model_dump(), "principal": principal, "updated_at": datetime.now(UTC)}
        await self._database.run(lambda connection: upsert(connection, places, row))

    async def find(self, key: str) -> Place | None:
        """The reference of a conversation."""
        found = await self._read(sa.select(places).where(places.c.key == key))
        return found[0] if found else None

    async def of(self, principal: str) -> Sequence[Place]:
        """Where somebody can be reached, most recent first."""
        return await self._read(sa.select(places).where(places.c.principal == principal).order_by(places.c.updated_at.desc()))

    async def _read(self, query: sa.Select[*tuple[Any, ...]]) -> list[Place]:
        def read(connection: Connection) -> list[Place]:
            return [Place(door=row["door"], key=row["key"], data=row["data"]) for row in connection.execute(query).mappings()]

        return await self._database.run(read)
