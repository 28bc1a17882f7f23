"""Measurements that are functions of time."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from providers.memory.clock import Now, real
from providers.memory.faults import Faulty
from skills.kit.ports.compute import Instance, State
from skills.kit.ports.metrics import Metric, Point, Series

Value = Callable[[Instance, Metric, datetime], float | None]
"""What an instance measures at a time; None for nothing, as when its agent is not installed."""

_USUAL = {Metric.CPU: (25, 15), Metric.MEMORY: (55, 8), Metric.DISK: (40, 1), Metric.NETWORK: (200_000, 120_000)}


def usual(instance: Instance, metric: Metric, at: datetime) -> float | None:
    """A daily wave, different for each instance; nothing while it is not running."""
    if instance.state is not State.RUNNING:
        return None
    middle, swing = _USUAL[metric]
    shift = zlib.crc32(instance.id.encode()) % 86400
    return middle + swing * math.sin((at.timestamp() + shift) / 86400 * 2 * math.pi)


class MemoryMetrics(Faulty):
    """The Metrics twin. value: what is measured. asked: how many (instance, metric) pairs each call asked for, oldest first."""

    def __init__(self, value: Value = usual, *, clock: Now = real) -> None:
        super().__init__()
        self.value = value
        self.asked: list[int] = []
        self._clock = clock

    async def series(
        self, instances: Sequence[Instance], metrics: Sequence[Metric], window: timedelta, points: int = 72
    ) -> Mapping[tuple[str, Metric], Series]:
        """The last `window` of every pair, in whole periods."""
        self._may_fail("series")
        self.asked.append(len(instances) * len(metrics))
        period = max(60, math.ceil(window.total_seconds() / max(points, 1) / 60) * 60)
        now = self._clock()
        first = math.ceil((now - window).timestamp() / period) * period
        times = [datetime.fromtimestamp(at, UTC) for at in range(first, math.ceil(now.timestamp()), period)]
        return {(i.id, metric): self._series(i, metric, period, times) for i in instances for metric in metrics}

    def _series(self, instance: Instance, metric: Metric, period: int, times: Sequence[datetime]) -> Series:
        values = [(at, self.value(instance, metric, at)) for at in times]
        points = tuple(Point(at=at, value=value) for at, value in values if value is not None)
        return Series(instance_id=instance.id, metric=metric, period=period, points=points)
