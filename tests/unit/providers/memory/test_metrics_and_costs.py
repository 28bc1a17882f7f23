from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from providers.memory import Clock, MemoryCosts, MemoryMetrics, sample_fleet
from skills.kit.ports.metrics import Metric

WEB = sample_fleet()[0]


async def test_metrics_are_what_the_function_says() -> None:
    clock = Clock(datetime(2026, 1, 15, 12, tzinfo=UTC))
    metrics = MemoryMetrics(lambda _, metric, at: at.minute if metric is Metric.CPU else None, clock=clock)
    found = await metrics.series([WEB], [Metric.CPU, Metric.DISK], timedelta(minutes=5), points=5)
    assert [point.value for point in found[WEB.id, Metric.CPU].points] == [55, 56, 57, 58, 59]
    assert found[WEB.id, Metric.DISK].points == ()
    assert metrics.asked == [2]


async def test_costs_are_what_the_function_says() -> None:
    costs = MemoryCosts(lambda day: {"EC2": day.day}, history=10, clock=Clock())
    spend = await costs.daily(date(2026, 1, 1), date(2026, 1, 31))
    assert [(item.day.day, item.amount) for item in spend] == [(n, n) for n in range(5, 16)]
    assert await costs.forecast(date(2026, 1, 16), date(2026, 1, 18)) == 2 * sum(range(5, 15)) / 10


async def test_little_history_gives_no_forecast() -> None:
    assert await MemoryCosts(history=3, clock=Clock()).forecast(date(2026, 1, 16), date(2026, 1, 18)) is None
