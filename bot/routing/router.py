"""From a person's words to a skill and its arguments: the port, and the chain of those that try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

import structlog

from bot.routing.suggestions import Suggestions
from cards.answers import Suggestion
from skills.kit.errors import OpsError
from skills.kit.outside import Material

log = structlog.get_logger()


@dataclass(frozen=True)
class Context:
    """What a router may know besides the words.

    recent: ids of the instances the conversation was last about, so that "those" means something. allowed: the names of
    the skills the caller may use; None: all. material: what others wrote and a model may read besides. now: UTC.
    """

    recent: tuple[str, ...] = ()
    allowed: frozenset[str] | None = None
    material: tuple[Material, ...] = ()
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def may(self, skill: str) -> bool:
        """May the caller use this skill?"""
        return self.allowed is None or skill in self.allowed


@dataclass(frozen=True)
class Route:
    """The words mean this skill with these arguments, as they were said: the gate validates and resolves them.

    degraded: a router that is configured did not answer, so this was understood without it.
    """

    skill: str
    arguments: dict[str, Any]
    source: Literal["grammar", "claude"]
    confidence: float = 1.0
    degraded: bool = False


@dataclass(frozen=True)
class Clarify:
    """The words mean something, but a question has to be answered first."""

    question: str
    degraded: bool = False


@dataclass(frozen=True)
class NotUnderstood:
    """Nothing is done. suggestions: what would be understood, the likeliest first: to press, or phrases to say."""

    suggestions: tuple[Suggestion | str, ...] = ()
    degraded: bool = False


Outcome = Route | Clarify | NotUnderstood


class Router(Protocol):
    """Understands words, or says that it does not. Errors: OpsError when a part it needs does not answer."""

    async def route(self, words: str, context: Context) -> Outcome:
        """What the words mean."""
        ...


class Chain:
    """Asks each router in turn until one understands; when none does, it suggests what would be understood."""

    def __init__(self, routers: Sequence[Router], suggestions: Suggestions) -> None:
        self._routers, self._suggestions = tuple(routers), suggestions

    async def route(self, words: str, context: Context) -> Outcome:
        """The first answer that is not NotUnderstood. A router that fails is passed over, logged, which degrades the answer."""
        degraded = False
        for router in self._routers:
            try:
                outcome = await router.route(words, context)
            except OpsError as error:
                log.warning("router_passed_over", router=type(router).__name__, code=error.code, error=error.what)
                degraded = True
                continue
            if not isinstance(outcome, NotUnderstood):
                return replace(outcome, degraded=True) if degraded else outcome
        return NotUnderstood(self._suggestions.near(words, context.allowed), degraded)
