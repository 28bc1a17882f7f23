"""What an operator says about permissions without writing a policy."""

from __future__ import annotations

from datetime import UTC, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field, field_validator


class PolicySettings(BaseModel):
    """Roles, who has them, and where further policies are. See docs/policy.md."""

    members: dict[str, str] = Field(
        default={},
        description="Who has which role: a principal (`teams:TENANT/OBJECT-ID`, `key:NAME`) or a group id, to a role's name.",
    )
    roles: dict[str, list[str]] = Field(
        default={},
        description="Roles beside viewer, operator and admin: a name to permissions such as `instances:stop` or `*:read`.",
    )
    default_role: str = Field(
        default="viewer", description="The role of everybody who is let in and has no other; empty: nothing is permitted."
    )
    files: Path | None = Field(default=None, description="A folder of Cedar policies, `*.cedar`; read again when they change.")
    zone: str = Field(default="UTC", description="The time zone of hours, days and dates in policies, such as `Europe/Zurich`.")
    second_person: bool = Field(
        default=True, description="Have a second person approve what is risky; false: who is alone types the target's name."
    )
    production: list[str] = Field(
        default=["prod*", "prd*", "live*", ""],
        description="Environments that are production, `*` for any text; the empty one is of targets that name none.",
    )
    without: list[str] = Field(default=[], description="Shipped policy statements to leave out, by id; see docs/policy.md.")

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        _zone(zone)
        return zone

    @property
    def local(self) -> tzinfo:
        """The time zone."""
        return _zone(self.zone)


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone {name!r}; write it as in Europe/Zurich") from error
