"""Limits counted in this process: nothing is awaited while they are taken, so they are taken whole."""

from __future__ import annotations

import time
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Sequence

from gate.limits.window import MICROSECONDS, Use, Verdict, Window, judge

_UNUSED = Use(0, 0, 0)


class MemoryLimits:
    """Remembers when each one was taken, per window name and key, for as long as it counts.

    Not more than `most` keys of a name: while so many count, others wait until one does not. Forgetting one that counts would
    break its limit; and a name that is flooded with keys, such as addresses, does not touch the other names.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, most: int = 100_000) -> None:
        """clock: seconds, never going back. most: keys of one name; one takes about 400 bytes, and 8 for each one taken."""
        self._clock = clock
        self._most = most
        self._logs: dict[str, OrderedDict[str, array[int]]] = {}

    async def take(self, windows: Sequence[Window]) -> Verdict:
        """See `Limits`. Never Unavailable."""
        now = round(self._clock() * MICROSECONDS)
        verdict = judge(windows, [self._use(window, now) for window in windows])
        if verdict.allowed:
            for window in windows:
                self._keep(window, now)
        return verdict

    @property
    def keys(self) -> int:
        """How many are remembered."""
        return sum(len(logs) for logs in self._logs.values())

    def _use(self, window: Window, now: int) -> Use:
        start = now - window.seconds * MICROSECONDS
        logs = self._logs.setdefault(window.name, OrderedDict())
        self._forget(logs, start)
        log = logs.get(window.key)
        if log is None:
            return _UNUSED if len(logs) < self._most else self._crowded(window, logs, start)
        if log[-1] <= start:
            del logs[window.key]
            return _UNUSED
        if log[0] <= start:
            del log[: bisect_right(log, start)]
        used = len(log)
        return Use(used, log[max(0, used - window.limit)] - start, log[-1] - start)

    def _keep(self, window: Window, now: int) -> None:
        logs = self._logs[window.name]
        if (log := logs.get(window.key)) is None:
            logs[window.key] = array("q", (now,))
        else:
            log.append(now)
            logs.move_to_end(window.key)

    def _forget(self, logs: OrderedDict[str, array[int]], start: int) -> None:
        # The longest unused key comes first. A take adds one key and removes up to two: what is over never heaps up.
        for _ in range(2):
            key = next(iter(logs), None)
            if key is None or logs[key][-1] > start:
                return
            del logs[key]

    def _crowded(self, window: Window, logs: OrderedDict[str, array[int]], start: int) -> Use:
        wait = logs[next(iter(logs))][-1] - start
        return Use(window.limit, wait, wait)
