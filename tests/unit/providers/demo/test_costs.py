"""The simulated Cost Explorer and STS, driven by boto3."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from providers.demo.fleet import WINDOWS_PREMIUM, plans
from tests.unit.providers.demo.conftest import Aws, client

pytestmark = pytest.mark.demo
BY_SERVICE = [{"Type": "DIMENSION", "Key": "SERVICE"}]
COMPUTE = "Amazon Elastic Compute Cloud - Compute"


def today() -> date:
    return datetime.now(UTC).date()


def days(aws: Aws, back: int, until: int = 1, **more: Any) -> list[dict[str, Any]]:
    """Every page of the days from `back` days ago up to `until` days hence, not included."""
    asked: dict[str, Any] = {
        "TimePeriod": {"Start": str(today() - timedelta(days=back)), "End": str(today() + timedelta(days=until))},
        "Granularity": "DAILY",
        "Metrics": ["UnblendedCost"],
        **more,
    }
    rows: list[dict[str, Any]] = []
    while True:
        page = aws.costs.get_cost_and_usage(**asked)
        rows += page["ResultsByTime"]
        if "NextPageToken" not in page:
            return rows
        asked["NextPageToken"] = page["NextPageToken"]


def total(row: dict[str, Any]) -> float:
    return float(row["Total"]["UnblendedCost"]["Amount"])


def groups(row: dict[str, Any]) -> dict[str, float]:
    return {group["Keys"][0]: float(group["Metrics"]["UnblendedCost"]["Amount"]) for group in row["Groups"]}


def test_sixty_days_by_service_come_in_pages(aws: Aws) -> None:
    rows = days(aws, 60, GroupBy=BY_SERVICE)

    assert len(rows) == 61
    assert [row["TimePeriod"]["Start"] for row in rows] == [str(today() - timedelta(days=n)) for n in range(60, -1, -1)]
    assert all(len(groups(row)) >= 6 for row in rows[:-1])
    assert [row["Estimated"] for row in rows[-3:]] == [False, True, True]


def test_the_parts_make_the_whole(aws: Aws) -> None:
    by_service, whole = days(aws, 3, 0, GroupBy=BY_SERVICE), days(aws, 3, 0)
    by_team = days(aws, 3, 0, GroupBy=[{"Type": "TAG", "Key": "Team"}])

    for parts, tagged, row in zip(by_service, by_team, whole, strict=True):
        assert sum(groups(parts).values()) == pytest.approx(total(row))
        assert sum(groups(tagged).values()) == pytest.approx(total(row))
    assert "Team$payments" in groups(by_team[0])


def test_compute_costs_what_the_instances_ran_for(aws: Aws) -> None:
    yesterday = groups(days(aws, 1, 0, GroupBy=BY_SERVICE)[0])[COMPUTE]

    running = [plan for plan in plans(24) if not plan.stopped]
    hourly = sum(plan.size.price * (WINDOWS_PREMIUM if plan.platform == "windows" else 1) for plan in running)
    assert yesterday == pytest.approx(24 * hourly)


def test_a_month_is_the_sum_of_its_days(aws: Aws) -> None:
    months = days(aws, 40, 0, Granularity="MONTHLY")
    every = days(aws, 40, 0)

    assert sum(map(total, months)) == pytest.approx(sum(map(total, every)))
    assert len(months) >= 2


def test_today_is_a_part_of_a_day(aws: Aws) -> None:
    yesterday, so_far = days(aws, 1)

    assert 0 <= total(so_far) <= total(yesterday) * 1.1


def test_the_forecast_carries_on(aws: Aws) -> None:
    found = aws.costs.get_cost_forecast(
        TimePeriod={"Start": str(today()), "End": str(today() + timedelta(days=10))}, Metric="UNBLENDED_COST", Granularity="DAILY"
    )
    usual = total(days(aws, 1, 0)[0])

    assert len(found["ForecastResultsByTime"]) == 10
    assert 8 * usual < float(found["Total"]["Amount"]) < 12 * usual


def test_a_time_that_has_passed_cannot_be_forecast_and_an_empty_one_not_asked(aws: Aws) -> None:
    past = {"Start": str(today() - timedelta(days=3)), "End": str(today())}
    with pytest.raises(ClientError, match="ValidationException"):
        aws.costs.get_cost_forecast(TimePeriod=past, Metric="UNBLENDED_COST", Granularity="DAILY")
    with pytest.raises(ClientError, match="ValidationException"):
        days(aws, 0, 0)


def test_who_we_are(aws: Aws) -> None:
    assert client("sts", aws.url).get_caller_identity()["Account"] == "123456789012"
