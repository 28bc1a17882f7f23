"""What is remembered, as ports. `store` implements them; their twin is the same code on SQLite in memory (`sqlite://`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict

from gate.action import Action
from gate.conversation import Place
from gate.principal import Principal


class Envelope(BaseModel):
    """An activity as it came in, kept until it is dealt with. id: equal for every delivery of the same activity."""

    model_config = ConfigDict(frozen=True)

    id: str
    body: dict[str, Any]
    received_at: datetime
    attempts: int = 1


class Owners(Protocol):
    """The processes that serve from one store. One that gives no sign of life for `lease` is gone: others take over its work."""

    @property
    def lease(self) -> timedelta | None:
        """How long a silent process is taken to live; None when no other process serves from this store."""
        ...

    async def beat(self) -> None:
        """We live."""
        ...

    async def leave(self) -> None:
        """We are gone from now on."""
        ...


class Inbox(Protocol):
    """Messages that were accepted: none is lost, none is dealt with twice."""

    async def receive(self, id: str, body: dict[str, Any]) -> bool:
        """Keep it, durably. False when it is known already: then nothing is to be done."""
        ...

    async def done(self, *ids: str) -> None:
        """They were dealt with."""
        ...

    async def left(self) -> Sequence[Envelope]:
        """What a process that is gone accepted and did not finish, oldest first; ours now, and its attempts grow by one."""
        ...


class AuditEntry(BaseModel):
    """One row of the record.

    event: `request`, `refused`, `asked`, `approved`, `confirmed`, `declined`, `cancel_asked`, `expired`, `started`, `succeeded`,
    `failed`, `stopped`, and `serving` when a process begins. name: what people call the principal. body: arguments, targets,
    words, route, decision, outcome; redacted before it is kept.
    """

    model_config = ConfigDict(frozen=True)

    at: datetime
    principal: str
    name: str = ""
    event: str
    skill: str = ""
    correlation: str
    body: dict[str, Any] = {}


Row = Callable[[Action], AuditEntry]


class TakenOver(Exception):
    """An action of ours is run by another process now: we were silent for too long."""


class Actions(Protocol):
    """Actions, and the single steps between their states. Every transition is atomic: of two that race, one wins.

    record: makes the row of the audit record for an action that changed; it is added with the change or not at all. It may be
    called more than once for one change, so it does nothing else.
    """

    async def add(self, action: Action, *, record: Row | None = None) -> None:
        """Keep a new pending action."""
        ...

    async def get(self, id: str) -> Action | None:
        """The action, or None."""
        ...

    async def attach(self, id: str, place: Place, card: str) -> None:
        """Remember which message shows it."""
        ...

    async def confirm(self, id: str, by: Principal, now: datetime, *, record: Row | None = None) -> Action | None:
        """Add an approval, and pending -> confirmed when there are enough; the action then.

        None when it was not pending any more, had expired, or they approved it before.
        """
        ...

    async def decline(self, id: str, by: Principal, now: datetime, *, record: Row | None = None) -> bool:
        """pending -> cancelled."""
        ...

    async def waiting(self, limit: int = 50) -> Sequence[Action]:
        """Pending ones that wait for other people, oldest first."""
        ...

    async def remind(self, id: str, reminded: int) -> bool:
        """Count a reminder; False when it is not pending any more or another process reminded first."""
        ...

    async def expire(self, now: datetime, *, record: Row | None = None) -> Sequence[Action]:
        """pending -> expired for all whose time is over; those that changed."""
        ...

    async def claim(
        self,
        now: datetime,
        *,
        ids: Collection[str] = (),
        running: Collection[str] | None = None,
        limit: int = 16,
        record: Row | None = None,
    ) -> Sequence[Action]:
        """confirmed -> running, and running ones that nobody runs any more: ours from now on, oldest first.

        ids: only those. running: those that run in this process; one of ours that is not among them has broken off. None: all
        of ours run.
        """
        ...

    async def cancellations(self, ids: Sequence[str]) -> Sequence[str]:
        """Those of these whose cancellation was asked for."""
        ...

    async def save(self, action: Action, *, record: Row | None = None) -> Action:
        """Keep its steps, result or failure and state, while it is ours; the action as kept. Errors: TakenOver."""
        ...

    async def ask_cancel(self, id: str) -> bool:
        """Ask the owner of a running action to cancel it; False when it does not run."""
        ...

    async def delivered(self, id: str) -> None:
        """Its final card reached the conversation."""
        ...

    async def undelivered(self) -> Sequence[Action]:
        """Final ones of the last day whose card has not reached their conversation, newest first: ours, and those of nobody
        that is there, which become ours."""
        ...


class Audit(Protocol):
    """The record of every request, decision and effect; rows are only ever added."""

    async def append(self, entry: AuditEntry) -> None:
        """Add a row."""
        ...

    async def read(self, *, correlation: str = "", principal: str = "", limit: int = 100) -> Sequence[AuditEntry]:
        """The newest rows first."""
        ...


class Places(Protocol):
    """Conversation references, for messages nobody asked for."""

    async def remember(self, place: Place, principal: str) -> None:
        """Keep the newest reference of a conversation."""
        ...

    async def find(self, key: str) -> Place | None:
        """The reference of a conversation."""
        ...

    async def of(self, principal: str) -> Sequence[Place]:
        """Where somebody can be reached, most recent first."""
        ...


class Message(BaseModel):
    """One message of a conversation kept here. author: `person` or `bot`. changed: a number that grows with every change."""

    model_config = ConfigDict(frozen=True)

    id: str
    author: str
    text: str
    card: dict[str, Any] | None = None
    at: datetime
    changed: int


class Transcript(Protocol):
    """Conversations of doors that have no server of their own behind them, such as the chat page."""

    async def add(self, conversation: str, author: str, text: str, card: dict[str, Any] | None = None) -> Message:
        """Add a message."""
        ...

    async def replace(self, id: str, text: str, card: dict[str, Any] | None) -> Message | None:
        """Replace a message's content; None when it is not there."""
        ...

    async def since(self, conversation: str, changed: int = 0, limit: int = 200) -> Sequence[Message]:
        """What was added or changed after that number, oldest change first; the newest `limit` of them."""
        ...


class Memory(Protocol):
    """What a conversation with one person was about: bounded, so that "those" and "that one" mean something."""

    async def recall(self, key: str) -> dict[str, Any]:
        """What is remembered; empty when nothing is."""
        ...

    async def remember(self, key: str, body: dict[str, Any]) -> None:
        """Replace what is remembered."""
        ...
