"""Roles alone, without Cedar: what the gate asks until it asks `gate.policy.policies.Policies`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Protocol

from gate.policy.request import Decision
from gate.policy.roles import Roles
from gate.policy.settings import PolicySettings
from gate.principal import Principal
from skills.kit.declaration import Skill

BUILT_IN: Mapping[str, tuple[str, ...]] = {
    "viewer": ("*:read", "help:*"),
    "operator": ("*:read", "help:*", "instances:*", "commands:*", "audit:*"),
    "admin": ("*",),
}


class Policy(Protocol):
    """Decides; never acts."""

    def decide(self, principal: Principal, skill: Skill) -> Decision:
        """May they use this skill?"""
        ...


class RolePolicy:
    """A principal has the roles of itself and of its groups, else the default role; a role grants permission patterns."""

    def __init__(self, settings: PolicySettings) -> None:
        """Errors: ValueError when a role is named that does not exist."""
        self._roles = Roles(settings)
        self._grants: dict[str, Sequence[str]] = {**BUILT_IN, **settings.roles}

    def decide(self, principal: Principal, skill: Skill) -> Decision:
        """Allowed when a role they hold grants the skill's permission."""
        held = self._roles.of(principal)
        able = [role for role, granted in self._grants.items() if any(fnmatchcase(skill.permission, g) for g in granted)]
        if role := next((role for role in held if role in able), ""):
            return Decision(allowed=True, reason=f"role {role}")
        return Decision(
            allowed=False,
            reason=f"{skill.name} needs {skill.permission}; you have {' and '.join(held) or 'no role'}.",
            remedy=f"Ask an administrator for the role {' or '.join(able)}.",
        )
