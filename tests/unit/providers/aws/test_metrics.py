from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from providers.aws.metrics import AwsMetrics
from skills.kit.ports.compute import Instance, State
from skills.kit.ports.metrics import Metric
from tests.unit.providers.aws.conftest import Connect
from tests.unit.providers.aws.endpoint import Answer, Asked, Endpoint

HOUR = timedelta(hours=1)


def instance(id: str, **fields: object) -> Instance:
    return Instance.model_validate({"id": id, "state": State.RUNNING, "region": "us-east-1", **fields})


def dims(query: dict[str, Any]) -> dict[str, str]:
    return {d["Name"]: d["Value"] for d in query["MetricStat"]["Metric"]["Dimensions"]}


class CloudWatch:
    """Answers GetMetricData with one value per series it was given, and ListMetrics with their dimensions."""

    def __init__(self, values: dict[tuple[str, tuple[tuple[str, str], ...]], float]) -> None:
        self.values = values
        self.at = time.time() // 300 * 300 - 600

    def __call__(self, asked: Asked) -> Answer:
        if asked.action == "ListMetrics":
            wanted = {(d["Name"], d["Value"]) for d in asked.params["Dimensions"]}
            metrics = [
                {"Namespace": "CWAgent", "MetricName": name, "Dimensions": [{"Name": k, "Value": v} for k, v in dimensions]}
                for name, dimensions in self.values
                if wanted <= set(dimensions)
            ]
            return 200, {"Metrics": metrics}
        results: list[dict[str, Any]] = []
        for query in asked.params["MetricDataQueries"]:
            metric = query["MetricStat"]["Metric"]
            value = self.values.get((metric["MetricName"], tuple(sorted(dims(query).items()))))
            known = value is not None
            results.append({"Id": query["Id"], "Timestamps": [self.at] * known, "Values": [value] * known})
        return 200, {"MetricDataResults": results}


async def test_queries_go_by_the_five_hundred(endpoint: Endpoint, connect: Connect) -> None:
    fleet = [instance(f"i-{n}") for n in range(1201)]
    endpoint.answer = CloudWatch({("CPUUtilization", (("InstanceId", i.id),)): n for n, i in enumerate(fleet)})
    found = await AwsMetrics(connect()).series(fleet, [Metric.CPU], HOUR)
    assert sorted(len(asked.params["MetricDataQueries"]) for asked in endpoint.asked) == [201, 500, 500]
    assert [found[i.id, Metric.CPU].latest for i in fleet] == list(range(1201))


async def test_pages_of_one_answer_are_joined_and_sorted(endpoint: Endpoint, connect: Connect) -> None:
    def answer(asked: Asked) -> Answer:
        page = int(asked.params.get("NextToken", "0"))
        results = [{"Id": "q0", "Timestamps": [1_700_000_000 + 60 * (2 - page)], "Values": [float(page)]}]
        return 200, {"MetricDataResults": results, **({"NextToken": str(page + 1)} if page < 2 else {})}

    endpoint.answer = answer
    found = await AwsMetrics(connect()).series([instance("i-1")], [Metric.CPU], HOUR)
    assert [point.value for point in found["i-1", Metric.CPU].points] == [2, 1, 0]
    assert found["i-1", Metric.CPU].points[0].at == datetime.fromtimestamp(1_700_000_000, UTC)


