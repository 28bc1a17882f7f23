"""The processes that serve from this store. See `gate.records.Owners`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.engine import Database
from store.insertion import upsert
from store.tables import owners

LEASE = timedelta(seconds=15)
"""How long a silent process is taken to live, unless it is set."""


class SqlOwners:
    """One row per process. alone: no other process serves from this store (SQLite), so whoever is in it is gone.

    lease: how long a silent process is taken to live; the same for every process of a store.
    """

    def __init__(self, database: Database, name: str, *, alone: bool, lease: timedelta = LEASE) -> None:
        self._database = database
        self.name = name
        self.lease = None if alone else lease
        self._forgotten = 20 * lease

    async def beat(self) -> None:
        """We live; alone, nobody else does."""

        def change(connection: Connection) -> None:
            now = moment(connection)
            dead = owners.c.seen_at < now - self._forgotten if self.lease else sa.true()
            connection.execute(sa.delete(owners).where(owners.c.name != self.name, dead))
            upsert(connection, owners, {"name": self.name, "seen_at": now})

        await self._database.run(change)

    async def leave(self) -> None:
        """We are gone."""
        mine = sa.delete(owners).where(owners.c.name == self.name)
        await self._database.run(lambda connection: connection.execute(mine))


def moment(connection: Connection) -> datetime:
    """Now, by the one clock that all processes of a store share: a server's own, so that theirs may differ."""
    if connection.dialect.name == "postgresql":
        return connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one().astimezone(UTC)
    return datetime.now(UTC)


def gone(owner: sa.ColumnElement[str], us: str, now: datetime, lease: timedelta = LEASE) -> sa.ColumnElement[bool]:
    """Is the process named in that column gone? We never are: what is ours is worked on here, however late we are."""
    alive = sa.select(owners.c.name).where(owners.c.seen_at >= now - lease)
    return sa.and_(owner != us, owner.not_in(alive))
