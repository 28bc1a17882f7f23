"""People, targets and questions for the tests of the policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import skills
from gate.action import Target
from gate.policy import Policies, PolicySettings, Request
from gate.principal import Principal
from skills.instances.stop import stop_instances
from skills.kit.catalogue import Catalogue, discover
from skills.kit.declaration import Risk

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
"""A Tuesday."""

ANNA = Principal(kind="teams", id="anna", tenant="t1", name="Anna")
ROLES = ("viewer", "operator", "admin")


TERMINATE = replace(stop_instances, name="instances.terminate", risk=Risk.DESTROY, permission="instances:terminate", undo="")
"""There is no skill yet that destroys."""

CATALOGUE = Catalogue([*discover(skills), TERMINATE])


def holder(role: str) -> Principal:
    """Somebody who has that role."""
    return Principal(kind="user", id=role)


def policies(folder: Path | None = None, own: str = "", **settings: Any) -> Policies:
    """The shipped statements, and `own` as the operator's file in `folder`."""
    if folder is not None:
        (folder / "own.cedar").write_text(own)
    members = {holder(role).key: role for role in (*ROLES, *settings.get("roles", {}))} | settings.pop("members", {})
    return Policies(PolicySettings(files=folder, members=members, **settings), CATALOGUE)


def targets(environment: str = "staging", count: int = 1, **given: Any) -> tuple[Target, ...]:
    """Instances that differ only in their names."""
    name = environment or "bare"
    return tuple(
        Target(id=f"i-{name}-{n}", name=f"{name}-{n}", environment=environment, region="eu-west-1", account="1", **given)
        for n in range(1, count + 1)
    )


def ask(who: str | Principal, skill: str, on: tuple[Target, ...] = (), **given: Any) -> Request:
    """A question, at noon if not said otherwise. who: a role, or somebody."""
    person = holder(who) if isinstance(who, str) else who
    return Request(person, CATALOGUE.get(skill), given.pop("now", NOON), on, given.pop("door", "teams"), **given)
