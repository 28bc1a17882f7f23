"""The typing indicator of a turn that takes its time."""

from __future__ import annotations

import asyncio
from types import TracebackType

from gate.conversation import Messenger, Place

AFTER = 0.5
"""Seconds until it is shown: a quick answer needs none."""

EVERY = 3.0
"""Seconds between two: Teams takes one away after a little longer."""


class Typing:
    """`async with Typing(...)`: typing is shown while the body runs, after half a second and then every three."""

    def __init__(self, messenger: Messenger, place: Place) -> None:
        self._messenger = messenger
        self._place = place
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> None:
        """Start waiting; a timer costs next to nothing when the turn is quick."""
        self._timer = asyncio.get_running_loop().call_later(AFTER, self._begin)

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop."""
        if self._timer:
            self._timer.cancel()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _begin(self) -> None:
        self._task = asyncio.create_task(self._show(), name="typing")

    async def _show(self) -> None:
        while True:
            await self._messenger.typing(self._place)
            await asyncio.sleep(EVERY)
