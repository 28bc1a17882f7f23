from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

from providers.memory import MemoryCosts
from skills.costs import summary
from skills.costs.models import CostSummary, Period
from skills.costs.periods import Span, before, month_end, parse_period, span
from skills.costs.summary import SummariseCosts, summarise_costs
from skills.kit.errors import Forbidden, Unavailable
from skills.kit.ports.costs import Spend

THURSDAY = date(2026, 1, 15)


def days(first: str, last: str) -> Span:
    """Both inclusive, as people say it."""
    return Span(date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=1))


@pytest.mark.parametrize(
    ("period", "today", "inside", "compared"),
    [
        ("today", "2026-01-15", days("2026-01-15", "2026-01-15"), days("2026-01-14", "2026-01-14")),
        ("week", "2026-01-15", days("2026-01-12", "2026-01-15"), days("2026-01-05", "2026-01-07")),
        ("month", "2026-01-15", days("2026-01-01", "2026-01-15"), days("2025-12-01", "2025-12-14")),
        ("month", "2026-03-31", days("2026-03-01", "2026-03-31"), days("2026-02-01", "2026-02-28")),
        ("last_month", "2026-03-15", days("2026-02-01", "2026-02-28"), days("2026-01-01", "2026-01-31")),
        ("last_month", "2026-01-01", days("2025-12-01", "2025-12-31"), days("2025-11-01", "2025-11-30")),
    ],
)
def test_periods_are_compared_with_as_many_full_days(period: Period, today: str, inside: Span, compared: Span) -> None:
    day = date.fromisoformat(today)
    assert (span(period, day), before(period, day)) == (inside, compared)


@pytest.mark.parametrize(("period", "today"), [("week", "2026-01-12"), ("month", "2026-01-01")])
def test_on_the_first_day_there_is_nothing_to_compare(period: Period, today: str) -> None:
    assert before(period, date.fromisoformat(today)).days == 0


def test_months_end_where_the_next_begins() -> None:
    assert [month_end(date(2026, 1, 31)), month_end(date(2026, 12, 1))] == [date(2026, 2, 1), date(2027, 1, 1)]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("this month", "month"),
        ("Last Month", "last_month"),
        ("the last month", "last_month"),
        ("week", "week"),
        ("Today", "today"),
        ("last-month", "last_month"),
        (5, 5),
    ],
)
def test_periods_are_read_as_people_say_them(said: object, meant: object) -> None:
    assert parse_period(said) == meant


@pytest.mark.parametrize("said", ["yesteryear", "", 7])
def test_other_periods_are_refused(said: object) -> None:
    with pytest.raises(ValidationError):
        SummariseCosts.model_validate({"period": said})


@pytest.fixture(autouse=True)
def thursday(monkeypatch: pytest.MonkeyPatch) -> None:
    """The skill's today is a Thursday in the middle of a month."""

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime(2026, 1, 15, 12, tzinfo=UTC)

    monkeypatch.setattr(summary, "datetime", Stopped)


def memory(prices: dict[str, float] | None = None, history: int = 90) -> MemoryCosts:
    spent = prices if prices is not None else {"EC2": 30.0, "RDS": 10.0}
    return MemoryCosts(lambda day: spent, history=history, clock=lambda: datetime(2026, 1, 15, 12, tzinfo=UTC))


async def costs(period: Period = "month", provider: MemoryCosts | None = None) -> CostSummary:
    return await summarise_costs.run(SummariseCosts(period=period), costs=provider or memory())


async def test_a_month_is_summed_by_service_and_day() -> None:
    result = await costs()
    assert (result.total, result.currency) == (15 * 40.0, "USD")
    assert [(one.service, one.amount, one.share) for one in result.services] == [("EC2", 450.0, 75.0), ("RDS", 150.0, 25.0)]
    assert [day.amount for day in result.days] == [40.0] * 15
    assert result.estimated


async def test_the_change_compares_full_days_only() -> None:
    provider = memory()
    provider.prices = lambda day: {"EC2": 11.0 if day.year == 2026 else 10.0}
    result = await costs(provider=provider)
    assert result.previous == 140.0
    assert result.change == pytest.approx(10.0)
    assert result.services[0].change == pytest.approx(10.0)


async def test_the_forecast_is_what_was_spent_and_what_is_to_come() -> None:
    result = await costs()
    assert result.forecast == pytest.approx(14 * 40 + 17 * 40)
    assert result.forecast_end == date(2026, 2, 1)


async def test_a_month_that_is_over_has_no_forecast() -> None:
    result = await costs("last_month")
    assert (result.forecast, result.forecast_end) == (None, None)
    assert result.forecast_note
    assert result.total == 31 * 40


async def test_too_little_history_is_said() -> None:
    result = await costs(provider=memory(history=3))
    assert result.forecast is None
    assert "too little history" in result.forecast_note
    assert (result.previous, result.change) == (None, None)
    assert result.change_note


async def test_a_forbidden_forecast_leaves_the_costs_standing() -> None:
    provider = memory()
    provider.faults["forecast"] = Forbidden("AWS refused.", missing="ce:GetCostForecast")
    result = await costs(provider=provider)
    assert result.total == 600
    assert "ce:GetCostForecast" in result.forecast_note


async def test_costs_that_cannot_be_read_are_an_error() -> None:
    provider = memory()
    provider.faults["daily"] = Forbidden("AWS refused.", missing="ce:GetCostAndUsage")
    with pytest.raises(Forbidden):
        await costs(provider=provider)


async def test_today_is_not_compared_while_it_lasts() -> None:
    result = await costs("today")
    assert (result.total, result.previous, result.change) == (40.0, 40.0, None)
    assert result.change_note


async def test_no_data_is_said_and_not_called_zero_spend() -> None:
    result = await costs(provider=memory({}))
    assert result.total == 0
    assert result.note
    assert result.change is None


async def test_a_service_that_is_new_has_no_change() -> None:
    provider = memory()
    provider.prices = lambda day: {"EC2": 10.0, **({"GuardDuty": 5.0} if day.year == 2026 else {})}
    new = next(one for one in (await costs(provider=provider)).services if one.service == "GuardDuty")
    assert (new.previous, new.change) == (None, None)


async def test_currencies_are_not_added_up() -> None:
    class Mixed(MemoryCosts):
        async def daily(self, start: date, end: date) -> Sequence[Spend]:
            return [Spend(day=THURSDAY, service="EC2", amount=1, currency=currency) for currency in ("USD", "EUR")]

    with pytest.raises(Unavailable, match="EUR, USD"):
        await costs(provider=Mixed(clock=lambda: datetime(2026, 1, 15, tzinfo=UTC)))
