"""What waits for other people is not forgotten: the conversation is reminded, then whoever is named to step in is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from pydantic import BaseModel, Field

from gate.action import Action
from gate.conversation import Place
from gate.records import Actions, Places
from skills.kit.arguments import Duration

log = structlog.get_logger()

Tell = Callable[[Place, Action], Awaitable[None]]


class ApprovalSettings(BaseModel):
    """When people are told again of what waits for a second person."""

    remind_after: Duration = Field(
        default=timedelta(minutes=4), description="After this long the conversation is reminded of what waits for approval."
    )
    escalate_after: Duration = Field(
        default=timedelta(minutes=9),
        description="After this long whoever is named below is told; 15 minutes after asking it expires.",
    )
    escalate_to: list[str] = Field(
        default=[], description="Who is told then: principals (`teams:TENANT/OBJECT-ID`) who have talked to the bot before."
    )


class Reminders:
    """A chore of the runner. tell: puts the question, as it stands, into a place as a new message."""

    def __init__(
        self, settings: ApprovalSettings, actions: Actions, places: Places, tell: Tell, clock: Callable[[], datetime]
    ) -> None:
        self._settings, self._actions, self._places = settings, actions, places
        self._tell, self._clock = tell, clock

    async def look(self) -> None:
        """Remind of everything that is due; each reminder is given once, whichever process gives it."""
        now = self._clock()
        for action in await self._actions.waiting():
            age = now - action.created_at
            if action.expires_at <= now:
                continue
            if action.reminded == 0 and age >= self._settings.remind_after:
                await self._give(action, [action.place] if action.place else [])
            elif action.reminded == 1 and age >= self._settings.escalate_after:
                await self._give(action, [place for who in self._settings.escalate_to for place in await self._near(who)])

    async def _near(self, principal: str) -> list[Place]:
        return list(await self._places.of(principal))[:1]

    async def _give(self, action: Action, places: list[Place]) -> None:
        if not await self._actions.remind(action.id, action.reminded):
            return
        for place in places:
            try:
                await self._tell(place, action)
            except Exception as error:  # one place that cannot be reached must not keep the others from being told
                log.warning("reminder_not_delivered", action=action.id, place=place.key, error=str(error))
