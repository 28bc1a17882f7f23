"""A set of statements ready to be asked: parsed once, never changed. What Cedar is asked, and how its answers are read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import cedarpy

from gate.policy.request import Decision, Rung
from gate.policy.schema import groups
from gate.policy.statement import Statement
from gate.principal import Principal
from skills.kit.declaration import Skill

KEPT = 1024
"""Parsed entities and outlooks kept; there are few principals and few kinds of targets, but a year has many."""

_RISING = {"confirmed", "typed", "approvals"}
"""The parts of the context that differ between the rungs of the ladder."""


class Seen(NamedTuple):
    """What policies can see of a target. Targets that look the same are asked about once."""

    id: str = ""
    kind: str = ""
    environment: str = ""
    production: bool = False
    region: str = ""
    account: str = ""
    tags: tuple[tuple[str, str], ...] = ()


class Who(NamedTuple):
    """What policies can see of a principal. groups: only those that a policy names."""

    key: str
    kind: str
    tenant: str
    roles: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What a policy set says. by: ids of the statements that decided. error: why it could not be evaluated; then it is a no."""

    allowed: bool
    by: tuple[str, ...] = ()
    error: str = ""

    @property
    def forbidden(self) -> bool:
        """A statement forbids it, or nothing can be said: no permit can help."""
        return bool(self.error) or (not self.allowed and bool(self.by))


class _Sets(NamedTuple):
    """The statements that may apply to one skill. relaxed: permits without their conditions, and what is forbidden always."""

    fixed: cedarpy.PolicySet
    rising: cedarpy.PolicySet
    relaxed: cedarpy.PolicySet


class Rules:
    """Statements by skill, and whom they mean. Most statements say the same on each rung of the ladder (`fixed`): they are
    asked once for a decision, those that read what was confirmed (`rising`) once for each rung. `combined` puts the two
    together as Cedar would have: one forbid refuses, else one permit allows."""

    def __init__(self, statements: Sequence[Statement], skills: Iterable[Skill]) -> None:
        self.statements: Mapping[str, Statement] = {statement.id: statement for statement in statements}
        self.outlooks: dict[tuple[Who, str], Decision] = {}
        self._entities: dict[tuple[Who, str, Seen], cedarpy.Entities] = {}
        self._groups = _named(statements, "Group")
        self._by_id = bool(_named(statements, "Target"))
        self._tags = _tags(statements)
        self._actions = {skill.name: (skill.name, *groups(skill)) for skill in skills}
        self._sets = {name: _sets(statements, names) for name, names in self._actions.items()}

    def who(self, principal: Principal, roles: tuple[str, ...]) -> Who:
        """What these policies see of a principal."""
        named = tuple(group for group in principal.groups if group in self._groups)
        return Who(principal.key, principal.kind, principal.tenant, roles, named)

    def seen(self, target: Seen) -> Seen:
        """What these policies see of a target: without its id and the tags that none of them reads."""
        tags = target.tags if self._tags is None else tuple(tag for tag in target.tags if tag[0] in self._tags)
        return target._replace(id=target.id if self._by_id else "", tags=tags)

    def fixed(self, who: Who, skill: str, seen: Seen, context: Mapping[str, Any]) -> Answer:
        """What holds on every rung."""
        return self._ask(self._sets[skill].fixed, who, skill, seen, context)

    def rising(self, who: Who, skill: str, seen: Seen, context: Mapping[str, Any], rung: Rung) -> Answer:
        """What holds on one rung."""
        done = {"confirmed": rung.confirmed, "typed": rung.typed, "approvals": rung.approvals}
        return self._ask(self._sets[skill].rising, who, skill, seen, {**context, **done})

    def relaxed(self, who: Who, skill: str) -> Answer:
        """Could any request of theirs be allowed? Yes too often rather than too seldom: conditions are not looked at."""
        return self._ask(self._sets[skill].relaxed, who, skill, Seen(), {})

    def _ask(self, policies: cedarpy.PolicySet, who: Who, skill: str, seen: Seen, context: Mapping[str, Any]) -> Answer:
        request = {
            "principal": {"type": "User", "id": who.key},
            "action": {"type": "Action", "id": skill},
            "resource": {"type": "Target", "id": seen.id},
            "context": context,
        }
        try:
            result = cedarpy.is_authorized(request, policies, self._known(who, skill, seen))
        except (ValueError, TypeError) as error:
            return Answer(False, (), str(error))
        said = result.diagnostics
        # A statement that fails is skipped by Cedar: a forbid that fails would allow.
        return Answer(result.allowed and not said.errors, tuple(sorted(said.reasons)), "; ".join(said.errors))

    def _known(self, who: Who, skill: str, seen: Seen) -> cedarpy.Entities:
        key = (who, skill, seen)
        if (entities := self._entities.get(key)) is None:
            if len(self._entities) >= KEPT:
                self._entities.clear()
            entities = cedarpy.Entities.from_json_str(json.dumps(_entities(who, self._actions[skill], seen)))
            self._entities[key] = entities
        return entities


