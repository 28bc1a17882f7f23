"""Measurements of instances over time: charts, and the numbers behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cards import buttons, charts
from cards.health import called, points
from cards.parts import Card, Element, Head, card, facts, fitted, heading, more, note, table, text
from cards.words import NAME, lasting, plain

if TYPE_CHECKING:
    from skills.instances.models import MetricLine, MetricsReport

_MEASURED: tuple[Head, ...] = (
    ("Metric", 5, "Left"),
    ("Low", 2, "Right"),
    ("Avg", 2, "Right"),
    ("High", 2, "Right"),
    ("Now", 2, "Right"),
)
_WINDOWS = {"1h": 3600, "6h": 21600, "24h": 86400, "7d": 604800}


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

    start = min(48, 160 // max(1, min(18, len(result.lines))))
    return fitted(render, (start, start * 2 // 3, start // 2, 0))


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
    """A table, or for many lines the same numbers as facts, which are smaller."""
    if len(lines) > 9:
        return facts([(_line(line, several=several), _summed(line)) for line in lines])
    rows = [
        [
            text(_line(line, several=several), limit=NAME),
            *(text(_value(value, line.unit)) for value in (line.minimum, line.average, line.maximum)),
            text(_value(line.latest, line.unit), bold=True),
        ]
        for line in lines
    ]
    return table(_MEASURED, rows)


def _line(line: MetricLine, *, several: bool) -> str:
    return f"{plain(line.name or line.instance_id, 40)}: {called(line.metric)}" if several else called(line.metric)


def _summed(line: MetricLine) -> str:
    low, average, high, now = (_value(value, line.unit) for value in (line.minimum, line.average, line.maximum, line.latest))
    return f"now {now}, low {low}, average {average}, high {high}"


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
