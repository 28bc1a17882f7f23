from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from providers.memory import Clock, MemoryCompute, MemoryMetrics, instance, sample_fleet
from skills.instances.list import ListInstances, list_instances
from skills.instances.models import InstanceList
from skills.kit.errors import Forbidden, Invalid, Unavailable
from skills.kit.ports.compute import Instance, InstanceQuery, State
from skills.kit.ports.metrics import Metric
from tests.unit.skills.run import Run


async def listing(
    compute: MemoryCompute | None = None, metrics: MemoryMetrics | None = None, run: Run | None = None, **asked: object
) -> InstanceList:
    return await list_instances.run(
        ListInstances.model_validate(asked),
        compute=compute or MemoryCompute(sample_fleet()),
        metrics=metrics or MemoryMetrics(),
        progress=run or Run(Clock()),
    )


def names(result: InstanceList) -> list[str]:
    return [one.name for one in result.instances]


async def test_the_json_has_the_documented_shape() -> None:
    shown = (await listing()).model_dump(mode="json", by_alias=True)
    one = next(one for one in shown["instances"] if one["name"] == "web-server-01")
    assert {"instanceId", "name", "type", "state", "platform", "privateIp", "publicIp", "tags", "metrics"} <= set(one)
    assert {"cpuUtilization", "memoryUtilization", "diskUtilization"} <= set(one["metrics"])
    assert one["instanceId"] == "i-0a1b2c3d4e5f60001"
    assert one["tags"] == {"Name": "web-server-01", "Environment": "production"}
    assert isinstance(one["metrics"]["cpuUtilization"], float)
    assert shown["summary"] == {"total": 8, "running": 7, "stopped": 1}


async def test_an_empty_fleet_is_an_empty_first_page() -> None:
    result = await listing(MemoryCompute())
    assert (result.instances, result.page, result.pages, result.summary.total) == ((), 1, 1, 0)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"state": "stopped"}, ["staging-api-01"]),
        ({"environment": "staging"}, ["staging-api-01", "staging-web-01"]),
        ({"environment": "stage", "state": "running"}, ["staging-web-01"]),
        ({"environment": "PROD", "name": "web"}, ["web-server-01", "web-server-02"]),
        ({"environment": "qa"}, []),
        ({"name": "API"}, ["api-01", "api-02", "staging-api-01"]),
        ({"name": "api-*"}, ["api-01", "api-02"]),
        ({"name": "[a]pi-01"}, []),
        ({"type": "m6i"}, ["api-01", "api-02", "report-01"]),
        ({"type": "m6i.large"}, ["api-01", "api-02"]),
        ({"type": "*.xlarge"}, ["db-01", "report-01"]),
        ({"tags": ["Environment=staging"]}, ["staging-api-01", "staging-web-01"]),
        ({"tags": ["Environment=staging", "Name:staging-web-01"]}, ["staging-web-01"]),
        ({"tags": ["Team"]}, []),
        ({"region": "eu-west-1"}, []),
        ({"region": "US-EAST-1", "environment": "staging"}, ["staging-api-01", "staging-web-01"]),
    ],
)
async def test_filters_narrow(asked: dict[str, object], expected: list[str]) -> None:
    result = await list_instances.run(
        ListInstances.model_validate(asked),
        compute=MemoryCompute(sample_fleet()),
        metrics=MemoryMetrics(),
        progress=Run(Clock()),
    )
    assert names(result) == expected
    assert result.summary.total == len(expected)


async def test_names_are_in_the_order_people_count() -> None:
    fleet = [instance(name) for name in ("web-10", "web-9", "web-1", "db-2")]
    assert names(await listing(MemoryCompute(fleet))) == ["db-2", "web-1", "web-9", "web-10"]


async def test_the_last_launched_comes_first_and_never_launched_last() -> None:
    fleet = [
        instance("old", launched_at=datetime(2025, 1, 1, tzinfo=UTC)),
        instance("never", launched_at=None),
        instance("new", launched_at=datetime(2026, 1, 1, tzinfo=UTC)),
    ]
    assert names(await listing(MemoryCompute(fleet), sort="launched")) == ["new", "old", "never"]


