"""`python app.py policy check` and `policy explain`: what the policy says, as text; nothing runs and nothing is changed."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from datetime import datetime, time
from typing import Any, cast, get_args

from gate.action import Target
from gate.policy.policies import Policies
from gate.policy.request import LADDER, CommandClass, Decision, Request
from gate.policy.settings import PolicySettings
from gate.policy.statement import Statement
from gate.principal import Kind, Principal
from skills.kit.catalogue import Catalogue
from skills.kit.declaration import Skill

ASSUMED = ("environment", "region", "account", "kind")
"""What `explain` may be told of the targets, as `environment=production`; and tags, as `tag.team=web`."""


def declare(commands: Any) -> None:
    """The command line of `policy`. commands: what argparse's `add_subparsers` returned."""
    actions = commands.add_parser("policy", help="check the policies, or explain a decision; nothing runs").add_subparsers(
        dest="policy", metavar="what", required=True
    )
    actions.add_parser("check", help="check every statement and list what is in force")
    explaining = actions.add_parser("explain", help="who may do what on what, what it takes, and why")
    explaining.add_argument("--as", dest="who", required=True, metavar="WHO", help="teams:TENANT/OBJECT-ID, user:ID, key:NAME")
    explaining.add_argument("--group", action="append", default=[], help="a group they are in; may be repeated")
    explaining.add_argument("skill", help="such as instances.stop")
    explaining.add_argument(
        "what", nargs="*", help=f"targets' names, and what to assume: {', '.join(ASSUMED)}=, count=, class=, …"
    )


def run(options: argparse.Namespace, settings: PolicySettings, catalogue: Catalogue) -> str:
    """What `policy check` or `policy explain` prints. Errors: ValueError, NotFound for a skill there is not."""
    if options.policy == "check":
        return check(settings, catalogue)
    who, now = principal(options.who, options.group), datetime.now(settings.local)
    return explain(Policies(settings, catalogue), assumed(who, catalogue.get(options.skill), options.what, now))


def check(settings: PolicySettings, skills: Iterable[Skill]) -> str:
    """That everything is right, and what is in force. Errors: PolicyError, ValueError: what is wrong, one problem a line."""
    statements = Policies(settings, skills).rules.statements.values()
    return "\n".join([*map(_line, statements), f"{len(statements)} statements, all right."])


def explain(policies: Policies, request: Request) -> str:
    """The decision on a request, what it takes, which statements decided, and what would make it allowed."""
    decision, rules = policies.decide(request), policies.rules
    roles = " and ".join(policies.roles(request.principal)) or "no role"
    lines = [f"{request.principal.key} ({roles}): {request.skill.name}", *(_target(target) for target in request.targets)]
    lines += [f"{'Allowed' if decision.allowed else 'Denied'}. {decision.reason}"]
    lines += [_takes(decision)] if decision.allowed else []
    lines += [decision.remedy] if decision.remedy else []
    lines += [f"  {_line(rules.statements[id])}" for id in decision.policies]
    return "\n".join(lines)


def principal(text: str, groups: Sequence[str] = ()) -> Principal:
    """A principal from its key, `teams:TENANT/ID` or `key:ID`. Errors: ValueError."""
    kind, colon, rest = text.partition(":")
    if not (colon and rest) or kind not in get_args(Kind):
        raise ValueError(f"{text!r} is not a principal: write KIND:ID or KIND:TENANT/ID; kinds are {', '.join(get_args(Kind))}")
    tenant, slash, id = rest.rpartition("/")
    return Principal(kind=cast("Kind", kind), id=id if slash else rest, tenant=tenant, groups=tuple(groups))


def assumed(who: Principal, skill: Skill, words: Sequence[str], now: datetime) -> Request:
    """A request from words: names of targets, and what is to be assumed, so that nothing has to be looked up.

    `environment=`, `region=`, `account=`, `kind=`, `tag.NAME=` are of every target; `count=6` for targets without names;
    `class=` of a command; `door=`; `time=18:30` and `date=2026-12-24` in the zone of `now`. Errors: ValueError.
    """
    names = [word for word in words if "=" not in word]
    given = dict(word.split("=", 1) for word in words if "=" in word)
    for name in given:
        if name not in (*ASSUMED, "count", "class", "door", "date", "time") and not name.startswith("tag."):
            raise ValueError(f"{name}=: say {', '.join(ASSUMED)}, tag.NAME, count, class, door, date or time")
    if (command := given.get("class", "")) not in get_args(CommandClass):
        raise ValueError(f"class={command}: classes are {', '.join(filter(None, get_args(CommandClass)))}")
    alike: dict[str, Any] = {key: given[key] for key in ASSUMED if key in given}
    alike["tags"] = {key.removeprefix("tag."): value for key, value in given.items() if key.startswith("tag.")}
    count = max(_number(given.get("count", "0")), len(names), int(len(alike) > 1 or bool(alike["tags"])))
    names += [f"target-{number}" for number in range(len(names) + 1, count + 1)]
    targets = tuple(Target(id=name, name=name, **alike) for name in names)
    at = _time(now, given.get("date", ""), given.get("time", ""))
    return Request(who, skill, at, targets, given.get("door", "api"), cast("CommandClass", command))


def _line(statement: Statement) -> str:
    return f"{'forbid' if statement.forbids else 'permit'}  {statement.id}  ({statement.place})"


def _takes(decision: Decision) -> str:
    rung = next(r for r in LADDER if r == (decision.requirement, r.confirmed, decision.typed, decision.approvals))
    return f"It needs {rung.words}."


def _target(target: Target) -> str:
    shown = [target.environment, target.region, target.account, *(f"{key}={value}" for key, value in target.tags.items())]
    return f"  on {target.name} ({', '.join(filter(None, shown)) or 'nothing known of it'})"


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) > 1000:
        raise ValueError(f"count={text}: a number up to 1000")
    return int(text)


def _time(now: datetime, date: str, clock: str) -> datetime:
    if date:
        now = datetime.combine(datetime.fromisoformat(date).date(), now.time(), now.tzinfo)
    if clock:
        now = datetime.combine(now.date(), time.fromisoformat(clock), now.tzinfo)
    return now
