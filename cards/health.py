"""The health report: how bad, what is wrong, since when, what to do; then the measurements it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from cards import buttons, charts
from cards.parts import Card, Element, Head, badge, card, colour, facts, fitted, heading, more, note, section, stack, table, text
from cards.words import NAME, lasting, percent, plain, when

if TYPE_CHECKING:
    from skills.instances.models import HealthIssue, HealthReport, InstanceHealth, Reading
    from skills.kit.ports.metrics import Metric, Series

_READINGS: tuple[Head, ...] = (
    ("Metric", 3, "Left"),
    ("Health", 3, "Left"),
    ("Now", 2, "Right"),
    ("Avg", 2, "Right"),
    ("Peak", 2, "Right"),
    ("Trend", 2, "Right"),
)
_INSTANCES: tuple[Head, ...] = (
    ("Name", 17, "Left"),
    ("Health", 8, "Left"),
    ("CPU", 5, "Right"),
    ("Mem", 5, "Right"),
    ("Disk", 5, "Right"),
)
_SHOWN = ("cpu", "memory", "disk")


def called(metric: Metric) -> str:
    """What people call a metric."""
    return "CPU" if metric.value == "cpu" else metric.value.capitalize()


def points(series: Series) -> list[tuple[datetime, float]]:
    """A series as a chart wants it."""
    return [(point.at, point.value) for point in series.points]


def health(result: HealthReport) -> Card:
    """The health of one instance with its charts, or of several with what is wrong first."""
    judged = [one for one in result.instances if one.health is not None]
    subject = (
        plain(judged[0].name or judged[0].instance_id, NAME) if len(judged) == 1 else "Fleet" if result.fleet else "Instances"
    )
    counted = _counted(result)

    def render(limit: int) -> Card:
        body = [
            *heading(
                f"{subject}: {result.overall_health}",
                f"{counted} · last {lasting(result.window)} · {when(result.measured_at)}",
                color=colour(result.overall_health),
            ),
            *(_issue(issue) for issue in result.issues[:limit]),
            *more(len(result.issues) - limit, "issue"),
            *(
                []
                if result.issues
                else [text("Nothing is wrong by what was measured.")]
                if judged
                else [text("Nothing could be judged.")]
            ),
            *(_one(judged[0], limit) if len(judged) == 1 else _several(result, limit)),
            *(note(sentence) for sentence in result.missing[:5]),
        ]
        summary = f"{subject}: {result.overall_health}. {counted}. {' '.join(_sentence(issue) for issue in result.issues[:3])}"
        return card(body, summary=summary, actions=_offers(result), wide=True)

    return fitted(render, (12, 8, 5, 3, 1))


def _counted(result: HealthReport) -> str:
    counted = result.summary.model_dump()
    return ", ".join(f"{number} {word}" for word, number in counted.items() if number) or "no instance"


def _sentence(issue: HealthIssue) -> str:
    return f"{plain(issue.name or issue.instance_id, NAME)}: {plain(issue.details or issue.issue)}."


def _issue(issue: HealthIssue) -> Element:
    limit = f" (threshold {percent(issue.threshold)})" if issue.threshold is not None else ""
    return stack(
        text(f"{issue.severity.capitalize()}: {plain(issue.issue)} on {plain(issue.name or issue.instance_id, NAME)}", bold=True),
        text(f"{plain(issue.details, 300)}{limit}", tight=True, limit=340),
        text(f"Next: {issue.recommendation}", tight=True, limit=300),
        style="attention" if issue.severity == "critical" else "warning",
    )


def _one(one: InstanceHealth, limit: int) -> list[Element]:
    """One instance: its readings as a table, the worst as a gauge, all over time as a chart."""
    rows = [
        [
            text(called(reading.metric)),
            badge(reading.health),
            text(percent(reading.latest), bold=True),
            text(percent(reading.average)),
            text(percent(reading.peak)),
            text(reading.trend, limit=20),
        ]
        for reading in one.readings
    ]
    lines = [
        charts.Line(called(reading.metric), points(reading.series))
        for reading in one.readings
        if reading.series and reading.series.points
    ]
    checks = one.checks
    return [
        *([table(_READINGS, rows)] if rows else []),
        *_gauge(one.readings),
        *([charts.line("Over time, in percent", lines[:4], points=4 * limit)] if lines else []),
        facts(
            [
                ("State", one.state.value),
                ("Status checks", f"system {checks.system}, instance {checks.instance}" if checks else "none"),
                ("Events", "; ".join(checks.events[:5]) if checks else ""),
                *((f"{called(reading.metric)} full in", lasting(reading.full_in)) for reading in one.readings if reading.full_in),
            ]
        ),
        *(note(f"{called(reading.metric)}: {plain(reading.note)}") for reading in one.readings if reading.note),
    ]


def _gauge(readings: Sequence[Reading]) -> list[Element]:
    bad = [one for one in readings if one.health in ("warning", "critical") and one.latest is not None]
    if not bad:
        return []
    worst = max(bad, key=lambda one: (one.health == "critical", one.latest))
    return [charts.gauge(called(worst.metric), worst.latest or 0.0, warning=worst.warning, critical=worst.critical)]


def _several(result: HealthReport, limit: int) -> list[Element]:
    """Several instances: the worst first, then how the fleet moves."""
    rows = [_row(one) for one in result.instances[:limit]]
    trends = result.trends
    moves = [
        ("CPU trend", trends.cpu_trend),
        ("Cost trend", trends.cost_trend),
        ("Change in instances", trends.instance_count_change),
    ]
    reasons = [
        note(f"{name.replace('_', ' ').capitalize()}: {plain(reason)}") for name, reason in list(trends.reasons.items())[:3]
    ]
    return [
        *([section("The worst" if len(result.instances) > limit else "All of them"), table(_INSTANCES, rows)] if rows else []),
        *more(len(result.instances) - limit, "instance"),
        *([section("Trends"), facts(moves), *reasons] if result.fleet else []),
    ]


def _row(one: InstanceHealth) -> list[Element | Sequence[Element]]:
    now = {reading.metric.value: reading.latest for reading in one.readings}
    below = " · ".join(part for part in (one.instance_id if one.name else "", one.environment) if part)
    name = text(one.name or one.instance_id, bold=True, limit=NAME)
    return [
        [name, text(below, size="Small", subtle=True, tight=True, limit=2 * NAME)] if below else name,
        badge(one.health or one.state.value),
        *(text(percent(now.get(metric))) for metric in _SHOWN),
    ]


def _offers(result: HealthReport) -> list[Element]:
    """Look closer at what is worst; an instance that is on the card alone needs no second look."""
    worst = {issue.instance_id: plain(issue.name or issue.instance_id, 30) for issue in result.issues}
    if len(result.instances) == 1:
        [one] = result.instances
        again = buttons.ask("Check again", "instances.health", instances=[one.instance_id])
        return [buttons.ask("Metrics", "instances.metrics", instances=[one.instance_id]), again]
    return [buttons.ask(f"Check {name}", "instances.health", instances=[id]) for id, name in list(worst.items())[:4]]
