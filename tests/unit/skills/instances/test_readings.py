from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from skills.instances.readings import Limits, full_in, halves, lasted, percentage, read, spoken
from skills.kit.ports.metrics import Metric, Point, Series

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
PERIOD = timedelta(minutes=5)
LIMITS = Limits(80, 90)


def series(values: Sequence[float | None], metric: Metric = Metric.CPU, end: datetime = NOW) -> Series:
    """Five minutes apart, the last one ending at `end`; None is a gap."""
    times = [end - PERIOD * (len(values) - n) for n in range(len(values))]
    points = tuple(Point(at=at, value=value) for at, value in zip(times, values, strict=True) if value is not None)
    return Series(instance_id="i-1", metric=metric, period=300, points=points)


@pytest.mark.parametrize(
    ("values", "minutes", "whole"),
    [
        ([20, 20, 20, 95, 95, 95, 95, 95, 95], 30, False),
        ([95, 95, 20, 95], 5, False),
        ([20, 20, 90], 5, False),
        ([20, 20, 89.9], 0, False),
        ([], 0, False),
        ([95, 95, None, 95, 95], 25, True),
        ([95, 95, None, None, None, None, 95, 95], 10, False),
        ([95] * 12, 60, True),
    ],
)
def test_how_long_a_threshold_has_been_exceeded(values: list[float | None], minutes: int, whole: bool) -> None:
    since = NOW - PERIOD * len(values)
    assert lasted(series(values), 90, since) == (timedelta(minutes=minutes), whole)


def test_a_short_history_is_not_the_whole_window() -> None:
    assert lasted(series([95] * 4), 90, NOW - timedelta(hours=6)) == (timedelta(minutes=20), False)


@pytest.mark.parametrize(("latest", "health"), [(79.9, "healthy"), (80, "warning"), (89.9, "warning"), (90, "critical")])
def test_thresholds_count_from_their_value_on(latest: float, health: str) -> None:
    assert read(series([10, latest]), Metric.CPU, LIMITS, timedelta(hours=1), NOW).health == health


@pytest.mark.parametrize(
    ("given", "note"),
    [
        (None, "could not be read"),
        (series([]), "Nothing was reported"),
        (series([95], end=NOW - timedelta(hours=3)), "3 hours ago"),
    ],
)
def test_without_a_present_value_nothing_is_judged(given: Series | None, note: str) -> None:
    reading = read(given, Metric.CPU, LIMITS, timedelta(hours=6), NOW)
    assert (reading.health, reading.latest) == ("unknown", None)
    assert note in reading.note


def test_missing_memory_names_the_agent() -> None:
    assert "CloudWatch agent" in read(series([], Metric.MEMORY), Metric.MEMORY, LIMITS, timedelta(hours=6), NOW).note


def test_a_trend_compares_the_halves() -> None:
    reading = read(series([40] * 6 + [46] * 6), Metric.CPU, LIMITS, timedelta(hours=1), NOW)
    assert reading.trend == "+15%"


@pytest.mark.parametrize("values", [[40, 40, 46, 46, 46, 46], [40.0] * 3])
def test_a_trend_of_too_few_points_is_not_named(values: list[float]) -> None:
    window = PERIOD * len(values) if len(values) == 3 else timedelta(minutes=40)
    assert read(series(values), Metric.CPU, LIMITS, window, NOW).trend == "n/a"


def test_nothing_before_is_no_base_for_a_percentage() -> None:
    assert percentage(0, 5) is None
    assert percentage(None, 5) is None
    assert percentage(50, 25) == "-50%"


def test_halves_without_points_are_none() -> None:
    assert halves(series([1, 2]).points, NOW - timedelta(hours=1)) == (None, None)


def test_a_disk_that_fills_steadily_is_projected() -> None:
    points = series([70 + n * 0.5 for n in range(24)], Metric.DISK).points
    projected = full_in(points)
    assert projected is not None
    assert abs(projected - timedelta(minutes=5 * (100 - 81.5) / 0.5)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "values",
    [
        [70.0] * 24,  # does not move
        [80 - n * 0.5 for n in range(24)],  # empties
        [70 + (n % 2) * 9 for n in range(24)],  # jumps about
        [70 + n * 0.01 for n in range(24)],  # less than a point: noise
        [70 + n * 0.5 for n in range(11)],  # too short
        [10.0] * 12 + [60.0] * 12,  # one jump is no steady filling
    ],
)
def test_a_disk_that_does_not_fill_steadily_is_not_projected(values: list[float]) -> None:
    assert full_in(series(values, Metric.DISK).points) is None


def test_only_disks_are_projected() -> None:
    rising = [10 + n * 2.0 for n in range(24)]
    assert read(series(rising), Metric.CPU, LIMITS, timedelta(hours=2), NOW).full_in is None
    assert read(series(rising, Metric.DISK), Metric.DISK, LIMITS, timedelta(hours=2), NOW).full_in is not None


@pytest.mark.parametrize(
    ("minutes", "words"), [(1, "1 minute"), (30, "30 minutes"), (119, "119 minutes"), (180, "3 hours"), (2880, "2 days")]
)
def test_lengths_are_spoken(minutes: int, words: str) -> None:
    assert spoken(timedelta(minutes=minutes)) == words
