"""CloudWatch: processor and network as EC2 reports them, memory and disk as the CloudWatch agent does when it is installed."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from providers.aws.recent import Recent
from providers.aws.session import Scope, Session, batches
from skills.kit.ports.compute import Instance
from skills.kit.ports.metrics import Metric, Point, Series

QUERIES = 500
"""Queries in one GetMetricData request: AWS's limit."""

_KNOWN_FOR = 300.0
"""Seconds for which the agent's metrics of an instance are remembered: an agent installed now shows after that."""

_NOT_DISKS = {
    "autofs",
    "cgroup",
    "devtmpfs",
    "efivarfs",
    "iso9660",
    "nsfs",
    "overlay",
    "proc",
    "rootfs",
    "squashfs",
    "sysfs",
    "tmpfs",
}
Dimensions = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Source:
    """One CloudWatch metric that answers for one of ours. inverted: what is free, in percent, where we want what is used."""

    namespace: str
    name: str
    stat: str = "Average"
    inverted: bool = False


_SOURCES: Mapping[Metric, tuple[_Source, ...]] = {
    Metric.CPU: (_Source("AWS/EC2", "CPUUtilization"),),
    Metric.NETWORK: (_Source("AWS/EC2", "NetworkIn", "Sum"), _Source("AWS/EC2", "NetworkOut", "Sum")),
    Metric.MEMORY: (_Source("CWAgent", "mem_used_percent"), _Source("CWAgent", "Memory % Committed Bytes In Use")),
    Metric.DISK: (_Source("CWAgent", "disk_used_percent"), _Source("CWAgent", "LogicalDisk % Free Space", inverted=True)),
}
_OF_AGENT = (Metric.MEMORY, Metric.DISK)
_FOLD: Mapping[Metric, Callable[[list[float]], float]] = {
    Metric.CPU: max,
    Metric.MEMORY: max,
    Metric.DISK: max,  # of several volumes the fullest
    Metric.NETWORK: sum,  # in and out
}


@dataclass
class _Query:
    """One query and, once asked, its values by time."""

    instance: str
    metric: Metric
    source: _Source
    dimensions: Dimensions
    values: dict[datetime, float] = field(default_factory=dict[datetime, float])


@dataclass(frozen=True)
class _Span:
    """The time asked about, in whole periods. network: seconds per point of the network, whose sums need whole samples."""

    start: datetime
    end: datetime
    period: int

    def of(self, metric: Metric) -> int:
        """Seconds per point. EC2 without detailed monitoring reports bytes once in five minutes."""
        return max(300, self.period) if metric is Metric.NETWORK else self.period


