"""How often something may happen: windows, what is said about them, and the port that counts.

A window slides: however a span of its length is laid over time, at most `limit` were taken in it. Fixed windows would let twice
as many pass around an edge, and a leaky bucket nearly twice as many in its first span. It costs a remembered moment for each
one taken, at most `limit` a key. A span includes its start and not its end: what was taken 60 s ago does not count any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

MICROSECONDS = 1_000_000
"""In a second. Moments are whole microseconds, so that a retry at the very moment that was promised succeeds."""


class Window(NamedTuple):
    """At most `limit` in any span of `seconds`, for one `key`. Windows of one name have one length; keys are compared in it."""

    name: str
    limit: int
    seconds: int
    key: str


class Verdict(NamedTuple):
    """What was decided, as the tightest window has it: of those with room the one with least, else the one to wait longest for.

    remaining: how many more it takes now. reset_after: seconds until all of its limit is there again, if nothing more is taken.
    retry_after: seconds until every window has room, 0 when they had.
    """

    allowed: bool
    window: Window
    remaining: int
    reset_after: float
    retry_after: float

    @property
    def limit(self) -> int:
        """The window's."""
        return self.window.limit


class Use(NamedTuple):
    """How full a window was before. used: what counts. free_in, empty_in: microseconds until one less, and nothing, counts."""

    used: int
    free_in: int
    empty_in: int


class Limits(Protocol):
    """Counts. `gate.limits.memory` for one process, `store.limits` for several."""

    async def take(self, windows: Sequence[Window]) -> Verdict:
        """Take one from every window, or, when any of them is full, from none. Errors: Unavailable when nothing can be counted.

        windows: at least one, and no two of one name and key.
        """
        ...


def judge(windows: Sequence[Window], uses: Sequence[Use]) -> Verdict:
    """What `take` answers: one was taken from every window exactly when each had room."""
    both = list(zip(windows, uses, strict=True))
    if full := [(use.free_in, window, use) for window, use in both if use.used >= window.limit]:
        wait, window, use = max(full)
        return Verdict(False, window, 0, use.empty_in / MICROSECONDS, wait / MICROSECONDS)
    left, seconds, window = min((window.limit - use.used, -window.seconds, window) for window, use in both)
    return Verdict(True, window, left - 1, float(-seconds), 0.0)
