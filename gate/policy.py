"""Who may do what: permissions are data. Anything that is not granted is denied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from gate.principal import Principal
from skills.kit.declaration import Skill

BUILT_IN: Mapping[str, tuple[str, ...]] = {
    "viewer": ("*:read", "help:*"),
    "operator": ("*:read", "help:*", "instances:*", "commands:*"),
    "admin": ("*",),
}


class PolicySettings(BaseModel):
    """Roles and who has them."""

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


class Decision(BaseModel):
    """What the policy says. reason: why, for a person. remedy: what would make it allowed."""

    model_config = ConfigDict(frozen=True)

    allowed: bool
    reason: str
    remedy: str = ""


class Policy(Protocol):
    """Decides; never acts."""

    def decide(self, principal: Principal, skill: Skill) -> Decision:
        """May they use this skill?"""
        ...


class RolePolicy:
    """A principal has the roles of itself and of its groups, else the default role; a role grants permission patterns."""

    def __init__(self, settings: PolicySettings) -> None:
        """Errors: ValueError when a role is named that does not exist."""
        self._settings = settings
        self._roles: dict[str, Sequence[str]] = {**BUILT_IN, **settings.roles}
        for role in {*settings.members.values(), settings.default_role} - {""}:
            if role not in self._roles:
                raise ValueError(f"policy: there is no role {role!r}; roles are {', '.join(sorted(self._roles))}")

    def roles(self, principal: Principal) -> list[str]:
        """The roles of a principal."""
        held = [self._settings.members[name] for name in (principal.key, *principal.groups) if name in self._settings.members]
        return held or ([self._settings.default_role] if self._settings.default_role else [])

    def decide(self, principal: Principal, skill: Skill) -> Decision:
        """Allowed when a role they hold grants the skill's permission."""
        held = self.roles(principal)
        for role in held:
            if any(fnmatchcase(skill.permission, granted) for granted in self._roles[role]):
                return Decision(allowed=True, reason=f"role {role}")
        able = [role for role in self._roles if any(fnmatchcase(skill.permission, g) for g in self._roles[role])]
        return Decision(
            allowed=False,
            reason=f"{skill.name} needs {skill.permission}; you have {' and '.join(held) or 'no role'}.",
            remedy=f"Ask an administrator for the role {' or '.join(able)}.",
        )
