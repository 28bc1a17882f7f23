"""The Cedar schema, from the skill catalogue: what a policy may name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from skills.kit.declaration import Skill

CONTEXT: Mapping[str, str] = {
    "door": "String",
    "risk": "String",
    "command_class": "String",
    "count": "Long",
    "hour": "Long",
    "minute": "Long",
    "weekday": "String",
    "date": "Long",
    "confirmed": "Bool",
    "typed": "Bool",
    "approvals": "Long",
}
"""What `context` holds; docs/policy.md says what each means."""

TARGET: Mapping[str, str] = {
    "kind": "String",
    "environment": "String",
    "production": "Bool",
    "region": "String",
    "account": "String",
}
"""What `resource` holds, beside its tags. What acts on no target acts on one where all of this is empty."""

USER: Mapping[str, str] = {"kind": "String", "tenant": "String"}
"""What `principal` holds."""


def groups(skill: Skill) -> tuple[str, ...]:
    """The action groups a skill is in: its permission, that permission's two patterns, and its risk."""
    noun, _, verb = skill.permission.partition(":")
    return (skill.permission, f"{noun}:*", f"*:{verb}", f"risk:{skill.risk.value}")


def schema(skills: Sequence[Skill], roles: Iterable[str]) -> str:
    """The schema in Cedar's own notation."""
    names = sorted({group for skill in skills for group in groups(skill)})
    actions = [
        f"action {_quoted([skill.name])} in [{_quoted(groups(skill))}]"
        " appliesTo { principal: User, resource: Target, context: Context };"
        for skill in skills
    ]
    return "\n".join(
        [
            f"type Context = {_record(CONTEXT)};",
            f"entity Role enum [{_quoted(roles)}];",
            "entity Group;",
            f"entity User in [Role, Group] {_record(USER)};",
            f"entity Target {_record(TARGET)} tags String;",
            *([f"action {_quoted(names)};"] if names else []),
            *actions,
        ]
    )


def words(skills: Sequence[Skill], roles: Iterable[str]) -> list[str]:
    """Every name a policy may use: what a misspelt one may have meant."""
    actions = {name for skill in skills for name in (skill.name, *groups(skill))}
    return sorted({*actions, *roles, *CONTEXT, *TARGET, *USER, "User", "Role", "Group", "Target", "Action"})


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _record(fields: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{name}: {kind}" for name, kind in fields.items()) + " }"
