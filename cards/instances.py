"""What the instance skills show: a list, one instance, its measurements, what a change or new tags came to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cards import buttons, charts
from cards.health import called, health, points
from cards.metrics import metrics
from cards.outcomes import Row, outcomes
from cards.parts import Card, Element, Head, badge, card, facts, fitted, heading, more, note, section, table, text
from cards.words import NAME, count, lasting, percent, plain, when

if TYPE_CHECKING:
    from skills.instances.models import (
        ChangeOutcome,
        InstanceDetail,
        InstanceList,
        InstancesChanged,
        InstancesTagged,
        ListedInstance,
        TagOutcome,
    )
    from skills.kit.ports.compute import State
    from skills.kit.ports.metrics import Series

__all__ = ["changed", "described", "health", "listed", "metrics", "tagged"]

# Wide enough on a phone for an id, and for the longest usual state, on one line.
_LISTED: tuple[Head, ...] = (
    ("Name", 17, "Left"),
    ("State", 8, "Left"),
    ("CPU", 5, "Right"),
    ("Mem", 5, "Right"),
    ("Disk", 5, "Right"),
)
_PAGE = 12
"""So many ordinary instances always fit, with their ids and types."""

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

    return fitted(render, (100, _PAGE * 2, _PAGE, _PAGE // 2, _PAGE // 4))


def _row(instance: ListedInstance) -> list[Element | Sequence[Element]]:
    below = " · ".join(part for part in (instance.id if instance.name else "", instance.type, instance.environment) if part)
    name = text(instance.label, bold=True, limit=NAME)
    used = instance.metrics
    return [
        [name, text(below, size="Small", subtle=True, tight=True, limit=2 * NAME)] if below else name,
        badge(instance.state.value),
        text(percent(used.cpu_utilization)),
        text(percent(used.memory_utilization)),
        text(percent(used.disk_utilization)),
    ]


def _turn(result: InstanceList, *, whole: bool) -> list[Element]:
    if not whole:
        return [buttons.run("In smaller pages", "instances.list", {**result.asked, "page_size": _PAGE, "page": 1})]
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
            badge(instance.state.value, size="Medium"),
            facts([*_readiness(result), *_used(instance)]),
            facts(
                [
                    ("Private IP", instance.private_ip or "–"),
                    ("Public IP", instance.public_ip or "–"),
                    ("Where", where),
                    ("Platform", instance.platform),
                    ("Image", instance.image),
                    ("Launched", when(instance.launched_at) if instance.launched_at else ""),
                ]
            ),
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
