"""Cost Explorer. Every request to it costs a cent; its one endpoint is in us-east-1."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from providers.aws.session import Scope, Session
from skills.kit.errors import Invalid, NotFound
from skills.kit.ports.costs import Spend

_DAILY_UP_TO = timedelta(days=92)
"""Cost Explorer forecasts day by day for about three months, month by month beyond."""


class AwsCosts:
    """The Costs port over Cost Explorer; the accounts of the settings are added up.

    A payer account already counts its members: configure either it or them.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._scopes = tuple(dict.fromkeys(Scope("us-east-1", scope.role) for scope in session.scopes))

    async def daily(self, start: date, end: date) -> Sequence[Spend]:
        """Spend per day and service, every page of it."""
        _check(start, end)
        found = await asyncio.gather(*(self._daily(scope, start, end) for scope in self._scopes))
        return [spend for some in found for spend in some]

    async def forecast(self, start: date, end: date) -> float | None:
        """The forecast total; None as soon as one account has too little history to say."""
        _check(start, end)
        parts = await asyncio.gather(*(self._forecast(scope, start, end) for scope in self._scopes))
        known = [part for part in parts if part is not None]
        return sum(known) if len(known) == len(parts) else None

    async def _daily(self, scope: Scope, start: date, end: date) -> list[Spend]:
        found: list[Spend] = []
        more: dict[str, Any] = {}
        while True:
            page, token = await self._session.call(
                scope,
                "ce",
                "get_cost_and_usage",
                shape=_page,
                TimePeriod=_period(start, end),
                Granularity="DAILY",
                Metrics=["UnblendedCost"],
                GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"}],
                **more,
            )
            found += page
            if not token:
                return found
            more = {"NextPageToken": token}

    async def _forecast(self, scope: Scope, start: date, end: date) -> float | None:
        try:
            return await self._session.call(
                scope,
                "ce",
                "get_cost_forecast",
                shape=lambda response: float(response["Total"]["Amount"]),
                TimePeriod=_period(start, end),
                Metric="UNBLENDED_COST",
                Granularity="DAILY" if end - start <= _DAILY_UP_TO else "MONTHLY",
            )
        except NotFound:  # DataUnavailableException: too little history
            return None


def _check(start: date, end: date) -> None:
    if end <= start:
        raise Invalid(f"Costs need at least one day: {start} to {end} is none.", remedy="Give an end after the start.")


def _period(start: date, end: date) -> dict[str, str]:
    return {"Start": start.isoformat(), "End": end.isoformat()}


def _page(response: Any) -> tuple[list[Spend], str | None]:
    """One response of GetCostAndUsage, and the token of the next."""
    spend = [
        Spend(
            day=date.fromisoformat(result["TimePeriod"]["Start"]),
            service=group["Keys"][0],
            amount=float(group["Metrics"]["UnblendedCost"]["Amount"]),
            currency=group["Metrics"]["UnblendedCost"]["Unit"],
            estimated=result["Estimated"],
        )
        for result in response["ResultsByTime"]
        for group in result["Groups"]
    ]
    return spend, response.get("NextPageToken")
