"""Actions on SQL. See `gate.records.Actions`: every transition is one guarded statement, so of two that race one wins."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gate.action import Action, ActionState
from gate.conversation import Place
from gate.principal import Principal
from gate.records import Row, TakenOver
from store.audit import SqlAudit
from store.engine import Database
from store.owners import LEASE, gone, moment
from store.tables import actions

_DELIVERABLE = timedelta(days=1)

# Every step of a run uses these: built once, because to build them takes longer than to run them.
_OURS = (
    sa.select(actions.c.body)
    .where(
        actions.c.id == sa.bindparam("which"), actions.c.owner == sa.bindparam("us"), actions.c.state == ActionState.RUNNING.value
    )
    .with_for_update()
)
_KEEP = (
    sa.update(actions)
    .where(actions.c.id == sa.bindparam("which"))
    .values({name: sa.bindparam(name, type_=actions.c[name].type) for name in ("state", "delivered", "body")})
)
_DELIVERED = sa.update(actions).where(actions.c.id == sa.bindparam("which")).values(delivered=True)


class SqlActions:
    """The row's columns are what is searched and guarded; the whole action is its JSON body.

    audit: the record of the same database, with its keys. lease: see `SqlOwners`.
    """

    def __init__(self, database: Database, owner: str, *, audit: SqlAudit | None = None, lease: timedelta = LEASE) -> None:
        self._database = database
        self._owner = owner
        self._audit = audit or SqlAudit(database)
        self._lease = lease

    async def add(self, action: Action, *, record: Row | None = None) -> None:
        """Keep a new pending action."""
        row = {
            **_columns(action),
            "id": action.id,
            "skill": action.skill,
            "principal": action.principal.key,
            "conversation": action.place.key if action.place else "",
            "created_at": action.created_at,
            "expires_at": action.expires_at,
            "cancel_requested": False,
        }

        def insert(connection: Connection) -> None:
            connection.execute(sa.insert(actions), row)
            self._note(connection, record, action)

        await self._database.run(insert, together=record is not None)

    async def get(self, id: str) -> Action | None:
        """The action, or None."""

        def read(connection: Connection) -> Action | None:
            row = connection.execute(sa.select(actions).where(actions.c.id == id)).mappings().first()
            return _action(row) if row else None

        return await self._database.run(read)

    async def attach(self, id: str, place: Place, card: str) -> None:
        """Remember which message shows it."""

        def change(connection: Connection) -> None:
            for action in _locked(connection, actions.c.id == id):
                _write(connection, action.model_copy(update={"place": place, "card": card}), conversation=place.key)

        await self._database.run(change)

    async def confirm(self, id: str, by: Principal, now: datetime, *, record: Row | None = None) -> Action | None:
        """Add an approval; pending -> confirmed when there are enough."""

        def change(connection: Connection) -> Action | None:
            for action in _locked(connection, actions.c.id == id, _is(ActionState.PENDING), actions.c.expires_at > now):
                if by.key in {other.key for other in action.approved}:
                    return None
                approved = (*action.approved, by) if action.approvals else ()
                enough = len(approved) >= action.approvals
                decided = {"decided_by": by, "decided_at": now, "state": ActionState.CONFIRMED} if enough else {}
                changed = action.model_copy(update={"approved": approved, **decided})
                _write(connection, changed)
                self._note(connection, record, changed)
                return changed
            return None

        return await self._database.run(change, together=record is not None)

    async def decline(self, id: str, by: Principal, now: datetime, *, record: Row | None = None) -> bool:
        """pending -> cancelled."""

        def change(connection: Connection) -> bool:
            pending = _locked(connection, actions.c.id == id, _is(ActionState.PENDING))
            update = {"state": ActionState.CANCELLED, "decided_by": by, "decided_at": now, "ended_at": now}
            declined = [action.model_copy(update=update) for action in pending]
            for action in declined:
                _write(connection, action)
            self._note(connection, record, *declined)
            return bool(declined)

        return await self._database.run(change, together=record is not None)

    async def waiting(self, limit: int = 50) -> Sequence[Action]:
        """Pending ones that wait for other people."""

        def read(connection: Connection) -> Sequence[Action]:
            query = sa.select(actions).where(_is(ActionState.PENDING)).order_by(actions.c.created_at)
            pending = (_action(row) for row in connection.execute(query).mappings())
            return list(islice((action for action in pending if action.approvals), limit))

        return await self._database.run(read)

    async def remind(self, id: str, reminded: int) -> bool:
        """Count a reminder."""

        def change(connection: Connection) -> bool:
            pending = _locked(connection, actions.c.id == id, _is(ActionState.PENDING))
            due = [action for action in pending if action.reminded == reminded]
            for action in due:
                _write(connection, action.model_copy(update={"reminded": reminded + 1}))
            return bool(due)

        return await self._database.run(change)

    async def expire(self, now: datetime, *, record: Row | None = None) -> Sequence[Action]:
        """pending -> expired."""

        def change(connection: Connection) -> Sequence[Action]:
            due = _locked(connection, _is(ActionState.PENDING), actions.c.expires_at <= now)
            expired = [action.model_copy(update={"state": ActionState.EXPIRED, "ended_at": now}) for action in due]
            for action in expired:
                _write(connection, action)
            self._note(connection, record, *expired)
            return expired

        return await self._database.run(change, together=record is not None)

    async def claim(
        self,
        now: datetime,
        *,
        ids: Collection[str] = (),
        running: Collection[str] | None = None,
        limit: int = 16,
        record: Row | None = None,
    ) -> Sequence[Action]:
        """confirmed, or running but nowhere -> running and ours."""

        def change(connection: Connection) -> Sequence[Action]:
            lost = gone(actions.c.owner, self._owner, moment(connection), self._lease)
            if running is not None:
                lost = sa.or_(lost, sa.and_(actions.c.owner == self._owner, actions.c.id.not_in(running)))
            free = sa.or_(_is(ActionState.CONFIRMED), sa.and_(_is(ActionState.RUNNING), lost))
            which = [free, actions.c.id.in_(ids)] if ids else [free]
            claimed = [_begun(action, now) for action in _locked(connection, *which, limit=max(limit, len(ids)))]
            for action in claimed:
                _write(connection, action, owner=self._owner)
            self._note(connection, record, *claimed)
            return claimed

        return await self._database.run(change, together=record is not None)

    async def cancellations(self, ids: Sequence[str]) -> Sequence[str]:
        """Those of ours that somebody asked to cancel."""
        asked = sa.select(actions.c.id).where(actions.c.id.in_(ids), actions.c.cancel_requested)
        return await self._database.run(lambda connection: connection.execute(asked).scalars().all())

    async def save(self, action: Action, *, record: Row | None = None) -> Action:
        """Keep its steps, result and state. Errors: TakenOver."""

        def change(connection: Connection) -> Action:
            kept = connection.execute(_OURS, {"which": action.id, "us": self._owner}).scalar_one_or_none()
            if kept is None:
                raise TakenOver(action.id)
            saved = action
            if kept["card"] != action.card:  # which message shows it has changed since we read it
                saved = action.model_copy(update={"place": Place.model_validate(kept["place"]), "card": kept["card"]})
            _write(connection, saved)
            self._note(connection, record, saved)
            return saved

        return await self._database.run(change, together=record is not None)

    async def ask_cancel(self, id: str) -> bool:
        """Ask the owner to cancel it."""
        running = sa.and_(actions.c.id == id, actions.c.state.in_([ActionState.RUNNING, ActionState.CONFIRMED]))
        change = sa.update(actions).where(running).values(cancel_requested=True)
        return await self._database.run(lambda connection: connection.execute(change).rowcount == 1)

    async def delivered(self, id: str) -> None:
        """Its final card arrived."""
        await self._database.run(lambda connection: connection.execute(_DELIVERED, {"which": id}))

    async def undelivered(self) -> Sequence[Action]:
        """Final ones whose card did not arrive."""
        final = [state for state in ActionState if state.final]

        def take(connection: Connection) -> Sequence[Action]:
            now = moment(connection)
            nobody = sa.or_(actions.c.owner.is_(None), gone(actions.c.owner, self._owner, now, self._lease))
            recent = actions.c.expires_at > now - _DELIVERABLE
            which = (actions.c.state.in_(final), ~actions.c.delivered, recent, sa.or_(actions.c.owner == self._owner, nobody))
            found = _locked(connection, *which, limit=100, newest=True)
            ids = [action.id for action in found]
            connection.execute(sa.update(actions).where(actions.c.id.in_(ids), nobody).values(owner=self._owner))
            return found

        return await self._database.run(take)

    def _note(self, connection: Connection, record: Row | None, *changed: Action) -> None:
        if record and changed:
            self._audit.insert([record(action) for action in changed], connection)


def _is(state: ActionState) -> sa.ColumnElement[bool]:
    return actions.c.state == state.value


def _begun(action: Action, now: datetime) -> Action:
    started = {"started_at": action.started_at or now, "attempts": action.attempts + 1}
    return action.model_copy(update={"state": ActionState.RUNNING, **started})


def _locked(
    connection: Connection, *which: sa.ColumnElement[bool], limit: int | None = None, newest: bool = False
) -> list[Action]:
    """The actions that fit, locked until the commit; SQLite's one writer needs no lock. limit: leave out what others lock."""
    order = actions.c.created_at.desc() if newest else actions.c.created_at
    query = sa.select(actions).where(*which).order_by(order).limit(limit).with_for_update(skip_locked=limit is not None)
    return [_action(row) for row in connection.execute(query).mappings()]


def _write(connection: Connection, action: Action, **columns: Any) -> None:
    if columns:
        connection.execute(sa.update(actions).where(actions.c.id == action.id).values(**_columns(action), **columns))
    else:
        connection.execute(_KEEP, {"which": action.id, **_columns(action)})


def _columns(action: Action) -> dict[str, Any]:
    body = action.model_dump(mode="json", exclude={"cancel_requested", "delivered", "state"})
    return {"state": action.state.value, "delivered": action.delivered, "body": body}


def _action(row: sa.RowMapping) -> Action:
    live = {"state": row["state"], "delivered": row["delivered"], "cancel_requested": row["cancel_requested"]}
    return Action.model_validate({**row["body"], **live})