def combined(fixed: Answer, rising: Answer) -> Answer:
    """Both parts as one set of statements."""
    if forbidding := [answer for answer in (fixed, rising) if answer.forbidden]:
        by = tuple(id for answer in forbidding for id in answer.by if not answer.allowed)
        return Answer(False, by, "; ".join(answer.error for answer in forbidding if answer.error))
    return Answer(fixed.allowed or rising.allowed, fixed.by + rising.by)


def _entities(who: Who, actions: Sequence[str], seen: Seen) -> list[dict[str, Any]]:
    parents = [*(("Role", role) for role in who.roles), *(("Group", group) for group in who.groups)]
    target = {key: value for key, value in seen._asdict().items() if key not in ("id", "tags")}
    return [
        _entity("User", who.key, {"kind": who.kind, "tenant": who.tenant}, parents),
        _entity("Action", actions[0], {}, [("Action", group) for group in actions[1:]]),
        {**_entity("Target", seen.id, target), "tags": dict(seen.tags)},
    ]


def _entity(kind: str, id: str, attributes: Mapping[str, Any], parents: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
    return {
        "uid": {"type": kind, "id": id},
        "attrs": attributes,
        "parents": [{"type": kind, "id": id} for kind, id in parents],
    }


def _sets(statements: Sequence[Statement], actions: Sequence[str]) -> _Sets:
    meant = [statement for statement in statements if _means(statement.data["action"], actions)]
    relaxed = {s.id: {**s.data, "conditions": [], "resource": {"op": "All"}} for s in meant if not (s.forbids and _narrow(s))}
    return _Sets(
        _parsed({s.id: s.data for s in meant if not _rises(s)}),
        _parsed({s.id: s.data for s in meant if _rises(s)}),
        _parsed(relaxed),
    )


def _parsed(policies: Mapping[str, Any]) -> cedarpy.PolicySet:
    return cedarpy.PolicySet.from_json_str(json.dumps({"staticPolicies": policies, "templates": {}, "templateLinks": []}))


def _means(scope: Mapping[str, Any], actions: Sequence[str]) -> bool:
    """May a statement with this action scope apply to an action and the groups it is in?"""
    match scope:
        case {"op": "==", "entity": {"id": id}}:
            return id == actions[0]
        case {"op": "in", "entity": {"id": id}}:
            return id in actions
        case {"op": "in", "entities": entities}:
            return any(entity["id"] in actions for entity in entities)
        case _:
            return True


def _narrow(statement: Statement) -> bool:
    return bool(statement.data["conditions"]) or statement.data["resource"]["op"] != "All"


def _rises(statement: Statement) -> bool:
    """It reads a part of the context that differs between rungs, or the context as a whole."""
    context = {"Var": "context"}
    reads = [node["."]["attr"] for node in statement.nodes if "." in node and node["."]["left"] == context]
    asks = [node["has"]["attr"] for node in statement.nodes if "has" in node and node["has"]["left"] == context]
    whole = sum(node == context for node in statement.nodes) > len(reads) + len(asks)
    return whole or not _RISING.isdisjoint(reads)


def _named(statements: Sequence[Statement], kind: str) -> frozenset[str]:
    """The ids of this entity type that are written in a statement."""
    nodes = (node for statement in statements for node in statement.nodes)
    return frozenset(node["id"] for node in nodes if node.get("type") == kind and "id" in node)


def _tags(statements: Sequence[Statement]) -> frozenset[str] | None:
    """The tags that are read; None when a statement computes which."""
    keys = [node[read]["right"] for s in statements for node in s.nodes for read in ("hasTag", "getTag") if read in node]
    names = [key.get("Value") for key in keys]
    return frozenset(names) if all(isinstance(name, str) for name in names) else None
