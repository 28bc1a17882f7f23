"""Where a request goes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """One region of one account. role: the ARN to assume, empty for the bot's own identity."""

    region: str
    role: str = ""

    @property
    def account(self) -> str:
        """The account's number; empty for the bot's own, which only AWS knows."""
        return self.role.split(":")[4] if self.role else ""

    def __str__(self) -> str:
        return f"account {self.account or 'own'}, region {self.region}"
