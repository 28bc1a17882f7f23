"""What measurements say: how long a threshold has been exceeded, where a metric is heading, when a disk is full.

Nothing is guessed: what the points do not carry is None or `n/a`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean

from skills.instances.models import Health, Reading
from skills.instances.utilization import unmeasured
from skills.kit.ports.metrics import Metric, Point, Series

STALE = timedelta(minutes=20)
"""Without a newer point for so long (or three periods, if that is longer), nothing is known about now."""

FEWEST = 3
"""Points in each half of the window without which no trend is named."""

STEADY = 0.8
"""How much of a disk's movement a straight line must explain (R²) before it is drawn on into the future."""

HORIZON = timedelta(days=30)
"""Nothing is projected further than this."""


@dataclass(frozen=True)
class Limits:
    """From which percentages a reading is a warning, and critical."""

    warning: float
    critical: float


def read(series: Series | None, metric: Metric, limits: Limits, window: timedelta, now: datetime) -> Reading:
    """One metric judged as it is now. series: None when it could not be read."""
    points = series.points if series else ()
    values = [point.value for point in points]
    note = _unusable(series, metric, now)
    latest = None if note else values[-1]
    first, second = halves(points, now - window / 2)
    return Reading(
        metric=metric,
        health=_judge(latest, limits),
        latest=latest,
        average=fmean(values) if values else None,
        peak=max(values, default=None),
        warning=limits.warning,
        critical=limits.critical,
        trend=percentage(first, second) or "n/a",
        full_in=full_in(points) if metric is Metric.DISK and not note else None,
        note=note,
        series=series,
    )


def lasted(series: Series, threshold: float, since: datetime) -> tuple[timedelta, bool]:
    """How long the newest values have been at or over `threshold` without a break, and whether they were so from `since` on.

    A gap of more than three periods is a break. The length counts the newest point's whole period.
    """
    period = timedelta(seconds=series.period)
    began: Point | None = None
    for point in reversed(series.points):
        if point.value < threshold or (began and began.at - point.at > 3 * period):
            break
        began = point
    if began is None:
        return timedelta(0), False
    return series.points[-1].at - began.at + period, began is series.points[0] and began.at <= since + 2 * period


def halves(points: Sequence[Point], middle: datetime) -> tuple[float | None, float | None]:
    """The averages before and from `middle` on; None where there are too few points for one."""
    before = [point.value for point in points if point.at < middle]
    after = [point.value for point in points if point.at >= middle]
    return (fmean(before) if len(before) >= FEWEST else None, fmean(after) if len(after) >= FEWEST else None)


def percentage(before: float | None, after: float | None) -> str | None:
    """The change as `+15%`; None when either is missing or there was nothing before to compare with."""
    if before is None or after is None or before <= 0:
        return None
    return f"{(after - before) / before * 100:+.0f}%"


def full_in(points: Sequence[Point]) -> timedelta | None:
    """When a filling disk is full, by a straight line through `points`; None unless it fills by a point or more, and steadily."""
    if len(points) < 4 * FEWEST:
        return None
    start = points[0].at
    times = [(point.at - start).total_seconds() for point in points]
    values = [point.value for point in points]
    middle, level = fmean(times), fmean(values)
    spread = sum((at - middle) ** 2 for at in times)
    moved = sum((value - level) ** 2 for value in values)
    together = sum((at - middle) * (value - level) for at, value in zip(times, values, strict=True))
    if not spread or not moved or together <= 0 or together**2 / (spread * moved) < STEADY:
        return None
    rate = together / spread
    if rate * times[-1] < 1:
        return None
    seconds = max(0.0, (100 - level - rate * (times[-1] - middle)) / rate)
    return timedelta(seconds=round(seconds)) if seconds <= HORIZON.total_seconds() else None


def spoken(length: timedelta) -> str:
    """A length as people say it: `30 minutes`, `3 hours`, `2 days`."""
    minutes = max(1, round(length.total_seconds() / 60))
    if minutes < 120:
        return f"{minutes} minute{'s' if minutes > 1 else ''}"
    hours = round(minutes / 60)
    return f"{hours} hours" if hours < 48 else f"{round(hours / 24)} days"


def _unusable(series: Series | None, metric: Metric, now: datetime) -> str:
    if series is None:
        return "It could not be read."
    if not series.points:
        return unmeasured(metric)
    age = now - series.points[-1].at
    if age > max(STALE, timedelta(seconds=3 * series.period)):
        return f"It was last reported {spoken(age)} ago."
    return ""


def _judge(value: float | None, limits: Limits) -> Health:
    if value is None:
        return "unknown"
    return "critical" if value >= limits.critical else "warning" if value >= limits.warning else "healthy"
