"""A set of statements ready to be asked: parsed once, never changed. What Cedar is asked, and how its answers are read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeVar

import cedarpy

from gate.policy.request import Decision, Rung
from gate.policy.schema import CONTEXT, groups
from gate.policy.statement import Statement
from gate.principal import Principal
from skills.kit.declaration import Skill

KEPT = 1024
"""How much of one kind is kept; there are few principals and few kinds of targets at a time, but a year has many."""

Key = TypeVar("Key")
Value = TypeVar("Value")

_CONTEXT, _PRINCIPAL = {"Var": "context"}, {"Var": "principal"}
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
    """What policies can see of a principal. Empty: what none of them reads, so that people of one role are asked about once."""

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


class _Part(NamedTuple):
    """Statements, and what of the context they read: handing over the rest would cost more than evaluating them."""

    policies: cedarpy.PolicySet
    reads: frozenset[str]


_Name = Literal["fixed", "rising", "relaxed"]
_Parts = dict[_Name, _Part]
"""The statements that may apply to one skill. relaxed: permits without their conditions, and what is forbidden always."""


class Kept(dict[Key, Value]):
    """Answers that were found before; begins anew when there are too many."""

    def __setitem__(self, key: Key, value: Value) -> None:
        if len(self) >= KEPT:
            self.clear()
        super().__setitem__(key, value)


class Rules:
    """Statements by skill, and whom they mean. Most statements say the same on each rung of the ladder (`fixed`): they are
    asked once for a decision, those that read what was confirmed (`rising`) once for each rung. `combined` puts the two
    together as Cedar would have: one forbid refuses, else one permit allows."""

    def __init__(self, statements: Sequence[Statement], skills: Iterable[Skill]) -> None:
        self.statements: Mapping[str, Statement] = {statement.id: statement for statement in statements}
        self.outlooks = Kept[tuple[Who, str], Decision]()
        self._answers = Kept[tuple[Any, ...], Answer]()
        self._entities = Kept[tuple[Who, str, Seen], cedarpy.Entities]()
        self._groups = _named(statements, "Group")
        self._people = bool(_named(statements, "User"))
        self._reads = frozenset(name for statement in statements for name in _attributes(statement, _PRINCIPAL))
        self._by_id = bool(_named(statements, "Target"))
        self._tags = _tags(statements)
        self._actions = {skill.name: (skill.name, *groups(skill)) for skill in skills}
        self._parts = {name: _parts(statements, names) for name, names in self._actions.items()}

    def who(self, principal: Principal, roles: tuple[str, ...]) -> Who:
        """What these policies see of a principal."""
        return Who(
            principal.key if self._people else "",
            principal.kind if "kind" in self._reads else "",
            principal.tenant if "tenant" in self._reads else "",
            roles,
            tuple(group for group in principal.groups if group in self._groups),
        )

    def seen(self, target: Seen) -> Seen:
        """What these policies see of a target: without its id and the tags that none of them reads."""
        tags = target.tags if self._tags is None else tuple(tag for tag in target.tags if tag[0] in self._tags)
        return target._replace(id=target.id if self._by_id else "", tags=tags)

    def fixed(self, who: Who, skill: str, seen: Seen, context: Mapping[str, Any]) -> Answer:
        """What holds on every rung."""
        return self._ask("fixed", who, skill, seen, context)

    def rising(self, who: Who, skill: str, seen: Seen, context: Mapping[str, Any], rung: Rung) -> Answer:
        """What holds on one rung."""
        done = {"confirmed": rung.confirmed, "typed": rung.typed, "approvals": rung.approvals}
        return self._ask("rising", who, skill, seen, {**context, **done})

    def relaxed(self, who: Who, skill: str) -> Answer:
        """Could any request of theirs be allowed? Yes too often rather than too seldom: conditions are not looked at."""
        return self._ask("relaxed", who, skill, Seen(), {})

    def _ask(self, name: _Name, who: Who, skill: str, seen: Seen, context: Mapping[str, Any]) -> Answer:
        """Cedar's answer, or the same one as before: it depends on nothing but what is in the key."""
        if skill not in self._parts:
            return Answer(False, (), f"there is no skill {skill!r}")
        policies, reads = self._parts[skill][name]
        read = {key: value for key, value in context.items() if key in reads}
        key = (name, who, skill, seen, *read.values())
        if (answer := self._answers.get(key)) is None:
            answer = self._answers[key] = self._asked(policies, who, skill, seen, read)
        return answer

    def _asked(self, policies: cedarpy.PolicySet, who: Who, skill: str, seen: Seen, context: dict[str, Any]) -> Answer:
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
        if said.errors:  # Cedar skips a statement that fails: a forbid that fails would allow
            return Answer(False, (), "; ".join(said.errors))
        return Answer(result.allowed, tuple(sorted(said.reasons)))

    def _known(self, who: Who, skill: str, seen: Seen) -> cedarpy.Entities:
        key = (who, skill, seen)
        if (entities := self._entities.get(key)) is None:
            text = json.dumps(_entities(who, self._actions[skill], seen))
            entities = self._entities[key] = cedarpy.Entities.from_json_str(text)
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


def _parts(statements: Sequence[Statement], actions: Sequence[str]) -> _Parts:
    reads = {s.id: _reads(s) for s in statements if _means(s.data["action"], actions)}
    meant = {s.id: s.data for s in statements if s.id in reads}
    relaxed = {
        s.id: {**s.data, "conditions": [], "resource": {"op": "All"}}
        for s in statements
        if s.id in reads and not (s.forbids and _narrow(s))
    }
    rising = {id for id, names in reads.items() if not _RISING.isdisjoint(names)}
    return {
        "fixed": _part({id: data for id, data in meant.items() if id not in rising}, reads),
        "rising": _part({id: data for id, data in meant.items() if id in rising}, reads),
        "relaxed": _part(relaxed, {}),
    }


def _part(policies: Mapping[str, Any], reads: Mapping[str, frozenset[str]]) -> _Part:
    parsed = cedarpy.PolicySet.from_json_str(json.dumps({"staticPolicies": policies, "templates": {}, "templateLinks": []}))
    return _Part(parsed, frozenset().union(*(reads.get(id, frozenset[str]()) for id in policies)))


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


def _reads(statement: Statement) -> frozenset[str]:
    """The parts of the context that a statement reads: all of them when it takes the context as a whole."""
    names = _attributes(statement, _CONTEXT)
    return frozenset(names) if statement.nodes.count(_CONTEXT) == len(names) else frozenset(CONTEXT)


def _attributes(statement: Statement, of: Mapping[str, str]) -> list[str]:
    taken = [node[how] for node in statement.nodes for how in (".", "has") if how in node]
    return [str(part["attr"]) for part in taken if part["left"] == of]


def _named(statements: Sequence[Statement], kind: str) -> frozenset[str]:
    """The ids of this entity type that are written in a statement."""
    nodes = (node for statement in statements for node in statement.nodes)
    return frozenset(node["id"] for node in nodes if node.get("type") == kind and "id" in node)


def _tags(statements: Sequence[Statement]) -> frozenset[str] | None:
    """The tags that are read; None when a statement computes which."""
    keys = [node[read]["right"] for s in statements for node in s.nodes for read in ("hasTag", "getTag") if read in node]
    names = [key.get("Value") for key in keys]
    return frozenset(names) if all(isinstance(name, str) for name in names) else None
