"""What a make-believe cloud costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from providers.memory.clock import Now, real
from providers.memory.faults import Faulty
from skills.kit.errors import Invalid
from skills.kit.ports.costs import Spend

Prices = Callable[[date], Mapping[str, float]]
"""What each service cost on a day, in USD."""


def usual(day: date) -> Mapping[str, float]:
    """A small fleet: less at weekends."""
    busy = 0.7 if day.weekday() >= 5 else 1.0
    return {
        "Amazon Elastic Compute Cloud - Compute": 41.3 * busy,
        "Amazon Relational Database Service": 18.2,
        "AmazonCloudWatch": 2.4,
    }


class MemoryCosts(Faulty):
    """The Costs twin. prices: per day and service. history: days before today that are known."""

    def __init__(self, prices: Prices = usual, *, history: int = 90, clock: Now = real) -> None:
        super().__init__()
        self.prices = prices
        self.history = history
        self._clock = clock

    async def daily(self, start: date, end: date) -> Sequence[Spend]:
        """Spend up to and with today, whose numbers are estimates."""
        self._may_fail("daily")
        _check(start, end)
        today = self._clock().date()
        first = max(start, today - timedelta(days=self.history))
        days = [first + timedelta(days=n) for n in range(max(0, (min(end, today + timedelta(days=1)) - first).days))]
        return [
            Spend(day=day, service=service, amount=amount, estimated=day == today)
            for day in days
            for service, amount in self.prices(day).items()
        ]

    async def forecast(self, start: date, end: date) -> float | None:
        """The mean of what is known, for as many days; None with less than a week of history."""
        self._may_fail("forecast")
        _check(start, end)
        if start < self._clock().date():
            raise Invalid(f"A forecast starts today or later, not on {start}.")
        if self.history < 7:
            return None
        days = [self._clock().date() - timedelta(days=n) for n in range(1, self.history + 1)]
        return sum(sum(self.prices(day).values()) for day in days) / len(days) * (end - start).days


def _check(start: date, end: date) -> None:
    if end <= start:
        raise Invalid(f"Costs need at least one day: {start} to {end} is none.", remedy="Give an end after the start.")
