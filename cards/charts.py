"""Charts. Teams draws them; every other client shows the same numbers in words and a line of bars instead."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from cards.parts import Element, facts, stack, text
from cards.words import NAME, plain

Hue = Literal[
    "good", "warning", "attention", "neutral", "categoricalBlue", "categoricalTeal", "categoricalPurple", "categoricalMarigold"
]

_HUES: tuple[Hue, ...] = ("categoricalBlue", "categoricalTeal", "categoricalPurple", "categoricalMarigold")
_BARS = "▁▂▃▄▅▆▇█"
_BLOCKS = 12
"""Bars in a line of bars: what fits beside the numbers."""

_LISTED = 8
"""Values that are listed one by one where a chart is not drawn; more are summed up."""


@dataclass(frozen=True)
class Line:
    """One line of a chart: its legend and (time, value) points, oldest first."""

    legend: str
    points: Sequence[tuple[datetime, float]]


@dataclass(frozen=True)
class Bar:
    """One bar: its label, its value, and the value in words."""

    label: str
    value: float
    shown: str
    hue: Hue | None = None


def line(title: str, lines: Sequence[Line], *, unit: str = "%", top: float | None = 100, points: int = 36) -> Element:
    """A line chart over time. Lines longer than `points` are thinned to the highest of each stretch: a peak must not vanish.

    top: the end of the scale; None to fit it to the values.
    """
    drawn = [Line(plain(part.legend, NAME), _thinned(part.points, points)) for part in lines]
    return {
        "type": "Chart.Line",
        "title": plain(title),
        "xAxisTitle": "Time (UTC)",
        "yAxisTitle": plain(unit, 20) or " ",
        "yMin": 0,
        **({"yMax": top} if top is not None else {}),
        "data": [
            {
                "legend": part.legend,
                "color": _HUES[index % len(_HUES)],
                "values": [{"x": f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}", "y": round(value, 1)} for at, value in part.points],
            }
            for index, part in enumerate(drawn)
        ],
        "fallback": stack(text(title, bold=True), *(_in_words(part, unit, top) for part in lines)),
    }


def bars(title: str, values: Sequence[Bar], *, axis: str = "") -> Element:
    """A vertical bar chart; its fallback has each value as a fact."""
    return {
        "type": "Chart.VerticalBar",
        "title": plain(title),
        **({"yAxisTitle": plain(axis, NAME)} if axis else {}),
        "data": [{"x": plain(bar.label, NAME), "y": _number(bar.value), "color": bar.hue or _HUES[0]} for bar in values],
        "fallback": _listed(title, values),
    }


def gauge(title: str, value: float, *, warning: float, critical: float) -> Element:
    """A percentage against the two thresholds it is judged by."""
    segments = [
        ("healthy", warning, "good"),
        ("warning", critical - warning, "warning"),
        ("critical", 100 - critical, "attention"),
    ]
    return {
        "type": "Chart.Gauge",
        "title": plain(title),
        "min": 0,
        "max": 100,
        "value": _number(min(100.0, max(0.0, value))),
        "valueFormat": "Percentage",
        "segments": [{"legend": legend, "size": round(max(0.0, size), 1), "color": hue} for legend, size, hue in segments],
        "fallback": facts([(title, f"{value:.0f} % (warning from {warning:.0f} %, critical from {critical:.0f} %)")]),
    }


def sparkline(values: Sequence[float], top: float | None = None) -> str:
    """At most 12 bars, each the highest value of its stretch. top: the value of a full bar; else the highest there is."""
    if not values:
        return ""
    high = top or max(*values, 0.0) or 1.0
    step = max(1.0, len(values) / _BLOCKS)
    stretches = [values[int(i * step) : max(int(i * step) + 1, int((i + 1) * step))] for i in range(min(len(values), _BLOCKS))]
    return "".join(_BARS[min(7, max(0, int(max(stretch) / high * 8)))] for stretch in stretches)


def amount(value: float, unit: str) -> str:
    """A value with its unit; bytes per second in the unit that keeps it short."""
    if unit != "B/s":
        return f"{value:.0f} {unit}" if abs(value) >= 10 or unit == "%" else f"{value:.1f} {unit}"
    for prefix in ("", "k", "M"):
        if abs(value) < 1000:
            return f"{value:.0f} {prefix}B/s"
        value /= 1000
    return f"{value:.1f} GB/s"


def _in_words(part: Line, unit: str, top: float | None) -> Element:
    """The numbers first: the bars are drawing, not text."""
    values = [value for _, value in part.points if math.isfinite(value)]
    if not values:
        return text(f"{part.legend}: nothing reported.", subtle=True)
    numbers = f"now {amount(values[-1], unit)}, low {amount(min(values), unit)}, high {amount(max(values), unit)}"
    return text(f"{plain(part.legend, NAME)}: {numbers}  {sparkline(values, top)}", tight=True)


def _listed(title: str, values: Sequence[Bar]) -> Element:
    if len(values) <= _LISTED:
        return stack(text(title, bold=True), facts([(bar.label, bar.shown) for bar in values]))
    low, high = min(values, key=lambda bar: bar.value), max(values, key=lambda bar: bar.value)
    told = [
        (name, f"{plain(bar.shown, NAME)} ({plain(bar.label, NAME)})")
        for name, bar in (("Last", values[-1]), ("Lowest", low), ("Highest", high))
    ]
    return stack(text(title, bold=True), text(sparkline([_number(bar.value) for bar in values]), tight=True), facts(told))


def _thinned(measured: Sequence[tuple[datetime, float]], limit: int) -> Sequence[tuple[datetime, float]]:
    points = [point for point in measured if math.isfinite(point[1])]
    if len(points) <= limit:
        return points
    step = len(points) / limit
    return [max(points[int(i * step) : int((i + 1) * step)], key=lambda point: point[1]) for i in range(limit - 1)] + [points[-1]]


def _number(value: float) -> float:
    """JSON has no word for what is not a number."""
    return round(value, 2) if math.isfinite(value) else 0.0
