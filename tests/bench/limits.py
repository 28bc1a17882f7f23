"""What one message's limits cost: its three windows, taken together.

In memory the peer is the naive counter of fixed windows, a dict of (key, minute) that never forgets and takes one window after
the other. In Redis it is three INCRs with their EXPIREs in one pipeline: as little as a counter there can do, and not whole.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

from redis.asyncio import Redis

from gate.limits.limiter import Limiter
from gate.limits.memory import MemoryLimits
from gate.limits.rules import LimitSettings, Surface, windows
from gate.limits.window import Window
from store.limits import RedisLimits

ROUNDS = 7
PEOPLE = 200
SERVER = os.environ.get("OPS_TEST_REDIS", "redis://127.0.0.1:6379/0")
PREFIX = f"ops-bench-{os.getpid()}"

Take = Callable[[tuple[Window, ...]], Awaitable[Any]]


def run() -> list[dict[str, Any]]:
    """name, value, unit, peer (its value), ratio (value / peer). Medians of interleaved rounds; Redis only where there is one."""
    return asyncio.run(_run())


async def _run() -> list[dict[str, Any]]:
    taken = [_taken(number) for number in range(PEOPLE)]
    full = [tuple(window._replace(limit=1) for window in one) for one in taken]
    memory, crowded, naive = MemoryLimits(), MemoryLimits(), _Naive()
    for one in full:
        await crowded.take(one)
    limiter = Limiter(LimitSettings(chat_user=10**9, chat_team=10**9, chat_burst=10**9))
    rows = [
        await _row("limits of a message, in memory", memory.take, naive.take, taken, 50),
        await _row("limits of a message that is refused, in memory", crowded.take, naive.take, full, 50),
        await _row("limits of a message with their table, in memory", lambda one: _message(limiter, one), naive.take, taken, 50),
    ]
    redis = Redis.from_url(SERVER)
    try:
        await redis.ping()
    except OSError:
        return rows
    limits = RedisLimits(SERVER, prefix=PREFIX)
    rows.append(await _row("limits of a message, in Redis", limits.take, lambda one: _bare(redis, one), taken, 2))
    await limits.close()
    if left := [key async for key in redis.scan_iter(match=f"*{PREFIX}*")]:
        await redis.delete(*left)
    await redis.aclose()
    return rows


async def _message(limiter: Limiter, taken: tuple[Window, ...]) -> None:
    await limiter.take(Surface.CHAT, user=taken[0].key, team=taken[1].key)


def _taken(number: int) -> tuple[Window, ...]:
    # So high that everything passes and the logs are as long as a minute of this makes them.
    given = LimitSettings(chat_user=10**9, chat_team=10**9, chat_burst=10**9)
    return windows(Surface.CHAT, given, user=f"teams:tenant/{number}", team=f"teams:{number % 20}", address="")


async def _row(name: str, ours: Take, peer: Take, taken: list[tuple[Window, ...]], times: int) -> dict[str, Any]:
    mine: list[float] = []
    theirs: list[float] = []
    for _ in range(ROUNDS):
        mine.append(await _each(ours, taken, times))
        theirs.append(await _each(peer, taken, times))
    value, other = statistics.median(mine), statistics.median(theirs)
    return {"name": name, "value": round(value, 2), "unit": "µs", "peer": round(other, 2), "ratio": round(value / other, 2)}


async def _each(take: Take, taken: list[tuple[Window, ...]], times: int) -> float:
    """Microseconds of one."""
    started = time.perf_counter()
    for _ in range(times):
        for one in taken:
            await take(one)
    return (time.perf_counter() - started) / (times * len(taken)) * 1e6


class _Naive:
    """Fixed windows, one after the other."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, int], int] = {}

    async def take(self, taken: tuple[Window, ...]) -> bool:
        now = time.time()
        for window in taken:
            key = (window.name, window.key, int(now // window.seconds))
            count = self._counts.get(key, 0)
            if count >= window.limit:
                return False
            self._counts[key] = count + 1
        return True


async def _bare(redis: Redis, taken: tuple[Window, ...]) -> None:
    async with redis.pipeline(transaction=False) as pipe:
        for window in taken:
            key = f"{PREFIX}:bare:{window.name}:{window.key}"
            pipe.incr(key)
            pipe.expire(key, window.seconds)
        await pipe.execute()
