"""What is wrong with an instance, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from skills.instances.models import HealthIssue, Reading, Severity
from skills.instances.readings import lasted, spoken
from skills.kit.ports.compute import Instance, StatusCheck
from skills.kit.ports.metrics import Metric

FILLS_SOON = timedelta(days=3)
"""A disk that is full within this time is a warning even while there is room."""

FILLS_NOW = timedelta(hours=6)
"""... and critical within this."""

_TITLES = {Metric.CPU: "High CPU usage", Metric.MEMORY: "High memory usage", Metric.DISK: "Disk almost full"}
_NAMES = {Metric.CPU: "CPU", Metric.MEMORY: "Memory", Metric.DISK: "Disk"}
_ADVICE = {
    Metric.CPU: "Consider scaling, or look for the process that uses it.",
    Metric.MEMORY: "Look for a process that keeps growing; if all of it is needed, move to a larger size.",
    Metric.DISK: "Free space (logs, caches, old packages) or enlarge the volume.",
}
_CHECKS = {
    "system": ("EC2 system check failed", "The host is at fault: stop and start the instance to move it to another one."),
    "instance": ("EC2 instance check failed", "Look at its system log; reboot it if it does not answer."),
}


def issues(
    instance: Instance, readings: Sequence[Reading], check: StatusCheck | None, since: datetime
) -> tuple[HealthIssue, ...]:
    """Everything wrong with one instance. since: when the window began."""
    return (*_of_checks(instance, check), *(issue for reading in readings for issue in _of_reading(instance, reading, since)))


def _of_reading(instance: Instance, reading: Reading, since: datetime) -> Iterator[HealthIssue]:
    if reading.health in ("warning", "critical") and reading.series and reading.latest is not None:
        severity: Severity = "critical" if reading.health == "critical" else "warning"
        threshold = reading.critical if severity == "critical" else reading.warning
        length, whole = lasted(reading.series, threshold, since)
        yield HealthIssue(
            instance_id=instance.id,
            name=instance.name,
            severity=severity,
            issue=_TITLES[reading.metric],
            details=f"{_NAMES[reading.metric]} at {reading.latest:.0f}% for {'at least ' if whole else ''}{spoken(length)}",
            recommendation=_ADVICE[reading.metric],
            metric=reading.metric,
            value=reading.latest,
            threshold=threshold,
            lasted=length,
            at_least=whole,
        )
    if reading.full_in is not None and reading.full_in <= FILLS_SOON and reading.latest is not None:
        yield HealthIssue(
            instance_id=instance.id,
            name=instance.name,
            severity="critical" if reading.full_in <= FILLS_NOW else "warning",
            issue="Disk is filling up",
            details=f"Disk at {reading.latest:.0f}%, full in about {spoken(reading.full_in)} if it goes on filling as measured",
            recommendation=_ADVICE[Metric.DISK],
            metric=reading.metric,
            value=reading.latest,
        )


def _of_checks(instance: Instance, check: StatusCheck | None) -> Iterator[HealthIssue]:
    if check is None:
        return
    for which, (title, advice) in _CHECKS.items():
        if getattr(check, which) == "impaired":
            details = f"EC2 reports the {which} check as impaired"
            yield HealthIssue(
                instance_id=instance.id,
                name=instance.name,
                severity="critical",
                issue=title,
                details=details,
                recommendation=advice,
            )
    for event in check.events:
        yield HealthIssue(
            instance_id=instance.id,
            name=instance.name,
            severity="warning",
            issue="Scheduled event",
            details=event,
            recommendation="Plan for it, or stop and start the instance before it is due.",
        )
