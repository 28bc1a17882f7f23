"""Signs of life of this process; and when the others have to take it for dead, it stops before they take over."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

import structlog

from gate.records import Owners

log = structlog.get_logger()

_BEAT = 3.0
"""Seconds between two signs of life, when the lease is long."""

_MARGIN = 0.8
"""The part of the lease after which an unheard process stops its work: the rest is for stopping."""


class Pulse:
    """Beats for as long as this process works. lost: called when no sign of life could be given in time; it stops the work.

    The limit is a timer of the event loop, so that a process that was frozen meets it before any work of its goes on.
    """

    def __init__(self, owners: Owners, lost: Callable[[], None]) -> None:
        self._owners, self._lost = owners, lost
        self._lease = owners.lease.total_seconds() if owners.lease else math.inf
        self._until = 0.0
        self._limit: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def beats(self) -> bool:
        """The others know that we live: what is ours stays ours for now."""
        return asyncio.get_running_loop().time() < self._until

    async def start(self) -> None:
        """Give the first sign, and go on. Errors: the store's."""
        await self._beat()
        self._task = asyncio.create_task(self._go_on(), name="pulse")

    async def stop(self) -> None:
        """Give no more, and say that we are gone: only when nothing of ours is under way any more."""
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
        if self._limit:
            self._limit.cancel()
        await self._owners.leave()

    async def _go_on(self) -> None:
        every = min(_BEAT, self._lease / 5)
        while True:
            await asyncio.sleep(every)
            try:
                async with asyncio.timeout(2 * every):
                    await self._beat()
            except Exception as error:  # the store may be away for a while; until the limit, what runs goes on
                log.warning("no_sign_of_life", error=repr(error))

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()  # the store's clock reads later than this
        await self._owners.beat()
        self._until = began + self._lease * _MARGIN
        if self._limit:
            self._limit.cancel()
        if self._until < math.inf:
            self._limit = loop.call_at(self._until, self._lost)
