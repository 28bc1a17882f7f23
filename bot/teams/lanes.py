"""Work behind the requests: bounded, and in order for each person in each conversation."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Lanes(Generic[T]):
    """Each lane does its items one after the other; at most `width` lanes work at a time."""

    def __init__(self, work: Callable[[T], Awaitable[None]], *, width: int) -> None:
        """work: does one item and does not raise."""
        self._work = work
        self._width = asyncio.Semaphore(width)
        self._lanes: dict[Hashable, deque[T]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.waiting = 0
        """Items that are not finished."""

    def put(self, lane: Hashable, item: T) -> None:
        """Do it as soon as it is its turn."""
        self.waiting += 1
        if (queue := self._lanes.get(lane)) is not None:
            queue.append(item)
            return
        self._lanes[lane] = deque([item])
        task = asyncio.create_task(self._run(lane), name="teams-turns")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self, seconds: float) -> int:
        """Let it finish for so long, then stop it; how many items were not finished."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        return self.waiting

    async def _run(self, lane: Hashable) -> None:
        queue = self._lanes[lane]
        try:
            while queue:
                async with self._width:
                    await self._work(queue.popleft())
                self.waiting -= 1
        finally:
            del self._lanes[lane]
