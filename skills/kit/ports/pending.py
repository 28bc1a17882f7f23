"""What waits for a decision, as far as the caller has a say in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel, ConfigDict


class Waiting(BaseModel):
    """One thing that waits. question: what would be done. because: why it waits. left: how many approvals are missing, 0 when
    only whoever asked decides. yours: the caller asked for it, so others decide when approvals are missing. Times UTC."""

    model_config = ConfigDict(frozen=True)

    id: str
    question: str
    because: str = ""
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    targets: tuple[str, ...] = ()
    approved_by: tuple[str, ...] = ()
    left: int = 0
    yours: bool = False


class Pending(Protocol):
    """Given for the length of one call, about its caller."""

    async def waiting(self) -> Sequence[Waiting]:
        """What the caller asked for or may approve, oldest first."""
        ...
