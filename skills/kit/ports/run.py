"""What the gate gives a skill for the length of one run."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from skills.kit.arguments import Result
from skills.kit.declaration import Skill


class StepState(StrEnum):
    """How a step of a run stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class Step(BaseModel):
    """One visible step of a run. name: what (`stop`); target: on what, as people call it; note: one line on how it went."""

    model_config = ConfigDict(frozen=True)

    name: str
    target: str = ""
    state: StepState = StepState.RUNNING
    note: str = ""


class Progress(Protocol):
    """How a run shows itself and hears that it is cancelled."""

    @property
    def token(self) -> str:
        """Names this run for ever, also when it is resumed after a crash: the idempotency key towards providers."""
        ...

    async def step(self, name: str, target: str = "", state: StepState = StepState.RUNNING, note: str = "") -> None:
        """Add a step, or change the one of the same name and target."""
        ...

    def earlier(self, name: str, target: str = "") -> StepState | None:
        """How far that step had come, also in an earlier attempt of this run that was cut off; None when it had not begun.

        A step is kept before `step` returns: a step that is set before an effect tells a resumed run that it may have happened.
        """
        ...

    async def partial(self, result: Result) -> None:
        """Show this now; the final result replaces it."""
        ...

    async def wait(self, seconds: float) -> None:
        """Wait before looking again. Errors: Cancelled when the person cancelled the run."""
        ...


class Caller(Protocol):
    """Who asks, as far as a skill may know."""

    @property
    def name(self) -> str:
        """What people call them."""
        ...

    @property
    def key(self) -> str:
        """Who they are, in records: the same person always has the same key."""
        ...

    def may(self, skill: Skill) -> bool:
        """Does the policy let them use this skill at all?"""
        ...

    def skills(self) -> Sequence[Skill]:
        """Every skill they may use."""
        ...
