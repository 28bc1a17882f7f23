"""Narrowing and ordering a list of instances."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Literal

from skills.kit.ports.compute import Instance

Order = Literal["name", "state", "type", "launched"]

_ENVIRONMENTS = (
    {"production", "prod", "prd", "live"},
    {"staging", "stage", "stg", "preprod", "pre-production"},
    {"development", "develop", "dev"},
    {"testing", "test", "tst", "qa"},
)
_NEVER = datetime.min.replace(tzinfo=UTC)


def in_environment(instance: Instance, said: str) -> bool:
    """Does its environment tag mean what was said? `prod` means `production`; an untagged instance is in none."""
    tag, word = instance.environment.casefold(), said.casefold().removesuffix(" environment").strip()
    return bool(tag) and (tag == word or any({tag, word} <= same for same in _ENVIRONMENTS))


def is_environment(said: str) -> bool:
    """Is it one of the usual words for an environment?"""
    return any(said.casefold() in same for same in _ENVIRONMENTS)


def named(instance: Instance, said: str) -> bool:
    """Does its name contain what was said, or fit it as a pattern with `*`? Case does not matter."""
    return _fits(instance.name, said if "*" in said else f"*{said}*")


def of_type(instance: Instance, said: str) -> bool:
    """Is it of that type (`t3.medium`), family (`t3`) or pattern (`*.large`)?"""
    return _fits(instance.type, said if "*" in said or "." in said else f"{said}.*")


def split_tag(tag: str) -> tuple[str, str]:
    """`key=value` or `key:value` apart; a key alone fits any value."""
    match = re.fullmatch(r"\s*([^=:]+?)\s*[=:]\s*(.*?)\s*", tag)
    return (match[1], match[2] or "*") if match else (tag.strip(), "*")


def natural(text: str) -> list[tuple[int, str]]:
    """A sort key by which `web-2` comes before `web-10`."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", text.casefold()) if part]


def ordered(instances: Sequence[Instance], order: Order) -> list[Instance]:
    """Sorted: by name (web-2 before web-10), by state, by type, or the last launched first; names decide between equals."""
    by_name = sorted(instances, key=lambda one: (not one.name, natural(one.label), one.id))
    if order == "launched":
        return sorted(by_name, key=lambda one: one.launched_at or _NEVER, reverse=True)
    if order == "state":
        return sorted(by_name, key=lambda one: one.state.value)
    if order == "type":
        return sorted(by_name, key=lambda one: natural(one.type))
    return by_name


def _fits(text: str, pattern: str) -> bool:
    escaped = re.sub(r"[\[?]", lambda found: f"[{found[0]}]", pattern.casefold())
    return fnmatchcase(text.casefold(), escaped)
