"""What a door asks before it does anything for a message or a request."""

from __future__ import annotations

import math

from gate.conversation import Inbound
from gate.limits.memory import MemoryLimits
from gate.limits.rules import CLOSED, LimitSettings, Surface, said, surface, windows
from gate.limits.window import Limits, Verdict, Window
from gate.principal import Principal
from skills.kit.errors import Throttled, Unavailable


class Limiter:
    """Takes the windows of a surface. It comes before understanding, which costs a model's answer, and so before the gate."""

    def __init__(self, settings: LimitSettings, limits: Limits | None = None) -> None:
        """limits: where several replicas count together; None: in this process."""
        self.settings = settings
        self._own = MemoryLimits()
        self._limits: Limits = limits or self._own

    async def message(self, inbound: Inbound) -> Verdict:
        """Take one for a message or a click of a conversation. Errors: see `take`."""
        team = inbound.team or team_of(inbound.principal)
        return await self.take(surface(inbound.value), user=inbound.principal.key, team=f"{inbound.place.door}:{team}")

    async def take(self, surface: Surface, *, user: str = "", team: str = "", address: str = "") -> Verdict:
        """Take one from all of the surface's windows, or none. user: a principal's key. address: of the network.

        Errors: Unavailable when nothing can be counted and the surface is one of `CLOSED`.
        """
        return await self._count(surface, windows(surface, self.settings, user=user, team=team, address=address))

    async def notice(self, verdict: Verdict) -> bool:
        """A refusal is to be said aloud: once in the length of the window that refused, so that it does not become a flood."""
        window = verdict.window
        told = Window(f"told_{window.name}", 1, window.seconds, window.key)
        return (await self._count(Surface.CHAT, (told,))).allowed

    async def _count(self, surface: Surface, taken: tuple[Window, ...]) -> Verdict:
        try:
            return await self._limits.take(taken)
        except Unavailable:  # the implementation logs it
            if surface in CLOSED:
                raise
            return await self._own.take(taken)


def team_of(principal: Principal) -> str:
    """Who shares a team's limits with somebody who asks from no team: their organisation; programs without one are one team."""
    return principal.tenant or "service"


def refusal(verdict: Verdict) -> Throttled:
    """A refused verdict as the error a door maps."""
    seconds = math.ceil(verdict.retry_after)
    limit = said(verdict.window)
    return Throttled(
        f"Too many requests: at most {limit}.",
        retry_after=verdict.retry_after,
        remedy=f"Try again in {seconds} second{'s' if seconds != 1 else ''}.",
        details=f"Rate limit: {limit}",
    )