async def test_every_pair_is_answered_even_with_nothing(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = CloudWatch({})
    found = await AwsMetrics(connect()).series([instance("i-1")], list(Metric), HOUR)
    assert {metric for _, metric in found} == set(Metric)
    assert all(series.points == () for series in found.values())


async def test_network_is_bytes_per_second_both_ways(endpoint: Endpoint, connect: Connect) -> None:
    own = (("InstanceId", "i-1"),)
    endpoint.answer = CloudWatch({("NetworkIn", own): 30_000, ("NetworkOut", own): 60_000})
    series = (await AwsMetrics(connect()).series([instance("i-1")], [Metric.NETWORK], HOUR))["i-1", Metric.NETWORK]
    assert series.period == 300
    assert series.latest == 300


async def test_the_agents_extra_dimensions_are_discovered_once(endpoint: Endpoint, connect: Connect) -> None:
    own = ("InstanceId", "i-1")
    endpoint.answer = CloudWatch(
        {
            ("mem_used_percent", (("ImageId", "ami-1"), own)): 61,
            ("disk_used_percent", (own, ("device", "nvme0n1p1"), ("fstype", "xfs"), ("path", "/"))): 40,
            ("disk_used_percent", (own, ("device", "nvme1n1"), ("fstype", "ext4"), ("path", "/data"))): 93,
            ("disk_used_percent", (own, ("device", "loop0"), ("fstype", "squashfs"), ("path", "/snap"))): 100,
        }
    )
    metrics = AwsMetrics(connect())
    for _ in range(2):
        found = await metrics.series([instance("i-1")], [Metric.MEMORY, Metric.DISK], HOUR)
        assert found["i-1", Metric.MEMORY].latest == 61
        assert found["i-1", Metric.DISK].latest == 93
    assert len(endpoint.actions("ListMetrics")) == 1
    assert len(endpoint.actions("GetMetricData")) == 3


async def test_what_was_discovered_is_forgotten_after_a_while(endpoint: Endpoint, connect: Connect) -> None:
    now = 0.0
    endpoint.answer = CloudWatch({})
    metrics = AwsMetrics(connect(), clock=lambda: now)
    await metrics.series([instance("i-1")], [Metric.MEMORY], HOUR)
    now = 299
    await metrics.series([instance("i-1")], [Metric.MEMORY], HOUR)
    assert len(endpoint.actions("ListMetrics")) == 1
    now = 301
    await metrics.series([instance("i-1")], [Metric.MEMORY], HOUR)
    assert len(endpoint.actions("ListMetrics")) == 2


async def test_windows_free_space_is_turned_into_used(endpoint: Endpoint, connect: Connect) -> None:
    own = ("InstanceId", "i-1")
    disk = "LogicalDisk % Free Space"
    endpoint.answer = CloudWatch(
        {
            ("Memory % Committed Bytes In Use", (own, ("objectname", "Memory"))): 70,
            (disk, (own, ("instance", "C:"), ("objectname", "LogicalDisk"))): 12,
            (disk, (own, ("instance", "D:"), ("objectname", "LogicalDisk"))): 80,
            (disk, (own, ("instance", "_Total"), ("objectname", "LogicalDisk"))): 5,
        }
    )
    windows = instance("i-1", platform="windows")
    found = await AwsMetrics(connect()).series([windows], [Metric.MEMORY, Metric.DISK], HOUR)
    assert found["i-1", Metric.MEMORY].latest == 70
    assert found["i-1", Metric.DISK].latest == 88


@pytest.mark.parametrize(
    ("window", "points", "period"),
    [
        (timedelta(hours=1), 72, 60),
        (timedelta(hours=6), 72, 300),
        (timedelta(hours=7), 72, 360),
        (timedelta(days=7), 72, 8400),
        (timedelta(days=30), 100_000, 300),
        (timedelta(days=100), 100_000, 3600),
    ],
)
async def test_the_period_fits_window_and_points(
    window: timedelta, points: int, period: int, endpoint: Endpoint, connect: Connect
) -> None:
    endpoint.answer = CloudWatch({})
    found = await AwsMetrics(connect()).series([instance("i-1")], [Metric.CPU], window, points)
    assert found["i-1", Metric.CPU].period == period
    assert endpoint.asked[0].params["MetricDataQueries"][0]["MetricStat"]["Period"] == period


async def test_each_region_is_asked_about_its_own(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = CloudWatch({})
    fleet = [instance("i-1"), instance("i-2", region="eu-west-1")]
    await AwsMetrics(connect(regions=["us-east-1", "eu-west-1"])).series(fleet, [Metric.CPU], HOUR)
    asked = {a.region: [dims(q)["InstanceId"] for q in a.params["MetricDataQueries"]] for a in endpoint.asked}
    assert asked == {"us-east-1": ["i-1"], "eu-west-1": ["i-2"]}
