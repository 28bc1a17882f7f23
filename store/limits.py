"""Limits counted together by several replicas: one Redis script call takes every window or none."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Closed
from redis.exceptions import RedisError

from gate.limits.window import MICROSECONDS, Use, Verdict, Window, judge
from skills.kit.errors import Unavailable

log = structlog.get_logger()

DEADLINE = 0.5
"""Seconds for one take."""

PAUSE = 2.0
"""Seconds in which Redis is not asked again after it did not answer: messages do not all wait for the deadline."""

_TAKE = """
local now = tonumber(ARGV[1])
if now < 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local uses, room = {}, true
for i, key in ipairs(KEYS) do
  local limit = tonumber(ARGV[2 * i])
  local start = now - tonumber(ARGV[2 * i + 1])
  local first = redis.call('LINDEX', key, 0)
  while first and tonumber(first) <= start do
    redis.call('LPOP', key)
    first = redis.call('LINDEX', key, 0)
  end
  local used, free, empty = 0, 0, 0
  if first then
    used = redis.call('LLEN', key)
    if used > limit then first = redis.call('LINDEX', key, used - limit) end
    free = tonumber(first) - start
    empty = tonumber(redis.call('LINDEX', key, -1)) - start
  end
  if used >= limit then room = false end
  uses[3 * i - 2], uses[3 * i - 1], uses[3 * i] = used, free, empty
end
if room then
  for i, key in ipairs(KEYS) do
    redis.call('RPUSH', key, string.format('%.0f', now))
    redis.call('PEXPIRE', key, math.ceil(tonumber(ARGV[2 * i + 1]) / 1000) + 1)
  end
end
return uses
"""
"""A list of moments per key, the oldest first. Microseconds of the epoch are exact in Lua's numbers until the year 2255."""


class RedisLimits:
    """The moments are the Redis server's, so that replicas whose clocks differ agree. Keys expire when nothing counts in them.

    A Redis that loses its memory forgets what was taken; one that evicts (`maxmemory-policy` other than `noeviction`) may too.
    Its keys have one hash tag: in a cluster they are in one slot, as a script needs them to be.
    """

    def __init__(self, url: str, *, prefix: str = "ops-copilot:limits", clock: Callable[[], float] | None = None) -> None:
        """url: `redis://…` or `rediss://…`. clock: seconds, instead of the server's. Errors: ValueError for an unusable url."""
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=16,
            timeout=DEADLINE,
            socket_timeout=DEADLINE,
            socket_connect_timeout=DEADLINE,
            # A connection that Redis closed meanwhile, as by a restart, is opened anew. Should the first try have been counted,
            # one too many counts.
            retry=Retry(NoBackoff(), 1, supported_errors=(Closed,)),
        )
        self._redis = Redis(connection_pool=pool)
        self._script: Any = self._redis.register_script(_TAKE)
        self._prefix = prefix
        self._clock = clock
        self._away_until = 0.0

    async def take(self, windows: Sequence[Window]) -> Verdict:
        """See `Limits`. Errors: Unavailable when Redis does not answer, or refuses; what was then taken is not known."""
        if time.monotonic() < self._away_until:
            raise _away("It did not answer a moment ago.")
        now = -1 if self._clock is None else round(self._clock() * MICROSECONDS)
        numbers = [number for window in windows for number in (window.limit, window.seconds * MICROSECONDS)]
        keys = [f"{{{self._prefix}}}:{window.name}:{window.key}" for window in windows]
        try:
            async with asyncio.timeout(DEADLINE):
                found: list[int] = await self._script(keys=keys, args=[now, *numbers])
        except (RedisError, OSError, TimeoutError) as error:
            self._away_until = time.monotonic() + PAUSE
            log.warning("limits_away", error=f"{type(error).__name__}: {error}")
            raise _away(type(error).__name__) from error
        return judge(windows, [Use(*found[3 * i : 3 * i + 3]) for i in range(len(windows))])

    async def close(self) -> None:
        """Close every connection."""
        await self._redis.aclose(close_connection_pool=True)


def _away(details: str) -> Unavailable:
    return Unavailable(
        "How much was asked for cannot be counted now, so nothing that changes anything is taken.",
        part="limits",
        remedy="Try again in a few seconds; whoever runs this bot finds the cause in its log.",
        details=details,
    )
