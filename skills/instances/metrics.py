"""`instances.metrics`: measurements over time, as a chart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from pydantic import Field

import cards.instances
from skills.instances.models import MetricLine, MetricsReport
from skills.instances.utilization import SHOWN, unmeasured
from skills.kit import Arguments, Duration, InstanceRef, skill
from skills.kit.ports.compute import Compute, Instance
from skills.kit.ports.metrics import Metric, Metrics, Series


class ChartMetrics(Arguments):
    """What to chart, of which instances, over how long."""

    instances: list[InstanceRef] = Field(min_length=1, max_length=10, description="Ids or names, as the user said them.")
    metric: Literal["cpu", "memory", "disk", "network"] | None = Field(
        None, description="What to show; nothing means cpu, memory and disk."
    )
    window: Duration = Field(
        timedelta(hours=1), ge=timedelta(minutes=5), le=timedelta(days=63), description="How far back, such as 1h, 6h, 24h or 7d."
    )


@skill(
    "instances.metrics",
    permission="instances:read",
    view=cards.instances.metrics,
    examples=(
        "metrics of {web-server-01:instances}",
        "show metrics for {web-server-01:instances} over the last {24h:window}",
        "{cpu:metric} of {web-1:instances} over the last {6h:window}",
        "{memory:metric} usage of {db-2:instances}",
        "chart {disk:metric} of {db-2:instances} for the last {7d:window}",
        "show {cpu:metric} of {the staging boxes:instances}",
        "how busy is {web-server-01:instances}",
        "how much {cpu:metric} is {web-server-01:instances} using",
        "how much {memory:metric} does {db-2:instances} use",
        "graph {network:metric} for {i-0abc123def:instances} last {1h:window}",
    ),
    iam=("ec2:DescribeInstances", "cloudwatch:GetMetricData", "cloudwatch:ListMetrics"),
)
async def chart_metrics(args: ChartMetrics, *, compute: Compute, metrics: Metrics) -> MetricsReport:
    """Chart CPU, memory, disk or network of instances over time, with lowest, average and highest.

    Errors: NotFound, and those of the metrics' port: without measurements there is nothing to show.
    """
    instances = await compute.get(args.instances)
    wanted = (Metric(args.metric),) if args.metric else SHOWN
    measured = await metrics.series(instances, wanted, args.window)
    lines = [_line(instance, measured[instance.id, metric]) for instance in instances for metric in wanted]
    return MetricsReport(window=args.window, lines=tuple(lines), missing=_missing(lines))


def _line(instance: Instance, series: Series) -> MetricLine:
    values = [point.value for point in series.points]
    return MetricLine(
        instance_id=instance.id,
        name=instance.name,
        metric=series.metric,
        unit="B/s" if series.metric is Metric.NETWORK else "%",
        minimum=min(values, default=None),
        average=sum(values) / len(values) if values else None,
        maximum=max(values, default=None),
        latest=series.latest,
        series=series,
    )


def _missing(lines: Sequence[MetricLine]) -> tuple[str, ...]:
    return tuple(
        f"{line.name or line.instance_id}, {line.metric}: {unmeasured(line.metric)}" for line in lines if line.latest is None
    )
