"""What a door asks of the gate, and what it gets."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

from gate.action import Action
from gate.conversation import Place
from gate.principal import Principal
from skills.kit.arguments import Result
from skills.kit.declaration import Skill


@dataclass(frozen=True)
class Call:
    """One request. arguments: as said, not yet validated. words: what the person wrote. route: how that was understood."""

    skill: str
    arguments: dict[str, Any]
    principal: Principal
    correlation: str
    place: Place | None = None
    words: str = ""
    route: str = ""
    on_partial: Any = field(default=None, compare=False)
    """Called with a partial Result while a read-only skill works: `async (skill, result) -> None`."""


@dataclass(frozen=True)
class Completed:
    """It ran and only read. recorded: ends when its audit row is kept; a door awaits it before it calls the request dealt with,
    and need not keep a person waiting for the answer until then."""

    skill: Skill
    result: Result
    recorded: Awaitable[None]


@dataclass(frozen=True)
class NeedsConfirmation:
    """Nothing has happened; a person has to decide on this action."""

    skill: Skill
    action: Action


@dataclass(frozen=True)
class Running:
    """It was confirmed and runs."""

    skill: Skill
    action: Action


Outcome = Completed | NeedsConfirmation | Running
