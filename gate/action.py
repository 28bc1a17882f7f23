"""An action: something that would change the world, from the question put to a person to its result."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from gate.conversation import Place
from gate.principal import Principal
from skills.kit.outside import Outside
from skills.kit.ports.run import Step


class ActionState(StrEnum):
    """Where an action stands. Only `pending` can be decided; only `confirmed` can be claimed to run."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STOPPED = "stopped"
    """Cancelled by a person while it ran."""
    CANCELLED = "cancelled"
    """Declined by a person before it ran."""
    EXPIRED = "expired"

    @property
    def final(self) -> bool:
        """It will not change any more."""
        return self not in (ActionState.PENDING, ActionState.CONFIRMED, ActionState.RUNNING)


class Target(BaseModel):
    """One thing an action acts on, as it was when the question was put."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: Outside
    kind: str = "instance"
    state: str = ""
    platform: str = ""
    environment: Outside = ""
    region: str = ""
    account: str = ""
    tags: dict[Outside, Outside] = {}


class Failure(BaseModel):
    """An error as it is kept: see `skills.kit.errors.OpsError`; `missing` is Forbidden's, `part` is Unavailable's."""

    model_config = ConfigDict(frozen=True)

    code: str
    title: str
    what: str
    unchanged: str = ""
    remedy: str = ""
    details: str = ""
    missing: str = ""
    part: str = ""


class Action(BaseModel):
    """An action as it is kept. Arguments never leave the server; a card carries only `id`, which is random and used once.

    digest: of skill, resolved arguments and targets. card: the message that shows it. decided_by: who decided, the last of
    several. typed: whoever decides types `to_type`. approvals: how many other people have to approve, approved: who has.
    because: why that is so, for a person; policies: the ids of the statements that say so. command_class: what the risk
    assessor says of the command, if there is one. reminded: how often people were reminded of it. attempts: how often it was
    begun; more than once when it was cut off.
    result: the skill's result as JSON. delivered: the final card has reached the conversation. Times UTC.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    skill: str
    arguments: dict[str, Any]
    shown: dict[str, str] = {}
    digest: str
    principal: Principal
    place: Place | None = None
    card: str = ""
    words: str = ""
    correlation: str
    targets: tuple[Target, ...] = ()
    typed: bool = False
    approvals: int = 0
    approved: tuple[Principal, ...] = ()
    command_class: str = ""
    because: str = ""
    policies: tuple[str, ...] = ()
    reminded: int = 0
    state: ActionState = ActionState.PENDING
    created_at: datetime
    expires_at: datetime
    decided_by: Principal | None = None
    decided_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    attempts: int = 0
    steps: tuple[Step, ...] = ()
    result: dict[str, Any] | None = None
    failure: Failure | None = None
    cancel_requested: bool = False
    delivered: bool = False


def digest(skill: str, arguments: dict[str, Any], targets: tuple[Target, ...] = ()) -> str:
    """What a confirmation commits to: a hash over the skill's name, its resolved arguments, and what the targets are.

    A target's state is left out: it changes by itself, and the skill looks at it again.
    """
    what = [target.model_dump(mode="json", exclude={"state"}) for target in targets]
    canonical = json.dumps([skill, arguments, what], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def to_type(action: Action) -> str:
    """What a person types to confirm an action that asks for it: the target's name, or how many targets there are."""
    return action.targets[0].name or action.targets[0].id if len(action.targets) == 1 else f"{len(action.targets)} targets"
