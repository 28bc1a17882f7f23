"""What the cost skills answer with. Amounts are unblended, in `currency`; shares and changes are in percent."""

from __future__ import annotations

from datetime import date
from typing import Literal

from skills.kit import Duration, Outside, Part, Result

Period = Literal["today", "week", "month", "last_month"]
Advice = Literal["downsize", "upsize", "stop"]


class ServiceCost(Part):
    """One service over the period. share: of the total. previous, change: as in CostSummary; None from 0."""

    service: str
    amount: float
    share: float
    previous: float | None = None
    change: float | None = None


class DayCost(Part):
    """Everything on one day."""

    day: date
    amount: float


class CostSummary(Result):
    """What was spent from `start` up to, not including, `end` (UTC days).

    services: the dearest first. days: oldest first, days without spend as 0. previous, previous_start, previous_end: as many days
    of the day, week or month before as the period has full days, that is days before today. change: of the full days against
    those; None with a `change_note` when it cannot be said. note: something to know about all of it; mostly empty.
    forecast: what the whole month up to `forecast_end` (exclusive) is expected to come to, spent and still to spend; None with a
    `forecast_note`. estimated: the provider still corrects some of it.
    """

    period: Period
    start: date
    end: date
    currency: str
    total: float
    services: tuple[ServiceCost, ...] = ()
    days: tuple[DayCost, ...] = ()
    previous: float | None = None
    previous_start: date
    previous_end: date
    change: float | None = None
    change_note: str = ""
    forecast: float | None = None
    forecast_end: date | None = None
    forecast_note: str = ""
    estimated: bool = False
    note: str = ""


class SizeAdvice(Part):
    """What measurement suggests for one instance.

    to: the suggested type, empty for `stop` or when the family has no such size. cpu_p95, memory_p95: in percent, None when not
    measured. measured: how long the measurements reach. saving: of this instance's compute price in percent (negative: it costs
    more), from the way EC2 prices sizes of a family; never an amount of money. reason: one sentence.
    """

    instance_id: str
    name: Outside
    type: str
    advice: Advice
    to: str = ""
    cpu_p95: float | None = None
    memory_p95: float | None = None
    measured: Duration
    saving: float | None = None
    reason: str


class Unjudged(Part):
    """An instance about which nothing is said, and why."""

    instance_id: str
    name: Outside
    reason: str


class Rightsizing(Result):
    """What measured utilisation suggests. fitting: judged, and right as they are. needed: the shortest measurement judged."""

    window: Duration
    needed: Duration
    advice: tuple[SizeAdvice, ...] = ()
    fitting: int = 0
    unjudged: tuple[Unjudged, ...] = ()
