from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from providers.memory import MemoryCompute, MemoryCosts, MemoryMetrics, instance, sample_fleet
from skills.costs.summary import summarise_costs
from skills.instances.health import CHARTED, CheckHealth, check_health
from skills.instances.models import HealthReport
from skills.kit.errors import Forbidden, NotFound, Unavailable
from skills.kit.ports.compute import Instance, State, StatusCheck
from skills.kit.ports.metrics import Metric
from tests.unit.skills.run import Person

Value = Callable[[Instance, Metric, datetime], float | None]


def steady(**levels: float) -> Value:
    """The same values all the time."""
    return lambda one, metric, at: levels.get(metric.value)


QUIET = steady(cpu=20, memory=40, disk=30)


async def health(
    fleet: Sequence[Instance],
    value: Value = QUIET,
    *,
    compute: MemoryCompute | None = None,
    metrics: MemoryMetrics | None = None,
    costs: MemoryCosts | None = None,
    caller: Person | None = None,
    **asked: object,
) -> HealthReport:
    return await check_health.run(
        CheckHealth.model_validate(asked),
        compute=compute or MemoryCompute(fleet),
        metrics=metrics or MemoryMetrics(value),
        costs=costs or MemoryCosts(),
        caller=caller or Person(summarise_costs),
    )


async def test_the_json_has_the_documented_shape() -> None:
    shown = (await health([instance("hot", "i-hot")], steady(cpu=95))).model_dump(mode="json", by_alias=True)
    assert {"overall_health", "summary", "issues", "trends"} <= set(shown)
    assert {"healthy", "warning", "critical"} <= set(shown["summary"])
    assert {"instanceId", "severity", "issue", "details", "recommendation"} <= set(shown["issues"][0])
    assert {"cpu_trend", "cost_trend", "instance_count_change"} <= set(shown["trends"])


async def test_cpu_is_reported_with_how_long_it_has_been_high() -> None:
    began = datetime.now(UTC) - timedelta(minutes=30)
    report = await health([instance("hot", "i-hot")], lambda one, metric, at: 95 if at >= began else 20)
    issue = next(issue for issue in report.issues if issue.metric is Metric.CPU)
    assert (issue.instance_id, issue.severity, issue.issue) == ("i-hot", "critical", "High CPU usage")
    assert issue.lasted is not None
    assert timedelta(minutes=25) <= issue.lasted <= timedelta(minutes=35)
    assert issue.details.startswith("CPU at 95% for ")
    assert not issue.at_least


async def test_high_since_before_the_window_says_at_least() -> None:
    report = await health([instance("hot")], steady(cpu=95))
    assert report.issues[0].at_least
    assert report.issues[0].details == "CPU at 95% for at least 6 hours"


async def test_thresholds_can_be_set() -> None:
    fleet = [instance("warm")]
    assert (await health(fleet, steady(cpu=60))).overall_health == "healthy"
    assert (await health(fleet, steady(cpu=60), cpu_warning=50)).overall_health == "warning"
    assert (await health(fleet, steady(cpu=60), cpu_warning=50, cpu_critical=60)).overall_health == "critical"


