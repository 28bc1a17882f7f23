"""One run of a skill: its progress, its end, its record."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from gate.action import Failure
from skills.kit.arguments import Result
from skills.kit.errors import Cancelled, OpsError
from skills.kit.ports.run import Step, StepState

Show = Callable[[tuple[Step, ...]], Awaitable[None]]
Partial = Callable[[Result], Awaitable[None]]


class Run:
    """The Progress of one run. See `skills.kit.ports.run.Progress`.

    show: called with all steps after each change. partial: called with a result that is not final.
    """

    def __init__(
        self, token: str, *, steps: tuple[Step, ...] = (), show: Show | None = None, partial: Partial | None = None
    ) -> None:
        self.token = token
        self.cancelled = asyncio.Event()
        self.went_on = False
        """The skill has reported a step, in this attempt."""
        self._steps = {(step.name, step.target): step for step in steps}
        self._show = show
        self._partial = partial

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step so far, in the order they began."""
        return tuple(self._steps.values())

    async def step(self, name: str, target: str = "", state: StepState = StepState.RUNNING, note: str = "") -> None:
        """Add a step, or change the one of the same name and target."""
        self.went_on = True
        self._steps[name, target] = Step(name=name, target=target, state=state, note=note)
        if self._show:
            await self._show(self.steps)

    def earlier(self, name: str, target: str = "") -> StepState | None:
        """How far that step had come, also before this process took the run over."""
        step = self._steps.get((name, target))
        return step.state if step else None

    async def partial(self, result: Result) -> None:
        """Show this now."""
        if self._partial:
            await self._partial(result)

    async def wait(self, seconds: float) -> None:
        """Sleep, and hear of a cancellation meanwhile."""
        if not self.cancelled.is_set():
            try:
                async with asyncio.timeout(seconds):
                    await self.cancelled.wait()
            except TimeoutError:
                return
        raise Cancelled("It was cancelled.", unchanged="What was already done stays done.", remedy="Look at each target's state.")


def failure(error: OpsError) -> Failure:
    """An error as it is kept."""
    return Failure(
        code=error.code,
        title=error.title,
        what=error.what,
        unchanged=error.unchanged,
        remedy=error.remedy,
        details=error.details or _details(error),
        missing=getattr(error, "missing", ""),
        part=getattr(error, "part", ""),
    )


def unexpected(correlation: str, *, began: bool) -> OpsError:
    """What a person reads when there is a defect of ours: the log has the rest under the correlation id."""
    return OpsError(
        "Something went wrong on my side.",
        unchanged="It may have been done in part." if began else "Nothing was changed.",
        remedy=f"Look at the state before trying again, and tell an administrator this number: {correlation}",
        details=f"correlation id {correlation}",
    )


def _details(error: Any) -> str:
    missing = getattr(error, "missing", "")
    return f"Required permission: {missing}" if missing else ""
