"""What holds for whatever statements an operator writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cedarpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gate.policy.request import LADDER, Request
from gate.policy.rules import Seen, Who, _entities  # pyright: ignore[reportPrivateUsage]
from gate.policy.schema import groups
from tests.unit.gate.policy.asking import ROLES, ask, policies, targets

CONDITIONS = (
    "context.confirmed",
    "context.typed",
    "context.approvals >= 1",
    "context.approvals == 0",
    "context.count > 1",
    'context.risk != "read"',
    'context.command_class == "read_only"',
    "resource.production",
    'resource.environment == "staging"',
    'resource.hasTag("team") && resource.getTag("team") == "web"',
    'context has "typed" && context.hour < 13',
    'principal.kind == "user"',
    'principal in Role::"operator"',
    'principal == User::"user:operator" || principal.tenant == "t1"',
    "context == context",
)
SCOPES = ("principal", 'principal in Role::"operator"', 'principal in Role::"viewer"')
ACTIONS = ("action", 'action in Action::"instances:*"', 'action == Action::"instances.stop"', 'action in Action::"risk:read"')
ON = ('resource == Target::"i-staging-1"', "resource", "resource")


@st.composite
def statements(draw: st.DrawFn, effects: tuple[str, ...] = ("permit", "forbid")) -> str:
    """Any statement."""
    head = f"{draw(st.sampled_from(effects))} ({draw(st.sampled_from(SCOPES))}, {draw(st.sampled_from(ACTIONS))}"
    when = "".join(
        f"\n{word} {{ {draw(st.sampled_from(CONDITIONS))} }}"
        for word in draw(st.lists(st.sampled_from(("when", "unless")), max_size=2))
    )
    return f"{head}, {draw(st.sampled_from(ON))}){when};"


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Any request."""
    kinds = draw(st.lists(st.sampled_from(("staging", "production")), max_size=2, unique=True))
    tags: dict[str, str] = draw(st.sampled_from(({}, {"team": "web"}, {"team": "data"})))
    on = tuple(target for kind in kinds for target in targets(kind, draw(st.integers(1, 2)), tags=tags))
    skill = draw(st.sampled_from(("instances.list", "instances.stop", "instances.terminate", "commands.run")))
    rung = draw(st.sampled_from(LADDER))
    return ask(
        draw(st.sampled_from(ROLES)),
        skill,
        on,
        command_class=draw(st.sampled_from(("", "read_only", "destructive"))) if skill == "commands.run" else "",
        confirmed=rung.confirmed,
        typed=rung.typed,
        approvals=rung.approvals,
    )


SOME = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SOME
@given(own=st.lists(statements(), max_size=5), extra=statements(effects=("forbid",)), request=requests())
def test_another_forbid_never_allows_more(tmp_path: Path, own: list[str], extra: str, request: Request) -> None:
    before, after = policies(tmp_path, "\n".join(own)), policies(tmp_path, "\n".join([*own, extra]))
    assert before.check(request).allowed or not after.check(request).allowed
    was, now = before.decide(request), after.decide(request)
    assert was.allowed or not now.allowed
    assert before.may(request.principal, request.skill) or not after.may(request.principal, request.skill)
    if now.allowed:
        rungs = [(rung.requirement, rung.typed, rung.approvals) for rung in LADDER]
        assert rungs.index((was.requirement, was.typed, was.approvals)) <= rungs.index(
            (now.requirement, now.typed, now.approvals)
        )


@SOME
@given(own=st.lists(statements(), max_size=6), request=requests())
def test_answers_are_those_of_cedar_with_everything_given_at_once(tmp_path: Path, own: list[str], request: Request) -> None:
    policy = policies(tmp_path, "\n".join(own))
    assert policy.check(request).allowed is all(bare(policy, request, seen) for seen in whole(policy, request))
    if policy.decide(request).allowed or policy.check(request).allowed:
        assert policy.may(request.principal, request.skill)


def whole(policy: Any, request: Request) -> list[Seen]:
    """Each target with all there is to see of it."""
    return [
        Seen(t.id, t.kind, t.environment, t.environment == "production", t.region, t.account, tuple(t.tags.items()))
        for t in request.targets
    ] or [Seen()]


def bare(policy: Any, request: Request, seen: Seen) -> bool:
    """Cedar's own answer: every statement, the whole context, nothing kept."""
    data = {id: statement.data for id, statement in policy.rules.statements.items()}
    person = request.principal
    who = Who(person.key, person.kind, person.tenant, policy.roles(person), person.groups)
    asked = {
        "principal": {"type": "User", "id": who.key},
        "action": {"type": "Action", "id": request.skill.name},
        "resource": {"type": "Target", "id": seen.id},
        "context": {
            "door": request.door,
            "risk": request.skill.risk.value,
            "command_class": request.command_class,
            "count": len(request.targets),
            "hour": 12,
            "minute": 720,
            "weekday": "tuesday",
            "date": 20261124,
            "confirmed": request.confirmed,
            "typed": request.typed,
            "approvals": request.approvals,
        },
    }
    parsed = cedarpy.PolicySet.from_json_str(json.dumps({"staticPolicies": data, "templates": {}, "templateLinks": []}))
    entities = _entities(who, (request.skill.name, *groups(request.skill)), seen)
    return cedarpy.is_authorized(asked, parsed, json.dumps(entities)).allowed
