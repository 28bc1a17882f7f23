"""Cost Explorer for the fleet: EC2 is what the machines ran for at their price, the rest grows with it."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from moto.ce.responses import CostExplorerResponse
from moto.core.exceptions import JsonRESTError

from providers.demo.fleet import WINDOWS_PREMIUM
from providers.demo.machine import Machine
from providers.demo.world import World

COMPUTE = "Amazon Elastic Compute Cloud - Compute"
OTHERS = {
    "EC2 - Other": 0.21,
    "Amazon Relational Database Service": 0.34,
    "Amazon Simple Storage Service": 0.12,
    "Amazon Elastic Load Balancing": 0.07,
    "AmazonCloudWatch": 0.05,
    "AWS Key Management Service": 0.006,
    "Amazon Virtual Private Cloud": 0.04,
}
"""Services by their part of what compute costs."""
HISTORY = 425
"""Days that Cost Explorer answers for."""
DAYS_A_PAGE = 30


class CostExplorer(CostExplorerResponse):
    """Handles Cost Explorer requests; the world is set once, before the server starts."""

    world: ClassVar[World]

    def get_cost_and_usage(self) -> str:
        """DAILY or MONTHLY, grouped by SERVICE, by a TAG or not at all; 30 periods a page. Amounts in dollars."""
        asked: dict[str, Any] = json.loads(self.body)
        start, end = _day(asked["TimePeriod"]["Start"]), _day(asked["TimePeriod"]["End"])
        today = datetime.now(UTC).date()
        if start >= end:
            raise JsonRESTError("ValidationException", "Start date (and hour) should be before end date (and hour)")
        if start < today - timedelta(days=HISTORY):
            raise JsonRESTError("ValidationException", "You haven't enabled historical data beyond 14 months")
        periods = list(_periods(start, end, asked["Granularity"]))
        first = int(asked.get("NextPageToken") or 0)
        answer: dict[str, Any] = {
            "GroupDefinitions": asked.get("GroupBy", []),
            "ResultsByTime": [self._result(since, until, asked, today) for since, until in periods[first : first + DAYS_A_PAGE]],
            "DimensionValueAttributes": [],
        }
        if first + DAYS_A_PAGE < len(periods):
            answer["NextPageToken"] = str(first + DAYS_A_PAGE)
        return json.dumps(answer)

    def get_cost_forecast(self) -> str:
        """The last two weeks, carried on by weekday. Errors: ValidationException for a time that has begun."""
        asked: dict[str, Any] = json.loads(self.body)
        start, end = _day(asked["TimePeriod"]["Start"]), _day(asked["TimePeriod"]["End"])
        today = datetime.now(UTC).date()
        if start < today or start >= end:
            raise JsonRESTError("ValidationException", "Start date must not be before today, and before the end date.")
        rows: list[dict[str, Any]] = []
        total = 0.0
        for since, until in _periods(start, end, asked["Granularity"]):
            amount = sum(self._expected(since + timedelta(days=n), today) for n in range((until - since).days))
            total += amount
            rows.append({"TimePeriod": _period(since, until), "MeanValue": f"{amount:.10f}"})
        return json.dumps({"Total": {"Amount": f"{total:.10f}", "Unit": "USD"}, "ForecastResultsByTime": rows})

    def _expected(self, day: date, today: date) -> float:
        """The mean of the same weekday in the last two weeks."""
        back = (today - day).days % 7 or 7
        return sum(sum(self._costs(today - timedelta(days=back + 7 * week)).values()) for week in (0, 1)) / 2

    def _result(self, since: date, until: date, asked: Mapping[str, Any], today: date) -> dict[str, Any]:
        metrics: Sequence[str] = asked.get("Metrics") or ["UnblendedCost"]
        grouping: list[Mapping[str, str]] = asked.get("GroupBy", [])
        sums: dict[str, float] = {}
        for n in range((until - since).days):
            for key, amount in self._grouped(since + timedelta(days=n), grouping).items():
                sums[key] = sums.get(key, 0.0) + amount
        row: dict[str, Any] = {
            "TimePeriod": _period(since, until),
            "Total": {},
            "Groups": [],
            "Estimated": until >= today,
        }
        if grouping:
            row["Groups"] = [{"Keys": [key], "Metrics": _amounts(metrics, amount)} for key, amount in sums.items() if amount]
        else:
            row["Total"] = _amounts(metrics, sum(sums.values()))
        return row

    def _grouped(self, day: date, grouping: Sequence[Mapping[str, str]]) -> dict[str, float]:
        """The day's costs by service, or by a tag of the instances; what has no tag goes under an empty one."""
        costs = self._costs(day)
        if not grouping or grouping[0]["Type"] != "TAG":
            return costs
        key = grouping[0]["Key"]
        tagged: dict[str, float] = {}
        for machine in self.world.machines.values():
            name = f"{key}${self.world.tags(machine).get(key, '')}"
            tagged[name] = tagged.get(name, 0.0) + self._compute(machine, day)
        tagged[f"{key}$"] = tagged.get(f"{key}$", 0.0) + sum(costs.values()) - costs.get(COMPUTE, 0.0)
        return tagged

    def _costs(self, day: date) -> dict[str, float]:
        """Dollars by service on a day; on the current one, up to now."""
        compute = sum(self._compute(machine, day) for machine in self.world.machines.values())
        chance = random.Random(f"{self.world.seed}/{day}")
        others = {service: compute * part * chance.uniform(0.92, 1.08) for service, part in OTHERS.items()}
        return {COMPUTE: compute, **others} if compute else {}

    def _compute(self, machine: Machine, day: date) -> float:
        begins = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
        premium = WINDOWS_PREMIUM if machine.plan.platform == "windows" else 1.0
        return machine.hours(begins, min(begins + 86400, time.time())) * machine.plan.size.price * premium


def _periods(start: date, end: date, granularity: str) -> Iterator[tuple[date, date]]:
    """The days, or the calendar months, from start up to end. Errors: ValidationException for another granularity."""
    if granularity not in ("DAILY", "MONTHLY"):
        raise JsonRESTError("ValidationException", f"Granularity {granularity} is not simulated")
    while start < end:
        month = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
        until = min(end, month) if granularity == "MONTHLY" else start + timedelta(days=1)
        yield start, until
        start = until


def _amounts(metrics: Sequence[str], amount: float) -> dict[str, Any]:
    return {metric: {"Amount": f"{amount:.10f}", "Unit": "USD"} for metric in metrics}


def _period(since: date, until: date) -> dict[str, str]:
    return {"Start": since.isoformat(), "End": until.isoformat()}


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])
