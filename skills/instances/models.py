"""What the instance skills answer with. By alias, the JSON has the fleet document's names."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from skills.kit import Duration, Outside, Part, Result
from skills.kit.ports.compute import Change, Instance, State, StatusCheck
from skills.kit.ports.metrics import Metric, Series

Health = Literal["healthy", "warning", "critical", "unknown"]
"""`unknown`: it runs, but nothing was measured to judge it by."""

Severity = Literal["warning", "critical"]


class Utilization(Part):
    """The newest measurements in percent; None when nothing was reported. measured_at: of the newest of them, UTC."""

    cpu_utilization: float | None = None
    memory_utilization: float | None = None
    disk_utilization: float | None = None
    measured_at: datetime | None = None


class ListedInstance(Instance):
    """An instance and how busy it is."""

    metrics: Utilization = Utilization()


class InstanceSummary(Part):
    """How many instances fit the filters, on every page together; those neither running nor stopped are only in `total`."""

    total: int
    running: int
    stopped: int


class InstanceList(Result):
    """One page of instances.

    page: from 1, of `pages` (at least 1). complete: False while more are still arriving: then `summary` and `pages` count
    what has arrived. asked: the arguments that led here without `page`, for the buttons that turn the page.
    missing: why metrics are not there, a sentence; empty when they were read.
    """

    model_config = ConfigDict(alias_generator=to_camel)

    instances: tuple[ListedInstance, ...]
    summary: InstanceSummary
    page: int = 1
    pages: int = 1
    page_size: int = 12
    complete: bool = True
    asked: dict[str, Any] = Field(default={})
    missing: str = ""

    def about(self) -> tuple[str, ...]:
        """Those on the page."""
        return tuple(one.id for one in self.instances)


class InstanceDetail(Result):
    """One instance, all that is known of it.

    checks: None when it has none (not running) or they could not be read. managed: does its management agent answer (None: not
    known). series: CPU, memory and disk over `window`. missing: what could not be read and why, a sentence each.
    """

    instance: ListedInstance
    checks: StatusCheck | None = None
    managed: bool | None = None
    series: tuple[Series, ...] = ()
    window: Duration
    missing: tuple[str, ...] = ()

    def about(self) -> tuple[str, ...]:
        """The one."""
        return (self.instance.id,)


class HealthSummary(Part):
    """How many instances stand how. stopped: not running, so not judged. unknown: running, nothing to judge by."""

    healthy: int = 0
    warning: int = 0
    critical: int = 0
    unknown: int = 0
    stopped: int = 0


class HealthIssue(Part):
    """Something wrong with one instance.

    issue: in a few words. details: what was measured, such as `CPU at 95% for 30 minutes`. metric: None for a status check or
    an event. value: the newest, in percent. lasted: how long the threshold has been exceeded without a break up to the newest
    measurement; `at_least` when it was exceeded already when the window began.
    """

    instance_id: str
    name: Outside = ""
    severity: Severity
    issue: str
    details: str
    recommendation: str
    metric: Metric | None = None
    value: float | None = None
    threshold: float | None = None
    lasted: Duration | None = None
    at_least: bool = False


class Reading(Part):
    """One metric of one instance over the window, in percent.

    latest, average, peak: None when nothing was reported. trend: the second half's average against the first half's, such as
    `+15%`, or `n/a`. full_in: when a disk is full if it goes on filling as measured; None when it does not fill or not steadily.
    note: why something is missing, a sentence; else empty.
    """

    metric: Metric
    health: Health
    latest: float | None = None
    average: float | None = None
    peak: float | None = None
    warning: float
    critical: float
    trend: str = "n/a"
    full_in: Duration | None = None
    note: str = ""
    series: Series | None = None


class InstanceHealth(Part):
    """One instance's health. `health` is the worst of its readings and checks; None when it does not run and is not judged."""

    instance_id: str
    name: Outside
    state: State
    environment: Outside = ""
    health: Health | None
    checks: StatusCheck | None = None
    readings: tuple[Reading, ...] = ()


class Trends(BaseModel):
    """Changes over time such as `+15%`, or `n/a`. reasons: by the same names, why it is `n/a`, or what was compared."""

    model_config = ConfigDict(frozen=True)

    cpu_trend: str = "n/a"
    cost_trend: str = "n/a"
    instance_count_change: str = "n/a"
    reasons: dict[str, str] = {}


class HealthReport(Result):
    """The health of one, several or all instances.

    overall_health: the worst that was found; `unknown` when nothing could be judged. issues: the worst first. instances: the
    worst first. fleet: True when nobody named instances. missing: what could not be read and why, a sentence each.
    """

    overall_health: Health
    summary: HealthSummary
    issues: tuple[HealthIssue, ...] = ()
    trends: Trends = Trends()
    instances: tuple[InstanceHealth, ...] = ()
    window: Duration
    measured_at: datetime
    fleet: bool = False
    missing: tuple[str, ...] = ()

    def about(self) -> tuple[str, ...]:
        """Those with something wrong, else all that were looked at."""
        return tuple(dict.fromkeys(issue.instance_id for issue in self.issues)) or tuple(
            one.instance_id for one in self.instances
        )


class MetricLine(Part):
    """One line of a chart. unit: `%` or `B/s`. minimum, average, maximum, latest: None when nothing was reported."""

    instance_id: str
    name: Outside
    metric: Metric
    unit: str
    minimum: float | None = None
    average: float | None = None
    maximum: float | None = None
    latest: float | None = None
    series: Series


class MetricsReport(Result):
    """Metrics over a window, a line per instance and metric, in the order asked. missing: what reported nothing."""

    window: Duration
    lines: tuple[MetricLine, ...]
    missing: tuple[str, ...] = ()

    def about(self) -> tuple[str, ...]:
        """Those that were measured."""
        return tuple(dict.fromkeys(line.instance_id for line in self.lines))


class ChangeOutcome(Part):
    """What a start, stop or reboot came to on one instance.

    ok: it is as was asked for. changed: we caused something. before, after: its state; after is None when it is not known.
    what: one sentence. code: the error's code when not ok, such as `FORBIDDEN`.
    remedy: what to do next. details: the technical part.
    """

    instance_id: str
    name: Outside
    ok: bool
    changed: bool
    before: State | None = None
    after: State | None = None
    what: str
    code: str = ""
    remedy: str = ""
    details: str = ""


class InstancesChanged(Result):
    """What a start, stop or reboot came to, per instance, in the order asked."""

    change: Change
    outcomes: tuple[ChangeOutcome, ...]

    @property
    def ok(self) -> bool:
        """Every instance is as was asked for."""
        return all(outcome.ok for outcome in self.outcomes)

    def about(self) -> tuple[str, ...]:
        """Those that were acted on."""
        return tuple(one.instance_id for one in self.outcomes)


class TagOutcome(Part):
    """What tagging or untagging came to on one instance.

    before, after: the touched keys with their values; a key that was or is not there is None.
    """

    instance_id: str
    name: Outside
    ok: bool
    changed: bool
    before: dict[Outside, Outside | None] = Field(default={})
    after: dict[Outside, Outside | None] = Field(default={})
    what: str
    code: str = ""
    remedy: str = ""
    details: str = ""


class InstancesTagged(Result):
    """What tagging or untagging came to, per instance, in the order asked."""

    change: Literal["tag", "untag"]
    outcomes: tuple[TagOutcome, ...]

    @property
    def ok(self) -> bool:
        """Every instance is as was asked for."""
        return all(outcome.ok for outcome in self.outcomes)
