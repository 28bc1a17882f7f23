"""How busy instances are right now, for lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from skills.instances.models import ListedInstance, Utilization
from skills.kit.ports.compute import Instance, State
from skills.kit.ports.metrics import Metric, Metrics, Series

RECENT = timedelta(minutes=30)
"""How old a measurement may be to count as now: providers report every five minutes, and late."""

SHOWN = (Metric.CPU, Metric.MEMORY, Metric.DISK)

Measured = Mapping[tuple[str, Metric], Series]


def unmeasured(metric: Metric) -> str:
    """Why there may be no measurements of it: EC2 itself measures neither memory nor disk space."""
    if metric in (Metric.MEMORY, Metric.DISK):
        return "Nothing was reported; the CloudWatch agent on the instance has to."
    return "Nothing was reported."


async def measure(metrics: Metrics, instances: Sequence[Instance], wanted: Sequence[Metric] = SHOWN) -> Measured:
    """The newest measurements of the running ones among `instances`. Errors: those of the port."""
    running = [instance for instance in instances if instance.state is State.RUNNING]
    return await metrics.series(running, wanted, RECENT, points=6) if running else {}


def latest(measured: Measured, id: str, metric: Metric) -> float | None:
    """The newest value, or None."""
    series = measured.get((id, metric))
    return series.latest if series else None


def listed(instance: Instance, measured: Measured) -> ListedInstance:
    """The instance with its newest measurements."""
    times = [series.points[-1].at for metric in SHOWN if (series := measured.get((instance.id, metric))) and series.points]
    use = Utilization(
        cpu_utilization=latest(measured, instance.id, Metric.CPU),
        memory_utilization=latest(measured, instance.id, Metric.MEMORY),
        disk_utilization=latest(measured, instance.id, Metric.DISK),
        measured_at=max(times, default=None),
    )
    return ListedInstance.model_validate({**instance.model_dump(), "metrics": use})