@pytest.mark.parametrize(
    "asked", [{"cpu_warning": 95, "cpu_critical": 90}, {"disk_critical": 101}, {"memory_warning": 0}, {"window": "1m"}]
)
def test_thresholds_that_make_no_sense_are_refused(asked: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CheckHealth.model_validate(asked)


async def test_the_worst_decides_and_comes_first() -> None:
    levels = {"a": 20, "b": 85, "c": 95}
    fleet = [*(instance(name) for name in levels), instance("off", state=State.STOPPED)]
    report = await health(fleet, lambda one, metric, at: levels[one.name] if metric is Metric.CPU else 10)
    assert report.overall_health == "critical"
    assert [one.name for one in report.instances] == ["c", "b", "a", "off"]
    assert [issue.severity for issue in report.issues] == ["critical", "warning"]
    summary = report.summary
    assert (summary.healthy, summary.warning, summary.critical, summary.stopped) == (1, 1, 1, 1)


async def test_an_instance_nobody_measures_is_unknown_not_healthy() -> None:
    report = await health([instance("dark")], lambda one, metric, at: None)
    assert report.overall_health == "unknown"
    assert report.summary.unknown == 1
    assert report.trends.cpu_trend == "n/a"
    assert "Too little" in report.trends.reasons["cpu_trend"]


async def test_missing_memory_is_said_and_the_rest_judged() -> None:
    report = await health([instance("web")], steady(cpu=20, disk=30))
    memory = next(reading for reading in report.instances[0].readings if reading.metric is Metric.MEMORY)
    assert (memory.health, memory.latest) == ("unknown", None)
    assert "CloudWatch agent" in memory.note
    assert report.overall_health == "healthy"


async def test_without_metrics_the_status_checks_are_still_judged() -> None:
    metrics = MemoryMetrics()
    metrics.faults["series"] = Unavailable("CloudWatch does not answer.", part="cloudwatch")

    class Broken(MemoryCompute):
        async def checks(self, instances: Sequence[Instance]) -> Mapping[str, StatusCheck]:
            return {
                one.id: StatusCheck(system="impaired", instance="ok", events=("system-reboot on 1 May",)) for one in instances
            }

    report = await health([], compute=Broken([instance("web")]), metrics=metrics)
    assert report.overall_health == "critical"
    assert [issue.issue for issue in report.issues] == ["EC2 system check failed", "Scheduled event"]
    assert report.missing == ("Metrics could not be read: CloudWatch does not answer.",)


async def test_a_filling_disk_is_an_issue_while_there_is_room() -> None:
    start = datetime.now(UTC) - timedelta(hours=6)

    def fills(one: Instance, metric: Metric, at: datetime) -> float:
        return 50 + (at - start).total_seconds() / 3600 * 2 if metric is Metric.DISK else 10

    report = await health([instance("db")], fills)
    (issue,) = report.issues
    assert (issue.severity, issue.issue) == ("warning", "Disk is filling up")
    assert "19 hours" in issue.details
    assert "if it goes on" in issue.details


async def test_only_the_named_ones_are_judged() -> None:
    report = await health(sample_fleet(), instances=["i-0a1b2c3d4e5f60005"])
    assert [one.name for one in report.instances] == ["db-01"]
    assert not report.fleet
    assert report.trends.cost_trend == "n/a"
    with pytest.raises(NotFound):
        await health(sample_fleet(), instances=["i-none"])


async def test_cpu_trend_compares_the_halves_of_the_window() -> None:
    middle = datetime.now(UTC) - timedelta(hours=3)
    report = await health([instance("a"), instance("b")], lambda one, metric, at: 40 if at < middle else 46)
    assert report.trends.cpu_trend == "+15%"


async def test_cost_trend_compares_full_weeks() -> None:
    week_ago = datetime.now(UTC).date() - timedelta(days=7)
    costs = MemoryCosts(lambda day: {"EC2": 108.0 if day >= week_ago else 100.0})
    assert (await health(sample_fleet(), costs=costs)).trends.cost_trend == "+8%"


async def test_who_may_not_see_costs_sees_no_cost_trend() -> None:
    costs = MemoryCosts()
    costs.faults["daily"] = AssertionError("costs were read for somebody who may not see them")
    report = await health(sample_fleet(), costs=costs, caller=Person())
    assert (report.trends.cost_trend, report.trends.reasons["cost_trend"]) == ("n/a", "You may not see costs.")


async def test_costs_that_cannot_be_read_are_said() -> None:
    costs = MemoryCosts()
    costs.faults["daily"] = Forbidden("AWS refused.", missing="ce:GetCostAndUsage")
    report = await health(sample_fleet(), costs=costs)
    assert "ce:GetCostAndUsage" in report.trends.reasons["cost_trend"]


async def test_a_trend_that_cannot_be_known_is_never_made_up() -> None:
    report = await health(sample_fleet())
    assert report.trends.instance_count_change == "n/a"
    assert report.trends.reasons["instance_count_change"]


async def test_only_the_worst_keep_their_measurements() -> None:
    report = await health([instance(f"web-{n}") for n in range(CHARTED + 5)])
    kept = [any(reading.series for reading in one.readings) for one in report.instances]
    assert kept == [True] * CHARTED + [False] * 5


async def test_an_empty_fleet_is_unknown() -> None:
    report = await health([])
    assert (report.overall_health, report.instances) == ("unknown", ())