class AwsMetrics:
    """The Metrics port over CloudWatch. clock: seconds that never go back, for what is remembered."""

    def __init__(self, session: Session, clock: Callable[[], float] = time.monotonic) -> None:
        self._session = session
        self._clock = clock
        self._agent = Recent[str, tuple[float, list[tuple[str, Dimensions]]]](20_000)

    async def series(
        self, instances: Sequence[Instance], metrics: Sequence[Metric], window: timedelta, points: int = 72
    ) -> Mapping[tuple[str, Metric], Series]:
        """The last `window` of each metric of each instance; disk is the fullest volume, network what went in and out."""
        span = _span(datetime.now(UTC), window, points)
        groups = self._session.by_scope(instances).items()
        found = await asyncio.gather(*(self._of_scope(scope, group, metrics, span) for scope, group in groups))
        return {(series.instance_id, series.metric): series for some in found for series in some}

    async def _of_scope(
        self, scope: Scope, instances: Sequence[Instance], metrics: Sequence[Metric], span: _Span
    ) -> list[Series]:
        pairs = [(instance, metric) for instance in instances for metric in metrics]
        queries = [query for instance, metric in pairs for query in self._queries(instance, metric)]
        await self._ask(scope, queries, span)
        answered = {(query.instance, query.metric) for query in queries if query.values}
        silent = [(i, m) for i, m in pairs if m in _OF_AGENT and (i.id, m) not in answered and not self._agent.get(i.id)]
        if silent:
            await asyncio.gather(*(self._discover(scope, id) for id in {instance.id for instance, _ in silent}))
            more = [query for instance, metric in silent for query in self._queries(instance, metric)]
            await self._ask(scope, more, span)
            queries += more
        return [_series(instance.id, metric, queries, span) for instance, metric in pairs]

    def _queries(self, instance: Instance, metric: Metric) -> list[_Query]:
        """What to ask for a pair: the plain InstanceId dimension, or what the agent of that instance is known to report."""
        plain: Dimensions = (("InstanceId", instance.id),)
        since, reported = self._agent.get(instance.id) or (-math.inf, [])
        if self._clock() - since > _KNOWN_FOR:
            self._agent.drop(instance.id)
            reported = []
        queries: list[_Query] = []
        for source in _SOURCES[metric]:
            known = [dimensions for name, dimensions in reported if name == source.name] if metric in _OF_AGENT else []
            queries += [_Query(instance.id, metric, source, dimensions) for dimensions in known or [plain]]
        return queries

    async def _discover(self, scope: Scope, instance_id: str) -> None:
        """Ask what the agent of an instance reports, and under which dimensions, and remember it."""
        wanted = [{"Name": "InstanceId", "Value": instance_id}]
        pages = self._session.pages(scope, "cloudwatch", "list_metrics", shape=_listed, Namespace="CWAgent", Dimensions=wanted)
        reported = [metric async for page in pages for metric in page]
        self._agent.put(instance_id, (self._clock(), reported))

    async def _ask(self, scope: Scope, queries: Sequence[_Query], span: _Span) -> None:
        """Fill in the values of every query, 500 a request."""

        async def ask(batch: Sequence[_Query]) -> None:
            asked = [_data_query(f"q{n}", query, span) for n, query in enumerate(batch)]
            pages = self._session.pages(
                scope,
                "cloudwatch",
                "get_metric_data",
                shape=_values,
                MetricDataQueries=asked,
                StartTime=span.start,
                EndTime=span.end,
                ScanBy="TimestampAscending",
            )
            async for page in pages:
                for name, values in page:
                    batch[int(name[1:])].values.update(values)

        await asyncio.gather(*(ask(batch) for batch in batches(queries, QUERIES)))


def _span(now: datetime, window: timedelta, points: int) -> _Span:
    """Periods that give about `points` points, as long as CloudWatch keeps values that fine: 15 days, then 63."""
    finest = 60 if window <= timedelta(days=15) else 300 if window <= timedelta(days=63) else 3600
    period = max(finest, math.ceil(window.total_seconds() / max(points, 1) / finest) * finest)
    step = max(300, period)
    start = datetime.fromtimestamp((now - window).timestamp() // step * step, UTC)
    return _Span(start, now, period)


def _data_query(name: str, query: _Query, span: _Span) -> dict[str, Any]:
    metric = {
        "Namespace": query.source.namespace,
        "MetricName": query.source.name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in query.dimensions],
    }
    return {"Id": name, "MetricStat": {"Metric": metric, "Period": span.of(query.metric), "Stat": query.source.stat}}


def _values(response: Any) -> list[tuple[str, dict[datetime, float]]]:
    """One response of GetMetricData: values by time, by query."""
    return [
        (result["Id"], dict(zip((at.astimezone(UTC) for at in result["Timestamps"]), result["Values"], strict=True)))
        for result in response["MetricDataResults"]
    ]


def _listed(response: Any) -> list[tuple[str, Dimensions]]:
    """One response of ListMetrics, without file systems that are not disks and totals over several."""
    metrics = ((m["MetricName"], tuple((d["Name"], d["Value"]) for d in m["Dimensions"])) for m in response["Metrics"])
    return [(name, d) for name, d in metrics if dict(d).get("fstype") not in _NOT_DISKS and ("instance", "_Total") not in d]


def _series(instance_id: str, metric: Metric, queries: Sequence[_Query], span: _Span) -> Series:
    """The queries of a pair folded into one value per time."""
    period = span.of(metric)
    collected: dict[datetime, list[float]] = {}
    for query in queries:
        if (query.instance, query.metric) == (instance_id, metric):
            for at, value in query.values.items():
                collected.setdefault(at, []).append(100 - value if query.source.inverted else value)
    whole = timedelta(seconds=period) if metric is Metric.NETWORK else timedelta()
    scale = period if metric is Metric.NETWORK else 1
    points = [Point(at=at, value=_FOLD[metric](collected[at]) / scale) for at in sorted(collected) if at + whole <= span.end]
    return Series(instance_id=instance_id, metric=metric, period=period, points=tuple(points))
