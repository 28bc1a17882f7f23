"""Who has which roles, and the statements that a role of the settings stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from gate.policy.settings import PolicySettings
from gate.principal import Principal

SHIPPED = ("viewer", "operator", "admin")
_NAME = re.compile(r"[\w .-]+")


class Roles:
    """The roles there are and who has them. Errors: ValueError when the settings name one that does not exist."""

    def __init__(self, settings: PolicySettings) -> None:
        self._members, self._default = settings.members, settings.default_role
        self.names = (*SHIPPED, *settings.roles)
        for role in settings.roles:
            if role in SHIPPED:
                raise ValueError(f"policy: role {role!r} is shipped; give yours another name")
            if not _NAME.fullmatch(role):
                raise ValueError(f"policy: role {role!r}: use letters, digits, spaces, dots, dashes")
        for role in {*self._members.values(), self._default} - {""}:
            if role not in self.names:
                raise ValueError(f"policy: there is no role {role!r}; roles are {', '.join(sorted(self.names))}")

    def of(self, principal: Principal) -> tuple[str, ...]:
        """The roles of a principal: its own and its groups', else the default role."""
        names = (principal.key, *principal.groups)
        held = tuple(dict.fromkeys(self._members[name] for name in names if self._members.get(name)))
        return held or ((self._default,) if self._default else ())


def permits(roles: dict[str, list[str]], permissions: Iterable[str]) -> str:
    """The roles of the settings as Cedar. Errors: ValueError for a pattern that grants nothing: it is a typing mistake."""
    known = sorted(set(permissions))
    statements: list[str] = []
    for role, patterns in roles.items():
        granted = {permission for pattern in patterns for permission in _granted(role, pattern, known)}
        if granted:
            actions = ", ".join(f'Action::"{permission}"' for permission in sorted(granted))
            statements.append(
                f'@id("role:{role}")\n@reason("Role {role} grants it.")\n'
                f'permit (principal in Role::"{role}", action in [{actions}], resource);\n'
            )
    return "\n".join(statements)


def _granted(role: str, pattern: str, known: list[str]) -> list[str]:
    granted = [permission for permission in known if fnmatchcase(permission, pattern)]
    if not granted:
        raise ValueError(f"policy: role {role!r}: no permission is {pattern!r}; permissions are {', '.join(known)}")
    return granted
