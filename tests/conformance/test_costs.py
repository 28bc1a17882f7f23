"""What Costs promises."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from providers.memory import Clock
from skills.kit.errors import Invalid
from tests.conformance.conftest import Cloud

DAY = timedelta(days=1)


@pytest.fixture
def today(request: pytest.FixtureRequest) -> date:
    """Today, on the clock of the cloud under test."""
    on_twins = request.node.callspec.params["cloud"] == "twins"
    return Clock()().date() if on_twins else datetime.now(UTC).date()


async def test_daily_covers_every_day_up_to_the_end(cloud: Cloud, today: date) -> None:
    spend = await cloud.costs.daily(today - 45 * DAY, today)
    assert {item.day for item in spend} == {today - n * DAY for n in range(1, 46)}
    assert len({(item.day, item.service) for item in spend}) == len(spend)
    assert {item.currency for item in spend} == {"USD"}
    assert sum(item.amount for item in spend) > 0
    assert any("Compute" in item.service for item in spend)


async def test_today_is_an_estimate(cloud: Cloud, today: date) -> None:
    spend = await cloud.costs.daily(today, today + DAY)
    assert spend
    assert all(item.estimated for item in spend)


async def test_a_forecast_grows_with_its_days(cloud: Cloud, today: date) -> None:
    week, month = [await cloud.costs.forecast(today + DAY, today + n * DAY) for n in (8, 31)]
    assert week is not None
    assert month is not None
    assert 0 < week < month


async def test_no_days_are_invalid(cloud: Cloud, today: date) -> None:
    with pytest.raises(Invalid):
        await cloud.costs.daily(today, today)
    with pytest.raises(Invalid):
        await cloud.costs.forecast(today + DAY, today)
    with pytest.raises(Invalid):
        await cloud.costs.forecast(today - DAY, today + DAY)
