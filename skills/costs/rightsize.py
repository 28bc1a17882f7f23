"""`costs.rightsize`: instances too large, too small or idle, by what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from pydantic import Field

import cards.costs
from skills.costs.models import Rightsizing, SizeAdvice, Unjudged
from skills.costs.sizes import larger, smaller
from skills.instances.readings import spoken
from skills.instances.utilization import Measured, unmeasured
from skills.kit import Arguments, Duration, InstanceRef, skill
from skills.kit.ports.compute import Compute, Instance, InstanceQuery, State
from skills.kit.ports.metrics import Metric, Metrics, Series
from skills.pace import in_turns

COVERED = 0.75
"""The part of the measured time that must really have been measured: gaps hide peaks."""

LOW, HIGH, PEAK = 40.0, 80.0, 80.0
"""p95 below LOW leaves room to halve the size, unless the peak is at PEAK; p95 from HIGH on is too much."""

IDLE, IDLE_PEAK = 2.0, 5.0
"""p95 and peak of CPU below which an instance does nothing."""


class Rightsize(Arguments):
    """Which instances, measured over how long."""

    instances: list[InstanceRef] = Field(default=[], max_length=100, description="Ids or names; nothing means all that run.")
    window: Duration = Field(
        timedelta(days=14), ge=timedelta(hours=6), le=timedelta(days=63), description="How far back to measure, such as 14d."
    )
    needed: Duration = Field(
        timedelta(days=3),
        ge=timedelta(hours=3),
        le=timedelta(days=63),
        description="Say nothing about what was measured for less.",
    )


@skill(
    "costs.rightsize",
    permission="costs:read",
    view=cards.costs.rightsize,
    examples=(
        "rightsize",
        "where can we save",
        "which instances are too big",
        "find idle instances",
        "rightsize {the staging boxes:instances}",
        "is {web-server-01:instances} the right size",
        "sizing recommendations over the last {14d:window}",
    ),
    iam=("ec2:DescribeInstances", "cloudwatch:GetMetricData", "cloudwatch:ListMetrics"),
)
async def rightsize(args: Rightsize, *, compute: Compute, metrics: Metrics) -> Rightsizing:
    """Find instances that are idle, too large or too small, from their measured CPU and memory.

    Hourly averages are judged, so peaks of minutes are not seen. About too little measurement nothing is said.
    Errors: NotFound, and those of the metrics' port.
    """
    instances = await compute.get(args.instances) if args.instances else await _running(compute)
    running = [one for one in instances if one.state is State.RUNNING]
    hours = max(1, ceil(args.window.total_seconds() / 3600))
    wanted = (Metric.CPU, Metric.MEMORY)
    measured = await metrics.series(running, wanted, args.window, points=hours) if running else {}
    advice: list[SizeAdvice] = []
    unjudged = [
        Unjudged(instance_id=one.id, name=one.name, reason="It does not run.")
        for one in instances
        if one.state is not State.RUNNING
    ]
    async for instance in in_turns(running):
        verdict = judge(instance, measured, args.needed)
        advice += [verdict] if isinstance(verdict, SizeAdvice) else []
        unjudged += [verdict] if isinstance(verdict, Unjudged) else []
    advice.sort(key=lambda one: -(one.saving or 0))
    fitting = len(instances) - len(advice) - len(unjudged)
    return Rightsizing(window=args.window, needed=args.needed, advice=tuple(advice), fitting=fitting, unjudged=tuple(unjudged))


async def _running(compute: Compute) -> Sequence[Instance]:
    query = InstanceQuery(states=(State.RUNNING,))
    return [instance async for page in compute.pages(query) for instance in page]


@dataclass(frozen=True)
class Load:
    """What one metric came to, in percent."""

    p95: float
    peak: float


def judge(instance: Instance, measured: Measured, needed: timedelta) -> SizeAdvice | Unjudged | None:
    """What to do with one instance; None when it fits."""
    cpu_series = measured.get((instance.id, Metric.CPU))
    if problem := too_little(cpu_series, Metric.CPU, needed):
        return Unjudged(instance_id=instance.id, name=instance.name, reason=f"CPU: {problem}")
    memory_series = measured.get((instance.id, Metric.MEMORY))
    no_memory = too_little(memory_series, Metric.MEMORY, needed)
    cpu, memory = load(cpu_series), None if no_memory else load(memory_series)
    if cpu is None:
        return None
    advise = _Advise(instance, cpu, memory, reach(cpu_series))
    if cpu.p95 < IDLE and cpu.peak < IDLE_PEAK:
        return advise.stop()
    if cpu.p95 >= HIGH or (memory and memory.p95 >= HIGH):
        return advise.up()
    if cpu.p95 < LOW and cpu.peak < PEAK:
        if memory is None:
            reason = f"CPU would allow a smaller size, but memory halves with it. Memory: {no_memory}"
            return Unjudged(instance_id=instance.id, name=instance.name, reason=reason)
        return advise.down() if memory.p95 < LOW and memory.peak < PEAK else None
    return None


def reach(series: Series | None) -> timedelta:
    """How long it was measured, from the first point to the end of the last."""
    if not series or not series.points:
        return timedelta(0)
    return series.points[-1].at - series.points[0].at + timedelta(seconds=series.period)


def too_little(series: Series | None, metric: Metric, needed: timedelta) -> str:
    """Why this cannot be judged; empty when it can."""
    if not series or not series.points:
        return unmeasured(metric)
    if reach(series) < needed:
        return f"Measured for {spoken(reach(series))} only; {spoken(needed)} are needed."
    covered = len(series.points) * series.period / reach(series).total_seconds()
    return f"Measured {covered:.0%} of the time only." if covered < COVERED else ""


def load(series: Series | None) -> Load | None:
    """The 95th percentile (nearest rank) and the highest point."""
    values = sorted(point.value for point in series.points) if series else []
    return Load(values[ceil(0.95 * len(values)) - 1], values[-1]) if values else None


@dataclass(frozen=True)
class _Advise:
    """Words and numbers for one instance."""

    instance: Instance
    cpu: Load
    memory: Load | None
    measured: timedelta

    def stop(self) -> SizeAdvice:
        kept = (
            "Its volumes go on costing money."
            if not self.instance.public_ip
            else "Its volumes and address may go on costing money."
        )
        return self._say("stop", "", 100, f"It does nothing: CPU never above {self.cpu.peak:.1f}%. {kept}")

    def up(self) -> SizeAdvice:
        to = larger(self.instance.type)
        which = (
            f"one size up ({to}) doubles the price"
            if to
            else "look for another family, as this one has no larger size known here"
        )
        return self._say("upsize", to, -100 if to else None, f"It is short of room: {self._loads()}; {which}.")

    def down(self) -> SizeAdvice | None:
        to = smaller(self.instance.type)
        if not to:
            return None
        return self._say("downsize", to, 50, f"It has room: {self._loads()}; one size down ({to}) halves the price.")

    def _loads(self) -> str:
        memory = f", memory {self.memory.p95:.0f}%" if self.memory else ", memory not measured"
        return f"95% of the hours CPU is at most {self.cpu.p95:.0f}%{memory}"

    def _say(self, advice: str, to: str, saving: float | None, reason: str) -> SizeAdvice:
        return SizeAdvice.model_validate(
            {
                "instance_id": self.instance.id,
                "name": self.instance.name,
                "type": self.instance.type,
                "advice": advice,
                "to": to,
                "cpu_p95": self.cpu.p95,
                "memory_p95": self.memory.p95 if self.memory else None,
                "measured": self.measured,
                "saving": saving,
                "reason": reason,
            }
        )
