"""How fast a bot may write to one conversation."""

from __future__ import annotations

from collections import deque

WINDOWS = ((7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0))
"""At most so many messages in so many seconds, per bot and conversation. Source: Teams' rate limits for bots."""


class Throttle:
    """Counts what was sent to one conversation. Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._sent: deque[float] = deque(maxlen=max(count for count, _ in WINDOWS))

    def delay(self, now: float) -> float:
        """Seconds until every window has room; 0 when it has."""
        sent = self._sent
        return max((sent[-count] + span - now for count, span in WINDOWS if len(sent) >= count), default=0.0)

    def take(self, now: float) -> None:
        """One is sent now."""
        self._sent.append(now)

    def idle(self, now: float) -> bool:
        """Nothing counts any more."""
        return not self._sent or now - self._sent[-1] > WINDOWS[-1][1]
