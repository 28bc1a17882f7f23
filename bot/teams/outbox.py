"""What is on its way to one conversation: in order, no faster than Teams takes it, of several updates of one card the last."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential_jitter

from bot.teams.throttle import Throttle
from skills.kit.errors import Throttled

log = structlog.get_logger()

_ATTEMPTS = 6
_TOTAL = 120.0

Sleep = Callable[[float], Awaitable[None]]
Clock = Callable[[], float]


class Busy(Exception):
    """Teams answered 429: it did nothing, so the same may be sent again. retry_after: seconds, 0 when it does not say."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"Teams asks to slow down for {retry_after:g} s")
        self.retry_after = retry_after


@dataclass(eq=False)
class Delivery:
    """One request to the connector. message: which one it replaces, empty for a new one."""

    method: str
    url: str
    payload: bytes
    message: str = ""
    waiters: list[asyncio.Future[str]] = field(default_factory=list[asyncio.Future[str]])


class Outbox:
    """The queue of one conversation, with a task only while there is something to do.

    Whatever waits, be it for the throttle or after a 429, holds up what is behind it: order matters more than speed. An update
    that waits takes the content of a later one and keeps its own place.
    """

    def __init__(self, deliver: Callable[[Delivery], Awaitable[str]], clock: Clock, sleep: Sleep) -> None:
        """deliver: makes the request once and returns the message's id; raises Busy on 429."""
        self.throttle = Throttle()
        self._deliver = deliver
        self._clock = clock
        self._sleep = sleep
        self._queue: deque[Delivery] = deque()
        self._updates: dict[str, Delivery] = {}
        self._task: asyncio.Task[None] | None = None

    @property
    def task(self) -> asyncio.Task[None] | None:
        """What is working on the queue now."""
        return self._task

    def put(self, delivery: Delivery) -> asyncio.Future[str]:
        """Queue it; the result is the message's id, or the error that stopped it."""
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        if delivery.message and (waiting := self._updates.get(delivery.message)) is not None:
            waiting.payload = delivery.payload
            waiting.waiters.append(future)
            return future
        delivery.waiters.append(future)
        self._queue.append(delivery)
        if delivery.message:
            self._updates[delivery.message] = delivery
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="teams-outbox")
        return future

    async def _run(self) -> None:
        delivery: Delivery | None = None
        try:
            while self._queue:
                delivery = self._queue.popleft()
                await self._settle(delivery)
        except asyncio.CancelledError:
            for left in (delivery, *self._queue):
                for waiter in left.waiters if left else ():
                    waiter.cancel()
            raise
        finally:
            self._task = None

    async def _settle(self, delivery: Delivery) -> None:
        """Deliver it and tell whoever waits."""
        try:
            result = await self._persist(delivery)
        except Busy as busy:
            self._fail(delivery, Throttled("Teams takes no more messages in this conversation.", retry_after=busy.retry_after))
            return
        except Exception as error:  # whoever waits gets it, whatever it is; the next delivery has its own chance
            self._fail(delivery, error)
            return
        for waiter in delivery.waiters:
            if not waiter.done():
                waiter.set_result(result)

    def _fail(self, delivery: Delivery, error: Exception) -> None:
        self._close(delivery)
        waiting = [waiter for waiter in delivery.waiters if not waiter.done()]
        for waiter in waiting:
            waiter.set_exception(error)
        if not waiting:
            log.warning("message_not_delivered", error=repr(error))

    async def _persist(self, delivery: Delivery) -> str:
        """Try until it is taken, a newer update takes its place, or it is no use any more."""
        try:
            return await self._attempt(delivery)  # nearly always; the machinery below is for the rest
        except Busy as busy:
            return await self._insist(delivery, busy)

    async def _insist(self, delivery: Delivery, busy: Busy) -> str:
        started = self._clock()
        tried: list[Busy] = [busy]
        backoff = wait_exponential_jitter(multiplier=1, max=30)

        def asked(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            return error.retry_after if isinstance(error, Busy) else 0.0

        def wait(state: RetryCallState) -> float:
            # Jitter on top of what was asked for, or all conversations come back at the same moment.
            return max(asked(state) * (1 + 0.1 * backoff(state) / 30), backoff(state) if not asked(state) else 0.0)

        def stop(state: RetryCallState) -> bool:
            return state.attempt_number >= _ATTEMPTS or self._clock() - started + asked(state) > _TOTAL

        async def attempt() -> str:
            if tried:
                raise tried.pop()  # the first one has been made
            return await self._attempt(delivery)

        retrying = AsyncRetrying(retry=retry_if_exception_type(Busy), wait=wait, stop=stop, sleep=self._sleep, reraise=True)
        return await retrying(attempt)

    async def _attempt(self, delivery: Delivery) -> str:
        while (delay := self.throttle.delay(self._clock())) > 0:
            await self._sleep(delay)
        if not delivery.waiters:  # its waiters went to a newer update
            return ""
        if not delivery.message and all(waiter.cancelled() for waiter in delivery.waiters):
            return ""
        self.throttle.take(self._clock())
        self._close(delivery)
        try:
            return await self._deliver(delivery)
        except Busy:
            self._reopen(delivery)
            raise

    def _close(self, delivery: Delivery) -> None:
        """From here on its content is on the wire: a later update needs a request of its own."""
        if self._updates.get(delivery.message) is delivery:
            del self._updates[delivery.message]

    def _reopen(self, delivery: Delivery) -> None:
        if not delivery.message:
            return
        newer = self._updates.setdefault(delivery.message, delivery)
        if newer is not delivery:
            newer.waiters.extend(delivery.waiters)
            delivery.waiters.clear()
