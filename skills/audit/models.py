"""What questions about the past are answered with."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from skills.kit import Result
from skills.kit.ports.history import Deed


class AuditHistory(Result):
    """A page of what happened, the newest first. since, until: the time that was looked at. about_ids: the instances that were
    asked about. more: there is another page. skill, asked: what was asked, for the next page."""

    deeds: tuple[Deed, ...]
    since: datetime
    until: datetime | None = None
    mine: bool = False
    about_ids: tuple[str, ...] = ()
    page: int = 1
    more: bool = False
    skill: Literal["audit.history", "audit.mine"]
    asked: dict[str, Any] = Field(default={})

    def about(self) -> tuple[str, ...]:
        """The instances that were asked about."""
        return self.about_ids
