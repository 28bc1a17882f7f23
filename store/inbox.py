"""The inbox on SQL. See `gate.records.Inbox`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gate.records import Envelope
from store.engine import Database
from store.insertion import insert_new
from store.owners import LEASE, gone, moment
from store.tables import inbox

_KEPT = timedelta(days=2)  # as long as a redelivery could come
_DONE = (
    sa.update(inbox).where(inbox.c.id == sa.bindparam("which")).values(done_at=sa.bindparam("now", type_=inbox.c.done_at.type))
)
"""Built once: every turn runs it, and to build it takes longer than to run it."""


class SqlInbox:
    """Rows are ours while `owner` is us; what an owner that is gone left open is taken over by `left`. lease: see `SqlOwners`."""

    def __init__(self, database: Database, owner: str, *, lease: timedelta = LEASE) -> None:
        self._database = database
        self._owner = owner
        self._lease = lease

    async def receive(self, id: str, body: dict[str, Any]) -> bool:
        """Keep it; False when it is known."""
        row = {"id": id, "body": body, "received_at": datetime.now(UTC), "owner": self._owner, "attempts": 1}
        return await self._database.run(lambda connection: insert_new(connection, inbox, row))

    async def done(self, *ids: str) -> None:
        """Mark them dealt with."""
        now = datetime.now(UTC)
        rows = [{"which": id, "now": now} for id in ids]
        await self._database.run(lambda connection: connection.execute(_DONE, rows))

    async def left(self) -> Sequence[Envelope]:
        """Take over what an owner that is gone left open, and forget what nobody can deliver again."""

        def take(connection: Connection) -> Sequence[Envelope]:
            now = moment(connection)
            connection.execute(sa.delete(inbox).where(inbox.c.done_at < now - _KEPT))
            open_ = (
                sa.select(inbox)
                .where(inbox.c.done_at.is_(None), gone(inbox.c.owner, self._owner, now, self._lease))
                .order_by(inbox.c.received_at)
                .with_for_update(skip_locked=True)
            )
            rows = connection.execute(open_).mappings().all()
            ids = [row["id"] for row in rows]
            mine = sa.update(inbox).where(inbox.c.id.in_(ids)).values(owner=self._owner, attempts=inbox.c.attempts + 1)
            connection.execute(mine)
            return [
                Envelope(id=row["id"], body=row["body"], received_at=row["received_at"], attempts=row["attempts"] + 1)
                for row in rows
            ]

        return await self._database.run(take)
