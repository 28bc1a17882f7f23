"""The stretches of days costs are asked for, and what each is fairly compared with."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator

from skills.costs.models import Period

DAY = timedelta(days=1)

_SAID = {
    "day": "today",
    "today's": "today",
    "weekly": "week",
    "monthly": "month",
    "month to date": "month",
    "week to date": "week",
    "previous month": "last_month",
    "past month": "last_month",
}


def parse_period(said: Any) -> Any:
    """`this month`, `the last month`, `week` to a period's name; anything else is left for pydantic to refuse."""
    if not isinstance(said, str):
        return said
    words = said.strip().casefold().removeprefix("the ")
    words = words.removeprefix("this ").removeprefix("current ")
    return _SAID.get(words, words.replace(" ", "_").replace("-", "_"))


SaidPeriod = Annotated[Period, BeforeValidator(parse_period)]


@dataclass(frozen=True)
class Span:
    """Days from `start` up to, not including, `end`."""

    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        """Is the day in it?"""
        return self.start <= day < self.end

    @property
    def days(self) -> int:
        """How many."""
        return (self.end - self.start).days


def span(period: Period, today: date) -> Span:
    """The days of a period: today, since Monday, since the month's first, or the whole month before; UTC."""
    if period == "today":
        return Span(today, today + DAY)
    if period == "week":
        return Span(today - today.weekday() * DAY, today + DAY)
    first = today.replace(day=1)
    return Span(first, today + DAY) if period == "month" else Span((first - DAY).replace(day=1), first)


def before(period: Period, today: date) -> Span:
    """What the full days of a period are compared with: as many days of the day, week or month before.

    Full days are those before today. A month before that is shorter is taken whole.
    """
    now = span(period, today)
    full = (min(now.end, today) - now.start).days
    if period == "today":
        return Span(today - DAY, today)
    if period == "week":
        return Span(now.start - 7 * DAY, now.start - (7 - full) * DAY)
    first = (now.start - DAY).replace(day=1)
    length = calendar.monthrange(first.year, first.month)[1]
    return Span(first, first + (length if period == "last_month" else min(full, length)) * DAY)


def month_end(today: date) -> date:
    """The first day of the next month."""
    return (today.replace(day=1) + 32 * DAY).replace(day=1)
