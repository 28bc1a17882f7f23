"""`costs.summary`: what was spent, on what, and what it will come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from pydantic import Field

import cards.costs
from skills.costs.models import CostSummary, DayCost, ServiceCost
from skills.costs.periods import DAY, SaidPeriod, Span, before, month_end, span
from skills.gaps import BEARABLE, reason
from skills.kit import Arguments, skill
from skills.kit.errors import Unavailable
from skills.kit.ports.costs import Costs, Spend


class SummariseCosts(Arguments):
    """Over which time."""

    period: SaidPeriod = Field(
        "month", description="today; week: since Monday; month: since its first; last_month: the whole month before. UTC days."
    )


@skill(
    "costs.summary",
    permission="costs:read",
    view=cards.costs.summary,
    examples=(
        "costs",
        "how much did we spend this {month:period}",
        "what did we spend {last month:period}",
        "costs {today:period}",
        "costs this {month:period}",
        "show costs for this {week:period}",
        "what's our aws bill",
        "cost summary for {last month:period}",
        "how much will we spend this {month:period}",
        "spend by service this {week:period}",
    ),
    iam=("ce:GetCostAndUsage", "ce:GetCostForecast"),
)
async def summarise_costs(args: SummariseCosts, *, costs: Costs) -> CostSummary:
    """Show what the cloud cost, by service and day, against the time before, and what the month will come to.

    Only full days are compared: today's costs still arrive. Errors: those of the port.
    """
    today = datetime.now(UTC).date()
    now, earlier = span(args.period, today), before(args.period, today)
    ends = month_end(today)
    spend = await costs.daily(min(earlier.start, now.start, today.replace(day=1)), max(now.end, earlier.end))
    inside = [one for one in spend if one.day in now]
    full = Span(now.start, min(now.end, today))
    total, current = _sum(inside), _sum(one for one in spend if one.day in full)
    previous, change, change_note = _change(spend, full, earlier, current)
    over = args.period == "last_month"
    forecast, forecast_note = (None, "That month is over.") if over else await _forecast(costs, spend, today, ends)
    return CostSummary(
        period=args.period,
        start=now.start,
        end=now.end,
        currency=_currency(spend),
        total=total,
        services=_services(spend, now, full, earlier, total),
        days=_days(inside, now),
        previous=previous,
        previous_start=earlier.start,
        previous_end=earlier.end,
        change=change,
        change_note=change_note,
        forecast=forecast,
        forecast_end=ends if forecast is not None else None,
        forecast_note=forecast_note,
        estimated=any(one.estimated for one in inside),
        note="" if inside else "No costs have arrived for this time yet.",
    )


def percent_change(old: float, new: float) -> float | None:
    """The change in percent; None when there was nothing before."""
    return (new - old) / old * 100 if old > 0 else None


def _change(spend: Sequence[Spend], full: Span, earlier: Span, current: float) -> tuple[float | None, float | None, str]:
    if full.days < 1:
        note = "The first day is not over, so there is nothing to compare."
        return (_sum(one for one in spend if one.day in earlier) if earlier.days else None), None, note
    there = [one for one in spend if one.day in earlier]
    if not there:
        return None, None, "Nothing is known of the time before."
    previous = _sum(there)
    change = percent_change(previous, current)
    return previous, change, "" if change is not None else "Nothing was spent in the time before."


async def _forecast(costs: Costs, spend: Sequence[Spend], today: date, ends: date) -> tuple[float | None, str]:
    """The whole month: what its full days cost, and what is expected from today on."""
    try:
        rest = await costs.forecast(today, ends)
    except BEARABLE as error:
        return None, f"It could not be read: {reason(error)}"
    if rest is None:
        return None, "There is too little history for a forecast."
    return _sum(one for one in spend if one.day in Span(today.replace(day=1), today)) + rest, ""


def _services(spend: Sequence[Spend], now: Span, full: Span, earlier: Span, total: float) -> tuple[ServiceCost, ...]:
    amounts = _by_service(one for one in spend if one.day in now)
    current = _by_service(one for one in spend if one.day in full)
    previous = _by_service(one for one in spend if one.day in earlier) if full.days else {}
    return tuple(
        ServiceCost(
            service=service,
            amount=amount,
            share=amount / total * 100 if total > 0 else 0,
            previous=previous.get(service),
            change=percent_change(previous.get(service, 0), current.get(service, 0)),
        )
        for service, amount in sorted(amounts.items(), key=lambda item: (-item[1], item[0]))
    )


def _days(inside: Sequence[Spend], now: Span) -> tuple[DayCost, ...]:
    amounts: defaultdict[date, float] = defaultdict(float)
    for one in inside:
        amounts[one.day] += one.amount
    return tuple(DayCost(day=day, amount=amounts[day]) for day in (now.start + n * DAY for n in range(now.days)))


def _by_service(spend: Iterable[Spend]) -> dict[str, float]:
    amounts: defaultdict[str, float] = defaultdict(float)
    for one in spend:
        amounts[one.service] += one.amount
    return dict(amounts)


def _sum(spend: Iterable[Spend]) -> float:
    return sum(one.amount for one in spend)


def _currency(spend: Sequence[Spend]) -> str:
    found = sorted({one.currency for one in spend}) or ["USD"]
    if len(found) > 1:
        raise Unavailable(f"Costs come in several currencies ({', '.join(found)}) and cannot be added up.", part="cost explorer")
    return found[0]
