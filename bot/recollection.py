"""What a conversation was about, so that "those" and "that one" mean something: stored, bounded, per person."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.routing.router import Context
from gate.action import Action
from gate.conversation import Inbound
from gate.records import Memory
from skills.kit.arguments import Result
from skills.kit.declaration import Skill
from skills.kit.ports.run import Caller

_POINTING = re.compile(r"\b(those|these|them|they|that|this|it|its|their|both|same|again|ones?)\b", re.IGNORECASE)

MOST = 50
"""How many things an answer may leave behind to be called "those"."""


class Recollection:
    """Remembers the things the last answer showed. A turn that showed none changes nothing."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def context(self, inbound: Inbound, caller: Caller) -> Context:
        """What a router may know besides the words. Most messages point at nothing said before: those read nothing."""
        allowed = _names(tuple(caller.skills()))
        recent = await self._recall(inbound) if _POINTING.search(inbound.text) else ()
        return Context(recent=recent, allowed=allowed)

    async def answered(self, inbound: Inbound, result: Result) -> None:
        """A result was shown."""
        await self._keep(inbound, result.about())

    async def asked(self, inbound: Inbound, action: Action) -> None:
        """A confirmation was asked for."""
        await self._keep(inbound, tuple(target.id for target in action.targets))

    async def _recall(self, inbound: Inbound) -> tuple[str, ...]:
        kept = await self._memory.recall(_key(inbound))
        return tuple(str(id) for id in kept.get("about", []))

    async def _keep(self, inbound: Inbound, about: tuple[str, ...]) -> None:
        if about:
            await self._memory.remember(_key(inbound), {"about": list(about[:MOST])})


def _key(inbound: Inbound) -> str:
    return f"{inbound.place.key} {inbound.principal.key}"


@lru_cache(maxsize=256)
def _names(skills: tuple[Skill, ...]) -> frozenset[str]:
    return frozenset(skill.name for skill in skills)
