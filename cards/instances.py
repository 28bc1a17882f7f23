"""What the instance skills show: a list, one instance, its measurements, what a change or new tags came to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cards import buttons, charts
from cards.health import called, health, points
from cards.outcomes import Row, outcomes
from cards.parts import (
    NAME,
    Card,
    Element,
    Head,
    card,
    columns,
    count,
    facts,
    fitted,
    heading,
    lasting,
    more,
    note,
    percent,
    plain,
    section,
    status,
    table,
    text,
    when,
)

if TYPE_CHECKING:
    from skills.instances.models import (
        ChangeOutcome,
        InstanceDetail,
        InstanceList,
        InstancesChanged,
        InstancesTagged,
        ListedInstance,
        MetricLine,
        MetricsReport,
        TagOutcome,
    )
    from skills.kit.ports.compute import State
    from skills.kit.ports.metrics import Series

__all__ = ["changed", "described", "health", "listed", "metrics", "tagged"]

_LISTED: tuple[Head, ...] = (
    ("Name", 6, "Left"),
    ("State", 3, "Left"),
    ("CPU", 2, "Right"),
    ("Memory", 2, "Right"),
    ("Disk", 2, "Right"),
)
_MEASURED: tuple[Head, ...] = (
    ("Metric", 5, "Left"),
    ("Low", 2, "Right"),
    ("Average", 2, "Right"),
    ("High", 2, "Right"),
    ("Now", 2, "Right"),
)
_WINDOWS = {"1h": 3600, "6h": 21600, "24h": 86400, "7d": 604800}
_DONE = {"start": "Started", "stop": "Stopped", "reboot": "Rebooted", "tag": "Tagged", "untag": "Untagged"}
_BACK = {"start": ("Stop again", "instances.stop"), "stop": ("Start again", "instances.start")}


def listed(result: InstanceList) -> Card:
    """A page of instances with what they are doing, and buttons that turn the page."""
    counted = result.summary
    told = f"{count(counted.total, 'instance')}: {counted.running:,} running, {counted.stopped:,} stopped"
    turning = f"{told}. Page {result.page} of {result.pages}." if result.pages > 1 else f"{told}."
    arriving = [] if result.complete else [text("More are still arriving: these numbers grow.", color="Warning")]

    names = ", ".join(f"{plain(one.label, 40)} {one.state.value}" for one in result.instances[:10])

    def render(limit: int) -> Card:
        rows = [_row(instance) for instance in result.instances[:limit]]
        left = len(result.instances) - limit
        body = [
            *heading("Instances", turning),
            *arriving,
            *([table(_LISTED, rows)] if rows else [text("No instance fits." if result.complete else "None has arrived yet.")]),
            *([note(f"{count(left, 'instance')} of this page did not fit on the card.")] if left > 0 else []),
            *([note(f"Not measured: {result.missing}")] if result.missing else []),
        ]
        return card(body, summary=f"{turning} {names}", actions=_turn(result, whole=left <= 0), wide=True)

    return fitted(render, (100, 30, 20, 14, 8))


def _row(instance: ListedInstance) -> list[Element | Sequence[Element]]:
    below = " · ".join(part for part in (instance.id if instance.name else "", instance.type, instance.environment) if part)
    name = text(instance.label, bold=True, limit=NAME)
    used = instance.metrics
    return [
        [name, text(below, size="Small", subtle=True, tight=True, limit=2 * NAME)] if below else name,
        status(instance.state.value),
        text(percent(used.cpu_utilization)),
        text(percent(used.memory_utilization)),
        text(percent(used.disk_utilization)),
    ]


def _turn(result: InstanceList, *, whole: bool) -> list[Element]:
    if not whole:
        return [buttons.run("In smaller pages", "instances.list", {**result.asked, "page_size": 10, "page": 1})]
    forward = (
        [buttons.run("Next page", "instances.list", {**result.asked, "page": result.page + 1})]
        if result.page < result.pages
        else []
    )
    back = [buttons.run("Previous page", "instances.list", {**result.asked, "page": result.page - 1})] if result.page > 1 else []
    return [*forward, *back, buttons.ask("Check health", "instances.health")] if result.instances else [*back]


def described(result: InstanceDetail) -> Card:
    """Everything known of one instance, its last hours as a chart, and what can be done with it."""
    instance = result.instance
    where = " · ".join(part for part in (instance.zone or instance.region, instance.account) if part)

    def render(limit: int) -> Card:
        body = [
            *heading(instance.label, " · ".join(part for part in (instance.id, instance.type, instance.environment) if part)),
            status(instance.state.value, size="Medium"),
            columns(
                [facts([("Private IP", instance.private_ip or "–"), ("Public IP", instance.public_ip or "–"), ("Where", where)])],
                [
                    facts(
                        [
                            ("Platform", instance.platform),
                            ("Image", instance.image),
                            ("Launched", when(instance.launched_at) if instance.launched_at else ""),
                        ]
                    )
                ],
            ),
            facts([*_readiness(result), *_used(instance)]),
            *_drawn([series for series in result.series if series.points], result, limit),
            *_tags(instance.tags, limit),
            *(note(sentence) for sentence in result.missing[:5]),
        ]
        summary = f"{instance.label} ({instance.id}) is {instance.state.value}."
        return card(body, summary=summary, actions=_offers(instance.id, instance.state), wide=True)

    return fitted(render, (36, 18, 9))


def _readiness(result: InstanceDetail) -> list[tuple[str, str]]:
    checks = result.checks
    agent = {True: "answers", False: "does not answer: commands cannot run", None: "not known"}[result.managed]
    told = f"system {checks.system}, instance {checks.instance}" if checks else "none"
    return [("Status checks", told), ("Events", "; ".join(checks.events[:5]) if checks else ""), ("Agent", agent)]


def _used(instance: ListedInstance) -> list[tuple[str, str]]:
    used = instance.metrics
    if used.measured_at is None:
        return []
    now = f"CPU {percent(used.cpu_utilization)}, memory {percent(used.memory_utilization)}, disk {percent(used.disk_utilization)}"
    return [("Now", f"{now} ({when(used.measured_at)})")]


def _drawn(series: Sequence[Series], result: InstanceDetail, limit: int) -> list[Element]:
    lines = [charts.Line(called(one.metric), points(one)) for one in series]
    return [charts.line(f"Last {lasting(result.window)}, in percent", lines[:4], points=limit)] if lines else []


def _tags(tags: dict[str, str], limit: int) -> list[Element]:
    shown = [(key, value or "(empty)") for key, value in sorted(tags.items()) if key != "Name"]
    return (
        [section("Tags"), facts(shown[: min(limit, 15)], limit=120), *more(len(shown) - min(limit, 15), "tag")] if shown else []
    )


def _offers(id: str, state: State) -> list[Element]:
    offered = [
        buttons.ask("Check health", "instances.health", instances=[id]),
        buttons.ask("Metrics", "instances.metrics", instances=[id]),
    ]
    if state.value == "running":
        offered += [
            buttons.ask("Reboot", "instances.reboot", instances=[id]),
            buttons.ask("Stop", "instances.stop", instances=[id]),
        ]
    elif state.value == "stopped":
        offered.insert(0, buttons.ask("Start", "instances.start", instances=[id]))
    return offered


def metrics(result: MetricsReport) -> Card:
    """Measurements over time: a chart for each metric (one for all of them when it is one instance), and the numbers."""
    several = len({line.instance_id for line in result.lines}) > 1
    groups: dict[str, list[MetricLine]] = {}
    for line in result.lines:
        groups.setdefault(line.metric.value if several else line.unit, []).append(line)
    ids = list(dict.fromkeys(line.instance_id for line in result.lines))[:10]
    named = ", ".join(dict.fromkeys(plain(line.name or line.instance_id, NAME) for line in result.lines)) or "no instance"

    def render(limit: int) -> Card:
        body = [
            *heading("Metrics", f"{named} · last {lasting(result.window)}"),
            *(element for group in groups.values() for element in _chart(group, limit, several=several)),
            *([_numbers(result.lines[:30], several=several)] if result.lines else []),
            *more(len(result.lines) - 30, "line"),
            *(note(sentence) for sentence in result.missing[:6]),
        ]
        summary = f"Metrics of {named}, last {lasting(result.window)}: {'; '.join(_said(line) for line in result.lines[:6])}"
        return card(body, summary=summary, actions=_windows(result, ids), wide=True)

    return fitted(render, (48, 24, 12, 6, 0))


def _chart(group: Sequence[MetricLine], limit: int, *, several: bool) -> list[Element]:
    drawn = [line for line in group if line.series.points][:6]
    if not drawn or not limit:
        return []
    unit = drawn[0].unit
    lines = [
        charts.Line(plain(line.name or line.instance_id, NAME) if several else called(line.metric), points(line.series))
        for line in drawn
    ]
    title = (
        f"{called(drawn[0].metric)}, {unit}"
        if several or len(drawn) == 1
        else f"{', '.join(called(line.metric) for line in drawn)}, {unit}"
    )
    left = len([line for line in group if line.series.points]) - len(drawn)
    return [charts.line(title, lines, unit=unit, top=100 if unit == "%" else None, points=limit), *more(left, "line")]


def _numbers(lines: Sequence[MetricLine], *, several: bool) -> Element:
    rows = [
        [
            text(
                f"{plain(line.name or line.instance_id, 40)}: {called(line.metric)}" if several else called(line.metric),
                limit=NAME,
            ),
            *(text(_value(value, line.unit)) for value in (line.minimum, line.average, line.maximum)),
            text(_value(line.latest, line.unit), bold=True),
        ]
        for line in lines
    ]
    return table(_MEASURED, rows)


def _value(value: float | None, unit: str) -> str:
    return charts.amount(value, unit) if value is not None else "–"


def _said(line: MetricLine) -> str:
    return f"{plain(line.name or line.instance_id, NAME)} {called(line.metric)} now {_value(line.latest, line.unit)}"


def _windows(result: MetricsReport, ids: Sequence[str]) -> list[Element]:
    """The same again over other windows."""
    metric = {line.metric.value for line in result.lines}
    asked: dict[str, Any] = {"instances": ids, **({"metric": metric.pop()} if len(metric) == 1 else {})}
    now = round(result.window.total_seconds())
    others = [window for window, seconds in _WINDOWS.items() if seconds != now]
    return [buttons.run(f"Last {window}", "instances.metrics", {**asked, "window": window}) for window in others] if ids else []


def changed(result: InstancesChanged) -> Card:
    """What a start, stop or reboot came to on each instance, failures first; and the way back."""
    verb = _DONE[result.change]
    rows = [
        Row(one.name or one.instance_id, one.instance_id, one.ok, _moved(one), one.what, one.remedy, one.code, one.details)
        for one in result.outcomes
    ]
    caused = [one.instance_id for one in result.outcomes if one.changed]
    back = _BACK.get(result.change)
    actions = [buttons.ask(back[0], back[1], instances=caused)] if back and caused else []
    return outcomes(verb, rows, actions=actions)


def _moved(one: ChangeOutcome) -> str:
    before, after = (one.before.value if one.before else "unknown"), (one.after.value if one.after else "unknown")
    return before if before == after else f"{before} → {after}"


def tagged(result: InstancesTagged) -> Card:
    """What tagging came to on each instance: each key with its value before and after."""
    rows = [
        Row(one.name or one.instance_id, one.instance_id, one.ok, _retagged(one), one.what, one.remedy, one.code, one.details)
        for one in result.outcomes
    ]
    return outcomes(_DONE[result.change], rows)


def _retagged(one: TagOutcome) -> str:
    keys = list(dict.fromkeys([*one.before, *one.after]))
    told = [f"{plain(key, 40)}: {_tag(one.before.get(key))} → {_tag(one.after.get(key))}" for key in keys[:4]]
    return "; ".join(told) + (f" and {len(keys) - 4} more" if len(keys) > 4 else "")


def _tag(value: str | None) -> str:
    return "none" if value is None else plain(value, 40) or "(empty)"
