"""What is spent, and what could be spent less on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from cards import buttons, charts
from cards.parts import Card, Element, Head, card, facts, fitted, heading, more, note, section, stack, table, text
from cards.words import NAME, count, lasting, percent, plain

if TYPE_CHECKING:
    from skills.costs.models import CostSummary, Rightsizing, ServiceCost, SizeAdvice, Unjudged

_PERIODS = {"today": "today", "week": "this week", "month": "this month", "last_month": "last month"}
_SERVICES: tuple[Head, ...] = (("Service", 5, "Left"), ("Cost", 3, "Right"), ("Share", 2, "Right"), ("Change", 3, "Right"))


def summary(result: CostSummary) -> Card:
    """What was spent: the total against the time before, the forecast, each day as a chart, the dearest services."""
    total = _money(result.total, result.currency)
    change = _against(result)
    until = f" for the month up to {_day(result.forecast_end - timedelta(days=1))}" if result.forecast_end else ""
    forecast = f"{_money(result.forecast, result.currency)}{until}" if result.forecast is not None else result.forecast_note

    def render(limit: int) -> Card:
        body = [
            *heading(f"Costs {_PERIODS[result.period]}: {total}", _span(result.start, result.end)),
            facts([("Change", change), ("Forecast", forecast)]),
            *_daily(result, limit),
            *([table(_SERVICES, [_service(one, result.currency) for one in result.services[:limit]])] if result.services else []),
            *more(len(result.services) - limit, "service"),
            *([note("The provider still corrects some of these numbers.")] if result.estimated else []),
        ]
        said = f"Costs {_PERIODS[result.period]}: {total}. {change}."
        return card(body, summary=said, actions=_periods(result), wide=True)

    return fitted(render, (12, 8, 4))


def _against(result: CostSummary) -> str:
    if result.change is None or result.previous is None:
        return result.change_note
    before = f"{_money(result.previous, result.currency)} in {_span(result.previous_start, result.previous_end)}"
    return f"{_signed(result.change)} against {before}"


def _daily(result: CostSummary, limit: int) -> list[Element]:
    days = result.days[-31:]
    if len(days) < 2:
        return []
    bars = [charts.Bar(_day(day.day), day.amount, _money(day.amount, result.currency)) for day in days]
    return [charts.bars("Per day", bars, axis=result.currency)] if limit > 4 else []


def _service(one: ServiceCost, currency: str) -> list[Element]:
    change = "–" if one.change is None else _signed(one.change)
    return [text(one.service, limit=NAME), text(_money(one.amount, currency), bold=True), text(percent(one.share)), text(change)]


def _periods(result: CostSummary) -> list[Element]:
    others = [period for period in _PERIODS if period != result.period]
    asked = [buttons.ask(_PERIODS[period].capitalize(), "costs.summary", period=period) for period in others]
    return [*asked, buttons.ask("Where to save", "costs.rightsize")]


def rightsize(result: Rightsizing) -> Card:
    """Which instances are too large, too small or idle by what was measured, and about which nothing can be said."""
    told = f"{count(len(result.advice), 'suggestion')}, {result.fitting:,} right as they are, {len(result.unjudged):,} not judged"

    def render(limit: int) -> Card:
        body = [
            *heading("Sizes", f"{told}. Measured over the last {lasting(result.window)}."),
            *(_advised(one) for one in result.advice[:limit]),
            *([] if result.advice else [text("There is nothing to suggest.")]),
            *more(len(result.advice) - limit, "suggestion"),
            *_unjudged(result, limit),
            note(
                "Savings are of an instance's compute price, from how sizes of a family are priced. Nothing is changed by this."
            ),
        ]
        first = "; ".join(f"{plain(one.name or one.instance_id, NAME)}: {_to_do(one)}" for one in result.advice[:5])
        looks = [
            buttons.ask(
                f"Metrics of {plain(one.name or one.instance_id, 30)}",
                "instances.metrics",
                instances=[one.instance_id],
                window="7d",
            )
            for one in result.advice[:3]
        ]
        return card(body, summary=f"{told}. {first}", actions=looks, wide=True)

    return fitted(render, (20, 12, 8, 4))


def _advised(one: SizeAdvice) -> Element:
    """In sentences, not in a table: on a phone the reason is longer than its column is high."""
    price = f", price {_signed(-one.saving)}" if one.saving is not None else ""
    return stack(
        text(f"{plain(one.name or one.instance_id, NAME)}: {one.advice}", bold=True),
        text(f"{_to_do(one)}{price}", tight=True),
        text(one.reason, size="Small", subtle=True, tight=True, limit=240),
    )


def _to_do(one: SizeAdvice) -> str:
    return f"{one.type} → {one.to}" if one.to else f"{one.advice} {one.type}"


def _unjudged(result: Rightsizing, limit: int) -> list[Element]:
    shown: tuple[Unjudged, ...] = result.unjudged[:limit]
    if not shown:
        return []
    pairs = [(one.name or one.instance_id, one.reason) for one in shown]
    return [section("Not judged"), facts(pairs, limit=160), *more(len(result.unjudged) - limit, "instance")]


def _money(value: float, currency: str) -> str:
    shown = f"{value:,.2f}"
    return f"${shown}" if currency == "USD" else f"{shown} {plain(currency, 8)}"


def _signed(change: float) -> str:
    """A change in percent with its sign, for reading at a glance."""
    return f"{change:+.0f} %"


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _span(start: date, end: date) -> str:
    last = end - timedelta(days=1)
    return _day(start) if last <= start else f"{_day(start)} to {_day(last)}"
