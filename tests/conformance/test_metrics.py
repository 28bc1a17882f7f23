"""What Metrics promises."""

from __future__ import annotations

from datetime import timedelta

import pytest

from skills.kit.ports.compute import InstanceQuery, State
from skills.kit.ports.metrics import Metric
from tests.conformance.conftest import Cloud


async def test_every_pair_is_answered_oldest_first(cloud: Cloud) -> None:
    instances = [await cloud.named("api-01"), await cloud.named("api-02")]
    found = await cloud.metrics.series(instances, list(Metric), timedelta(hours=3), points=36)
    assert set(found) == {(i.id, metric) for i in instances for metric in Metric}
    for (id, metric), series in found.items():
        assert (series.instance_id, series.metric) == (id, metric)
        assert series.latest is not None
        times = [point.at for point in series.points]
        assert times == sorted(set(times))
        assert times[0].utcoffset() == timedelta()
        assert 20 <= len(times) <= 40
        if metric is not Metric.NETWORK:
            assert all(0 <= point.value <= 100 for point in series.points)


@pytest.mark.parametrize("window", [timedelta(hours=1), timedelta(hours=24), timedelta(days=7)])
async def test_points_stay_within_window_and_about_the_number_asked(window: timedelta, cloud: Cloud) -> None:
    instance = await cloud.named("api-01")
    series = (await cloud.metrics.series([instance], [Metric.CPU], window))[instance.id, Metric.CPU]
    assert series.period % 60 == 0
    assert 30 <= len(series.points) <= 75
    span = series.points[-1].at - series.points[0].at
    assert span <= window + 2 * timedelta(seconds=max(300, series.period))


async def test_what_did_not_run_has_no_points(cloud: Cloud) -> None:
    pages = cloud.compute.pages(InstanceQuery(states=(State.STOPPED,)))
    stopped = next(iter([instance async for page in pages for instance in page]))
    found = await cloud.metrics.series([stopped], list(Metric), timedelta(minutes=30))
    assert set(found) == {(stopped.id, metric) for metric in Metric}
    assert all(series.points == () and series.latest is None for series in found.values())


async def test_nothing_asked_is_nothing_answered(cloud: Cloud) -> None:
    assert await cloud.metrics.series([], list(Metric), timedelta(hours=1)) == {}
