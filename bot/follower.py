"""Cards follow their actions: whatever changes an action, here or after a restart, changes the message that shows it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from bot.presentation import Presentation
from gate.action import Action, ActionState
from gate.conversation import Messenger, Place, Reply
from gate.records import Actions

log = structlog.get_logger()

_LOOK = 1.0
"""Seconds between two looks at an action that another process may be running."""


PACES: Mapping[str, float] = {"teams": 1.5}
"""Seconds between two pictures of a run's progress, by door; 0 for others. Teams takes 60 messages in 30 seconds per
conversation, so three runs side by side stay below."""


class Follower:
    """messengers: by door, filled at boot. `changed` is what the runner calls. paces: see `PACES`."""

    def __init__(
        self,
        actions: Actions,
        presentation: Presentation,
        messengers: Mapping[str, Messenger],
        paces: Mapping[str, float] = PACES,
    ) -> None:
        self._actions, self._presentation, self._messengers, self._paces = actions, presentation, messengers, paces
        self._changed = asyncio.Condition()
        self._progress: dict[str, _Progress] = {}

    async def changed(self, action: Action) -> None:
        """Show the action as it is now. Raises what the door raises: a final card that failed is tried again.

        Progress is shown no more often than the door's pace, the newest last and after this returned; an end is shown at once.
        """
        async with self._changed:
            self._changed.notify_all()
        pace = self._paces.get(action.place.door, 0.0) if action.place else 0.0
        if pace and not action.state.final:
            self._progress.setdefault(action.id, _Progress(self._show, pace)).put(action)
            return
        if (progress := self._progress.pop(action.id, None)) is not None:
            await progress.close()
        await self._show(action)

    async def _show(self, action: Action) -> None:
        known = action if action.card else await self._actions.get(action.id)
        if known is None or known.place is None:
            return  # asked for by a program that takes its answer from the request
        if (messenger := self._messengers.get(known.place.door)) is None:
            log.warning("door_is_closed_now", door=known.place.door, action=action.id)
            return
        reply = self._presentation.action(action)
        if known.card:
            await messenger.update(known.place, known.card, reply)
        elif action.state.final and action.state is not ActionState.EXPIRED:  # a question nobody ever saw ends in silence
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
                async with asyncio.timeout(seconds):
                    await self._changed.wait()
            except TimeoutError:
                return


class _Progress:
    """The pictures of one run on their way: the first at once, then one per `pace` seconds, what was overtaken left out."""

    def __init__(self, show: Callable[[Action], Awaitable[None]], pace: float) -> None:
        self._show, self._pace = show, pace
        self._newest: Action | None = None
        self._due = 0.0
        self._showing = False
        self._task: asyncio.Task[None] | None = None

    def put(self, action: Action) -> None:
        """Show this, unless a newer one comes before it is due."""
        self._newest = action
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Show nothing more; what is under way ends first, so that it cannot overtake the end."""
        self._newest = None
        if self._task is not None:
            if not self._showing:
                self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        clock = asyncio.get_running_loop().time
        while self._newest is not None:
            await asyncio.sleep(self._due - clock())
            action = self._newest
            self._newest, self._due, self._showing = None, clock() + self._pace, True
            try:
                await self._show(action)
            except Exception as error:  # the next picture, or the end, has its own chance
                log.warning("progress_not_shown", action=action.id, error=str(error))
            finally:
                self._showing = False
