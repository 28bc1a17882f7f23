"""What the cloud costs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from pydantic import BaseModel, ConfigDict


class Spend(BaseModel):
    """What one service cost on one day, unblended. amount: in `currency`."""

    model_config = ConfigDict(frozen=True)

    day: date
    service: str
    amount: float
    currency: str = "USD"
    estimated: bool = False


class Costs(Protocol):
    """Costs per day and service. Errors: Forbidden with the missing IAM action, Throttled, Unavailable (part `cost explorer`)."""

    async def daily(self, start: date, end: date) -> Sequence[Spend]:
        """Spend from `start` up to, not including, `end`; every page of it."""
        ...

    async def forecast(self, start: date, end: date) -> float | None:
        """What is expected to be spent in that time; None when there is too little history to say."""
        ...
