"""Cards follow their actions: whatever changes an action, here or after a restart, changes the message that shows it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from bot.presentation import Presentation
from gate.action import Action
from gate.conversation import Messenger, Place, Reply
from gate.records import Actions

log = structlog.get_logger()

_LOOK = 1.0
"""Seconds between two looks at an action that another process may be running."""


class Follower:
    """messengers: by door, filled at boot. `changed` is what the runner calls."""

    def __init__(self, actions: Actions, presentation: Presentation, messengers: Mapping[str, Messenger]) -> None:
        self._actions, self._presentation, self._messengers = actions, presentation, messengers
        self._changed = asyncio.Condition()

    async def changed(self, action: Action) -> None:
        """Show the action as it is now. Raises what the door raises: a final card that failed is tried again."""
        async with self._changed:
            self._changed.notify_all()
        known = action if action.card else await self._actions.get(action.id)
        if known is None or known.place is None:
            return  # asked for by a program that takes its answer from the request
        if (messenger := self._messengers.get(known.place.door)) is None:
            log.warning("door_is_closed_now", door=known.place.door, action=action.id)
            return
        reply = self._presentation.action(action)
        if known.card:
            await messenger.update(known.place, known.card, reply)
        elif action.state.final:
            await messenger.send(known.place, reply)

    async def tell(self, place: Place, action: Action) -> None:
        """Put the question, as it stands, into a place as a new message. Raises what the door raises."""
        if (messenger := self._messengers.get(place.door)) is not None:
            await messenger.send(place, self._presentation.action(action))

    async def final(self, id: str, seconds: float) -> Reply | None:
        """The final card of an action, waited for so long; None when it still runs."""
        deadline = asyncio.get_running_loop().time() + seconds
        while (left := deadline - asyncio.get_running_loop().time()) > 0:
            action = await self._actions.get(id)
            if action is None:
                return None
            if action.state.final:
                return self._presentation.action(action)
            await self._wait(min(left, _LOOK))
        return None

    async def _wait(self, seconds: float) -> None:
        async with self._changed:
            try:
                await asyncio.wait_for(self._changed.wait(), seconds)
            except TimeoutError:
                return
