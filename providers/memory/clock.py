"""A clock that goes only when told to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Now = Callable[[], datetime]
"""What every twin takes as its clock: gives the time, UTC."""


def real() -> datetime:
    """The time."""
    return datetime.now(UTC)


class Clock:
    """A `Now` for tests: starts at `start`, stands still until `advance`."""

    def __init__(self, start: datetime = datetime(2026, 1, 15, 12, tzinfo=UTC)) -> None:
        self._now = start

    def __call__(self) -> datetime:
        """The time it stands at."""
        return self._now

    def advance(self, by: timedelta | float) -> None:
        """Go forward by a time or a number of seconds."""
        self._now += by if isinstance(by, timedelta) else timedelta(seconds=by)
