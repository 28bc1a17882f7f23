"""The processes that serve from this store. See `gate.records.Owners`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.engine import Database
from store.insertion import upsert
from store.tables import owners

LEASE = timedelta(seconds=15)
"""How long a silent process is taken to live."""


class SqlOwners:
    """One row per process. alone: no other process serves from this store (SQLite), so whoever is in it is gone."""

    def __init__(self, database: Database, name: str, *, alone: bool) -> None:
        self._database = database
        self.name = name
        self._alone = alone

    async def beat(self) -> None:
        """We live; alone, nobody else does."""
        now = datetime.now(UTC)
        dead = sa.true() if self._alone else owners.c.seen_at < now - 20 * LEASE

        def change(connection: Connection) -> None:
            connection.execute(sa.delete(owners).where(owners.c.name != self.name, dead))
            upsert(connection, owners, {"name": self.name, "seen_at": now})

        await self._database.run(change)

    async def leave(self) -> None:
        """We are gone."""
        mine = sa.delete(owners).where(owners.c.name == self.name)
        await self._database.run(lambda connection: connection.execute(mine))


def gone(owner: sa.ColumnElement[str], now: datetime) -> sa.ColumnElement[bool]:
    """Is the process named in that column gone?"""
    alive = sa.select(owners.c.name).where(owners.c.seen_at >= now - LEASE)
    return owner.not_in(alive)
