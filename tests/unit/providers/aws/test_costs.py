from __future__ import annotations

from datetime import date

import pytest

from providers.aws.costs import AwsCosts
from skills.kit.errors import Forbidden, Invalid
from tests.unit.providers.aws.conftest import Connect
from tests.unit.providers.aws.endpoint import Answer, Asked, Endpoint

START, END = date(2026, 1, 1), date(2026, 1, 3)


def day(start: str, **services: float) -> dict[str, object]:
    groups = [{"Keys": [k], "Metrics": {"UnblendedCost": {"Amount": str(v), "Unit": "USD"}}} for k, v in services.items()]
    return {"TimePeriod": {"Start": start, "End": start}, "Groups": groups, "Estimated": start.endswith("2"), "Total": {}}


async def test_every_page_is_read(endpoint: Endpoint, connect: Connect) -> None:
    def answer(asked: Asked) -> Answer:
        if "NextPageToken" not in asked.params:
            return 200, {"ResultsByTime": [day("2026-01-01", EC2=1.5, S3=0.25)], "NextPageToken": "more"}
        return 200, {"ResultsByTime": [day("2026-01-02", EC2=2)]}

    endpoint.answer = answer
    spend = await AwsCosts(connect()).daily(START, END)
    assert [(s.day.day, s.service, s.amount, s.estimated) for s in spend] == [
        (1, "EC2", 1.5, False),
        (1, "S3", 0.25, False),
        (2, "EC2", 2, True),
    ]
    assert endpoint.asked[0].params["TimePeriod"] == {"Start": "2026-01-01", "End": "2026-01-03"}


async def test_cost_explorer_is_asked_once_however_many_regions(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = lambda _: (200, {"ResultsByTime": []})
    await AwsCosts(connect(regions=["eu-west-1", "eu-central-1"])).daily(START, END)
    assert [asked.region for asked in endpoint.asked] == ["us-east-1"]


async def test_too_little_history_is_none(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = lambda _: (400, {"__type": "DataUnavailableException", "message": "Insufficient amount of historical data"})
    assert await AwsCosts(connect()).forecast(START, END) is None


async def test_forecast_is_the_total(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = lambda _: (200, {"Total": {"Amount": "123.5", "Unit": "USD"}, "ForecastResultsByTime": []})
    costs = AwsCosts(connect())
    assert await costs.forecast(START, END) == 123.5
    await costs.forecast(START, date(2026, 12, 31))
    assert [asked.params["Granularity"] for asked in endpoint.asked] == ["DAILY", "MONTHLY"]


async def test_no_days_are_invalid_and_denied_names_the_action(endpoint: Endpoint, connect: Connect) -> None:
    costs = AwsCosts(connect())
    with pytest.raises(Invalid):
        await costs.daily(END, START)
    endpoint.answer = lambda _: (400, {"__type": "AccessDeniedException", "message": "no"})
    with pytest.raises(Forbidden) as caught:
        await costs.daily(START, END)
    assert caught.value.missing == "ce:GetCostAndUsage"
