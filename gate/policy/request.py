"""What is asked of the policy, and what it answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from gate.action import Target
from gate.principal import Principal
from skills.kit.declaration import Skill

CommandClass = Literal["", "read_only", "changing", "destructive", "unparsed"]
"""How a command was assessed; empty when there is none."""


class Requirement(StrEnum):
    """What it takes before something permitted runs, from least to most."""

    NONE = "none"
    CONFIRM = "confirm"
    TYPE_NAME = "type_name"
    SECOND_PERSON = "second_person"


class Rung(NamedTuple):
    """One step of the ladder: what a person has done so far. approvals: of how many distinct other people."""

    requirement: Requirement
    confirmed: bool
    typed: bool
    approvals: int

    @property
    def words(self) -> str:
        """What it takes, after "It needs"."""
        people = {0: "", 1: "a second person", 2: "two other people"}[self.approvals]
        typed = "the target's name, typed" if self.typed else ""
        confirmed = "a confirmation" if self.confirmed else "nothing more"
        return " and ".join(filter(None, (people, typed))) or confirmed


LADDER = (
    Rung(Requirement.NONE, False, False, 0),
    Rung(Requirement.CONFIRM, True, False, 0),
    Rung(Requirement.TYPE_NAME, True, True, 0),
    Rung(Requirement.SECOND_PERSON, True, False, 1),
    Rung(Requirement.SECOND_PERSON, True, True, 1),
    Rung(Requirement.SECOND_PERSON, True, False, 2),
    Rung(Requirement.SECOND_PERSON, True, True, 2),
)
"""The steps in the order they are tried; the first that is allowed is what is needed."""


@dataclass(frozen=True)
class Request:
    """Somebody wants to use a skill on targets. now: aware. door: such as `teams` or `api`.

    confirmed, typed (the target's name), approvals (see `approvals`): what has been given so far; only `check` reads these.
    """

    principal: Principal
    skill: Skill
    now: datetime
    targets: tuple[Target, ...] = ()
    door: str = ""
    command_class: CommandClass = ""
    confirmed: bool = False
    typed: bool = False
    approvals: int = 0

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("the time of a request needs a time zone")


class Decision(BaseModel):
    """What the policy says. reason: why, for a person. remedy: what would make it allowed, or what is needed.

    requirement, with typed and approvals (how many distinct other people): what it takes; means nothing when denied for good.
    policies: the ids of the statements that decided.
    """

    model_config = ConfigDict(frozen=True)

    allowed: bool
    requirement: Requirement = Requirement.NONE
    typed: bool = False
    approvals: int = 0
    reason: str
    remedy: str = ""
    policies: tuple[str, ...] = ()


def approvals(requester: Principal, by: Iterable[Principal]) -> int:
    """How many distinct other people approved. A program's credential is not a person: who holds it may be the requester."""
    return len({person.key for person in by if person.kind in ("teams", "user")} - {requester.key})
