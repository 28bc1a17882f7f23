"""`instances.health`: what is wrong, for how long, where it is heading, and what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Self

from pydantic import Field, model_validator

import cards.instances
from skills.gaps import Gaps
from skills.instances.filters import natural
from skills.instances.issues import issues
from skills.instances.models import Health, HealthIssue, HealthReport, HealthSummary, InstanceHealth, Reading
from skills.instances.readings import Limits, read
from skills.instances.trends import trends
from skills.instances.utilization import SHOWN, Measured
from skills.kit import Arguments, Duration, InstanceRef, skill
from skills.kit.ports.compute import Compute, Instance, InstanceQuery, State, StatusCheck
from skills.kit.ports.costs import Costs
from skills.kit.ports.metrics import Metric, Metrics
from skills.kit.ports.run import Caller
from skills.pace import in_turns

CHARTED = 10
"""So many instances keep their measurements in the report, the worst first; a fleet's would not fit anywhere."""

_ORDER: tuple[Health | None, ...] = ("critical", "warning", "unknown", "healthy", None)


class CheckHealth(Arguments):
    """Whose health, over how long, against which thresholds."""

    instances: list[InstanceRef] = Field(default=[], max_length=100, description="Ids or names; nothing means all of them.")
    window: Duration = Field(
        timedelta(hours=6), ge=timedelta(minutes=30), le=timedelta(days=30), description="How far back to look, such as 6h or 7d."
    )
    cpu_warning: float = Field(80, gt=0, le=100, description="Percent of CPU from which it is a warning.")
    cpu_critical: float = Field(90, gt=0, le=100, description="Percent of CPU from which it is critical.")
    memory_warning: float = Field(80, gt=0, le=100, description="Percent of memory from which it is a warning.")
    memory_critical: float = Field(90, gt=0, le=100, description="Percent of memory from which it is critical.")
    disk_warning: float = Field(80, gt=0, le=100, description="Percent of disk space from which it is a warning.")
    disk_critical: float = Field(90, gt=0, le=100, description="Percent of disk space from which it is critical.")

    @model_validator(mode="after")
    def _warned_first(self) -> Self:
        for metric, limits in self.limits().items():
            if limits.warning > limits.critical:
                raise ValueError(f"{metric}_warning must not be above {metric}_critical")
        return self

    def limits(self) -> Mapping[Metric, Limits]:
        """The thresholds by metric."""
        return {
            Metric.CPU: Limits(self.cpu_warning, self.cpu_critical),
            Metric.MEMORY: Limits(self.memory_warning, self.memory_critical),
            Metric.DISK: Limits(self.disk_warning, self.disk_critical),
        }


@skill(
    "instances.health",
    permission="instances:read",
    view=cards.instances.health,
    examples=(
        "check health",
        "health report",
        "is everything ok",
        "what's wrong with my servers",
        "check health {i-0abc123def:instances}",
        "how healthy is {web-server-01:instances}",
        "is {web-server-01:instances} ok",
        "how is {web-server-01:instances} doing",
        "health of {the staging boxes:instances} over the last {24h:window}",
        "check the health of {web-1 and web-2:instances}",
        "health report for the last {7d:window}",
    ),
    iam=(
        "ec2:DescribeInstances",
        "ec2:DescribeInstanceStatus",
        "cloudwatch:GetMetricData",
        "cloudwatch:ListMetrics",
        "ce:GetCostAndUsage",
    ),
)
async def check_health(args: CheckHealth, *, compute: Compute, metrics: Metrics, costs: Costs, caller: Caller) -> HealthReport:
    """Check CPU, memory, disk and EC2's status checks of one, several or all instances, with trends and recommendations.

    Errors: NotFound for a named instance; what else cannot be read is said in `missing` and judged as unknown.
    """
    instances = await compute.get(args.instances) if args.instances else await _all(compute)
    running = [instance for instance in instances if instance.state is State.RUNNING]
    gaps, now = Gaps(), datetime.now(UTC)
    measured: Measured = {}
    checks: Mapping[str, StatusCheck] = {}
    if running:
        measured, checks = await asyncio.gather(
            gaps.fill("Metrics", metrics.series(running, SHOWN, args.window), measured),
            gaps.fill("Status checks", compute.checks(running), checks),
        )
    judged, found = await _judge(instances, measured, checks, args, now)
    moving = await trends(judged, window=args.window, now=now, fleet=not args.instances, costs=costs, caller=caller)
    summary = _summary(judged)
    return HealthReport(
        overall_health=_overall(summary),
        summary=summary,
        issues=tuple(sorted(found, key=lambda issue: (issue.severity, natural(issue.name or issue.instance_id)))),
        trends=moving,
        instances=(*judged[:CHARTED], *[_without_series(one) async for one in in_turns(judged[CHARTED:], 200)]),
        window=args.window,
        measured_at=now,
        fleet=not args.instances,
        missing=gaps.sentences,
    )


async def _all(compute: Compute) -> Sequence[Instance]:
    return [instance async for page in compute.pages(InstanceQuery()) for instance in page]


async def _judge(
    instances: Sequence[Instance], measured: Measured, checks: Mapping[str, StatusCheck], args: CheckHealth, now: datetime
) -> tuple[list[InstanceHealth], list[HealthIssue]]:
    """Each instance judged, the worst first, and everything that is wrong."""
    judged: list[InstanceHealth] = []
    found: list[HealthIssue] = []
    async for instance in in_turns(instances):
        check, readings = checks.get(instance.id), _readings(instance, measured, args, now)
        wrong = issues(instance, readings, check, now - args.window)
        found += wrong
        judged.append(
            InstanceHealth(
                instance_id=instance.id,
                name=instance.name,
                state=instance.state,
                environment=instance.environment,
                health=_worst(readings, wrong) if instance.state is State.RUNNING else None,
                checks=check,
                readings=readings,
            )
        )
    return sorted(judged, key=lambda one: (_ORDER.index(one.health), natural(one.name or one.instance_id))), found


def _readings(instance: Instance, measured: Measured, args: CheckHealth, now: datetime) -> tuple[Reading, ...]:
    if instance.state is not State.RUNNING:
        return ()
    return tuple(
        read(measured.get((instance.id, metric)), metric, limits, args.window, now) for metric, limits in args.limits().items()
    )


def _worst(readings: Sequence[Reading], wrong: Sequence[HealthIssue]) -> Health:
    if wrong:
        return "critical" if any(issue.severity == "critical" for issue in wrong) else "warning"
    return "healthy" if any(reading.health == "healthy" for reading in readings) else "unknown"


def _summary(judged: Sequence[InstanceHealth]) -> HealthSummary:
    counts = {health: sum(one.health == health for one in judged) for health in _ORDER}
    return HealthSummary(
        healthy=counts["healthy"],
        warning=counts["warning"],
        critical=counts["critical"],
        unknown=counts["unknown"],
        stopped=counts[None],
    )


def _overall(summary: HealthSummary) -> Health:
    if summary.critical:
        return "critical"
    if summary.warning:
        return "warning"
    return "healthy" if summary.healthy else "unknown"


def _without_series(one: InstanceHealth) -> InstanceHealth:
    return one.model_copy(update={"readings": tuple(reading.model_copy(update={"series": None}) for reading in one.readings)})
