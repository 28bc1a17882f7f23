"""One policy decision with 100 statements in force, for each of its outcomes.

The peer is cedarpy as its documentation has it, with everything parsed beforehand: one call, for one outcome.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import cedarpy

import skills
from gate.action import Target
from gate.policy import Policies, PolicySettings, Request
from gate.principal import Principal
from skills.kit.catalogue import Catalogue, discover

STATEMENTS = 100
ROUNDS = 9
CALLS = 200
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PEOPLE = count()
OPERATOR = Principal(kind="key", id="operator")


def run() -> list[dict[str, Any]]:
    """The measurements: name, value, unit, peer (the peer's value), ratio (value / peer). Medians of interleaved rounds."""
    catalogue = discover(skills)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shipped = len(Policies(PolicySettings(), catalogue).rules.statements)
        (folder / "own.cedar").write_text("\n".join(statement(number) for number in range(STATEMENTS - shipped)))
        policies = Policies(PolicySettings(files=folder, default_role="operator"), catalogue)
    assert len(policies.rules.statements) == STATEMENTS
    asked = {
        "a read": request(catalogue, "instances.list"),
        "needs a confirmation": request(catalogue, "instances.stop", targets(1, "staging")),
        "needs a second person": request(catalogue, "instances.stop", targets(6, "production")),
        "50 targets in 5 environments": request(catalogue, "instances.stop", tuple(t for e in "abcde" for t in targets(10, e))),
    }
    one = replace(asked["needs a confirmation"], confirmed=True)
    ours: dict[str, Callable[[], Any]] = {
        **{f"decide: {name}, first time": partial(_first, policies, asked[name]) for name in asked},
        **{f"decide: {name}, again": partial(policies.decide, asked[name]) for name in asked},
        "check before it runs, again": lambda: policies.check(one),
        "may: for help and tools, again": lambda: policies.may(OPERATOR, one.skill),
    }
    peer = bare(policies)
    times: dict[str, list[float]] = {name: [] for name in (*ours, "peer")}
    for _ in range(ROUNDS):
        for name, call in (*ours.items(), ("peer", peer)):
            times[name].append(_timed(call))
    base = statistics.median(times.pop("peer"))
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    return [
        {"name": f"policy, 100 statements: {name}", "value": round(value, 1), "unit": "µs", "peer": round(base, 1)}
        | {"ratio": round(value / base, 3)}
        for name, value in medians.items()
    ]


def _first(policies: Policies, request: Request) -> object:
    """A decision on somebody nobody asked about before: nothing is kept that would answer."""
    return policies.decide(replace(request, principal=Principal(kind="key", id=str(next(PEOPLE)))))


def statement(number: int) -> str:
    """One of an operator's statements: freezes by tag, hours, and grants to groups, for one noun, one verb or all."""
    action = ("action", 'action in Action::"instances:*"', 'action in Action::"*:stop"', 'action == Action::"commands.run"')[
        number % 4
    ]
    match number % 3:
        case 0:
            return (
                f'@id("own-{number}") @reason("Team {number} is frozen.") forbid (principal, {action}, resource)\n'
                f'when {{ context.risk != "read" && resource.hasTag("team") && resource.getTag("team") == "t{number}" }};'
            )
        case 1:
            return (
                f'@id("own-{number}") forbid (principal, {action}, resource)\n'
                f'when {{ resource.account == "{number:012}" && (context.hour < 8 || context.hour > 18) }};'
            )
        case _ if number == 2:  # with this one, what is known of one person does not answer for another
            return f'@id("own-{number}") forbid (principal == User::"key:robot", {action}, resource);'
        case _:
            return f'@id("own-{number}") permit (principal in Group::"g{number}", {action}, resource);'


def targets(number: int, environment: str) -> tuple[Target, ...]:
    """Instances that differ only in their names."""
    tags = {"team": "web"}
    return tuple(
        Target(id=f"i-{n:017x}", name=f"web-{n}", environment=environment, region="us-east-1", account="1" * 12, tags=tags)
        for n in range(number)
    )


def request(catalogue: Catalogue, skill: str, targets: tuple[Target, ...] = ()) -> Request:
    """An operator asks in Teams at noon."""
    return Request(OPERATOR, catalogue.get(skill), NOW, targets, "teams")


def bare(policies: Policies) -> Callable[[], Any]:
    """The same statements in one set, the entities parsed, one request that is allowed."""
    data = {id: statement.data for id, statement in policies.rules.statements.items()}
    parsed = cedarpy.PolicySet.from_json_str(json.dumps({"staticPolicies": data, "templates": {}, "templateLinks": []}))
    target = {"kind": "instance", "environment": "staging", "production": False, "region": "us-east-1", "account": "1" * 12}
    groups = ["instances:stop", "instances:*", "*:stop", "risk:change"]
    entities = cedarpy.Entities.from_json_str(
        json.dumps(
            [
                {
                    "uid": {"type": "User", "id": "key:operator"},
                    "attrs": {"kind": "key", "tenant": ""},
                    "parents": [{"type": "Role", "id": "operator"}],
                },
                {
                    "uid": {"type": "Action", "id": "instances.stop"},
                    "attrs": {},
                    "parents": [{"type": "Action", "id": group} for group in groups],
                },
                {"uid": {"type": "Target", "id": ""}, "attrs": target, "tags": {"team": "web"}, "parents": []},
            ]
        )
    )
    context = {"door": "teams", "risk": "change", "command_class": "", "count": 1, "hour": 12, "minute": 720}
    context |= {"weekday": "sunday", "date": 20261122, "confirmed": True, "typed": False, "approvals": 0}
    asked = {
        "principal": {"type": "User", "id": "key:operator"},
        "action": {"type": "Action", "id": "instances.stop"},
        "resource": {"type": "Target", "id": ""},
        "context": context,
    }
    assert cedarpy.is_authorized(asked, parsed, entities).allowed
    return lambda: cedarpy.is_authorized(asked, parsed, entities)


def _timed(call: Callable[[], Any]) -> float:
    """Microseconds for one call: the median of many."""
    taken: list[float] = []
    for _ in range(CALLS):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1e6
