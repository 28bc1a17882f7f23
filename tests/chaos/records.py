"""What the replicas' store holds, read from beside them."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from gate.action import Action
from store.audit import entry
from store.tables import actions, audit, inbox


@dataclass(frozen=True)
class Picture:
    """One look at the store. action: the one that is watched. events: its audit rows, oldest first. open: kept activities
    nobody has dealt with yet."""

    action: Action
    events: tuple[str, ...]
    open: int


class Records:
    """Reads only. url: the store's."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            url = f"sqlite:///file:{parsed.database}?mode=ro&uri=true"
        self._engine = sa.create_engine(url, connect_args={"timeout": 10} if "sqlite" in url else {})

    def look(self, id: str) -> Picture:
        """The action, its audit rows and the inbox, at one moment."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(actions).where(actions.c.id == id)).mappings().one()
            live = {key: row[key] for key in ("state", "delivered", "cancel_requested")}
            action = Action.model_validate({**row["body"], **live})
            query = sa.select(audit).where(audit.c.correlation == action.correlation).order_by(audit.c.seq)
            rows = [entry(row) for row in connection.execute(query).mappings()]
            events = [row.event for row in rows if row.body.get("action") == id]
            waiting = sa.select(sa.func.count()).select_from(inbox).where(inbox.c.done_at.is_(None))
            return Picture(action, tuple(events), connection.execute(waiting).scalar_one())

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()
