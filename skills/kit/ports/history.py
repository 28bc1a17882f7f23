"""What people asked for and what became of it, as the audit record tells it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

from skills.kit.arguments import Part

Event = Literal[
    "request", "refused", "asked", "approved", "confirmed", "declined", "expired", "started", "succeeded", "failed", "stopped"
]
"""How something stands: `request` was answered (it only read); `asked` waits to be confirmed; `stopped` was cancelled running."""


class Touched(Part):
    """Something it was about. name: as it was called then."""

    id: str
    name: str = ""


class Word(Part):
    """What somebody else, or the same person later, said to it: confirmed, approved, declined, tried and was refused."""

    person: str
    said: str
    at: datetime


class Deed(Part):
    """Something somebody asked for. person: what they were called then; principal: who that is. words: as they wrote them,
    secrets masked. why: why it was refused or failed. id: the correlation id, under which the record and the logs have the rest.
    """

    id: str
    at: datetime
    person: str
    principal: str
    door: str = ""
    words: str = ""
    skill: str
    targets: tuple[Touched, ...] = ()
    outcome: Event
    ended_at: datetime | None = None
    decisions: tuple[Word, ...] = ()
    why: str = ""


class HistoryQuery(BaseModel):
    """Which deeds; what is empty does not narrow. since is included, until is not. principal: who asked or decided, exactly.
    person: a part of a name. targets: ids. skills: names, or nouns such as `instances`. reads: those that only read, too."""

    model_config = ConfigDict(frozen=True)

    since: datetime | None = None
    until: datetime | None = None
    principal: str = ""
    person: str = ""
    targets: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    reads: bool = False
    limit: int = 20
    offset: int = 0


class History(Protocol):
    """Reads the record; nothing here changes it."""

    async def deeds(self, query: HistoryQuery) -> Sequence[Deed]:
        """The deeds that fit, the one something happened to last first."""
        ...
