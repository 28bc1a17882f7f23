"""Measurements of instances over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from skills.kit.ports.compute import Instance


class Metric(StrEnum):
    """What is measured, always in percent of what the instance has (network: bytes per second)."""

    CPU = "cpu"
    MEMORY = "memory"
    DISK = "disk"
    NETWORK = "network"


class Point(BaseModel):
    """One measurement: its time (UTC) and the average over the period that starts there."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    value: float


class Series(BaseModel):
    """One metric of one instance, oldest first; empty when nothing was reported. period: seconds per point."""

    model_config = ConfigDict(frozen=True)

    instance_id: str
    metric: Metric
    period: int
    points: tuple[Point, ...] = ()

    @property
    def latest(self) -> float | None:
        """The newest value, or None."""
        return self.points[-1].value if self.points else None


class Metrics(Protocol):
    """Metrics of instances. Errors: Forbidden with the missing IAM action, Throttled, Unavailable (part `cloudwatch`)."""

    async def series(
        self, instances: Sequence[Instance], metrics: Sequence[Metric], window: timedelta, points: int = 72
    ) -> Mapping[tuple[str, Metric], Series]:
        """The last `window` of each metric of each instance, at most about `points` points each, by (instance id, metric).

        Every pair asked for is in the answer. Asked in batches; ask only for what is shown.
        """
        ...