async def test_by_cpu_the_busiest_comes_first_and_the_unmeasured_last() -> None:
    load = {"a": 0.0, "b": 95.0, "c": 20.0}
    fleet = [*(instance(name) for name in (*load, "quiet")), instance("off", state=State.STOPPED)]
    metrics = MemoryMetrics(lambda one, metric, at: load.get(one.name))
    result = await listing(MemoryCompute(fleet), metrics, sort="cpu")
    assert names(result)[:3] == ["b", "c", "a"]
    assert set(names(result)[3:]) == {"quiet", "off"}


async def test_metrics_are_read_for_the_running_ones_on_the_page_only() -> None:
    metrics = MemoryMetrics()
    result = await listing(metrics=metrics, page_size=3, page=2)
    running = sum(one.state is State.RUNNING for one in result.instances)
    assert metrics.asked == [running * 3]


async def test_a_stopped_instance_has_no_metrics() -> None:
    (one,) = (await listing(state="stopped")).instances
    assert (one.metrics.cpu_utilization, one.metrics.measured_at) == (None, None)


async def test_an_agent_that_is_missing_leaves_a_gap_not_a_number() -> None:
    metrics = MemoryMetrics(lambda one, metric, at: 12.5 if metric is Metric.CPU else None)
    result = await listing(metrics=metrics, name="db")
    use = result.instances[0].metrics
    assert (use.cpu_utilization, use.memory_utilization, use.disk_utilization) == (12.5, None, None)


async def test_without_metrics_the_list_still_stands_and_says_why() -> None:
    metrics = MemoryMetrics()
    metrics.faults["series"] = Forbidden("AWS refused to give metrics.", missing="cloudwatch:GetMetricData")
    result = await listing(metrics=metrics)
    assert result.summary.total == 8
    assert "cloudwatch:GetMetricData" in result.missing


async def test_without_instances_there_is_no_list() -> None:
    compute = MemoryCompute()
    compute.faults["pages"] = Unavailable("EC2 does not answer.", part="ec2")
    with pytest.raises(Unavailable):
        await listing(compute)


async def test_pages_have_borders() -> None:
    compute = MemoryCompute([instance(f"web-{number}") for number in range(40)])
    last = await listing(compute, page=2, page_size=20)
    assert (len(last.instances), last.page, last.pages) == (20, 2, 2)
    assert (await listing(compute, page_size=39)).pages == 2
    assert (await listing(compute, page_size=40)).pages == 1
    with pytest.raises(Invalid, match="no page 3"):
        await listing(compute, page=3, page_size=20)


@pytest.mark.parametrize("asked", [{"page": 0}, {"page_size": 0}, {"page_size": 101}, {"state": "asleep"}, {"colour": "red"}])
async def test_impossible_questions_are_refused(asked: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ListInstances.model_validate(asked)


async def test_what_was_asked_comes_back_for_the_page_buttons() -> None:
    result = await listing(environment="production", page=2, page_size=3)
    assert result.asked == {"environment": "production", "page_size": 3}


class Slow(MemoryCompute):
    """Every page but the first takes its time."""

    async def pages(self, query: InstanceQuery) -> AsyncGenerator[Sequence[Instance]]:
        first = True
        async for page in super().pages(query):
            if not first:
                await asyncio.sleep(0.08)
            first = False
            yield page


async def test_the_first_page_is_shown_before_the_rest_has_arrived() -> None:
    run, metrics = Run(Clock()), MemoryMetrics()
    result = await listing(Slow([instance(f"web-{n:02}") for n in range(30)], page=10), metrics, run, page_size=5)
    (partial,) = run.partials
    assert isinstance(partial, InstanceList)
    assert (partial.complete, partial.summary.total, len(partial.instances)) == (False, 10, 5)
    assert (result.complete, result.summary.total) == (True, 30)
    assert len(metrics.asked) == 1


async def test_nothing_is_shown_early_when_everything_arrives_at_once() -> None:
    run = Run(Clock())
    await listing(MemoryCompute([instance(f"web-{n}") for n in range(30)], page=10), run=run)
    assert run.partials == []
