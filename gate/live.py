"""A running action that others watch: its steps are kept as they change, and shown without holding the skill up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from gate.action import Action
from gate.records import Actions
from gate.run import Run
from skills.kit.ports.run import Step

log = structlog.get_logger()

Listener = Callable[[Action], Awaitable[None]]


class Live:
    """Keeps every change before the skill goes on; shows the newest state, leaving out what was overtaken while showing.

    cut: why this run must not go on here: what it did could not be kept, or another process runs it. The skill meets it as an
    exception wherever it reports a step, and whatever it makes of that, its end does not count.
    """

    def __init__(self, action: Action, actions: Actions, changed: Listener) -> None:
        self.action = action
        self.run = Run(action.id, steps=action.steps, show=self._keep)
        self.cut: Exception | None = None
        self._actions, self._changed = actions, changed
        self._task: asyncio.Task[None] | None = None
        self._stale = False
        self._keeping = asyncio.Lock()

    def show(self) -> None:
        """Show the action as it is now, soon."""
        self._stale = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._show())

    async def close(self) -> None:
        """Show nothing more; a show that is under way ends first, so that it cannot overtake the final card."""
        self._stale = False
        if self._task:
            await asyncio.wait([self._task])

    async def _keep(self, _: tuple[Step, ...]) -> None:
        # One after the other: targets are worked on side by side, and an older picture must not be kept last.
        async with self._keeping:
            if self.cut:
                raise self.cut
            try:
                self.action = await self._actions.save(self.action.model_copy(update={"steps": self.run.steps}))
            except Exception as error:
                self.cut = error
                raise
        self.show()

    async def _show(self) -> None:
        while self._stale:
            self._stale = False
            try:
                await self._changed(self.action)
            except Exception as error:  # progress that cannot be shown must not stop the work; the final card is insisted on
                log.warning("progress_not_shown", error=str(error))
