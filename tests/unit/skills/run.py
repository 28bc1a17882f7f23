"""A run for tests: a Progress whose waiting moves a clock instead of taking time, and a Caller."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from providers.memory import Clock
from skills.kit import Result, Skill
from skills.kit.errors import Cancelled
from skills.kit.ports.pending import Waiting
from skills.kit.ports.run import Step, StepState


class Run:
    """Progress. on_wait: called with the number of the wait, from 1, before the clock moves; it may raise or change the world."""

    def __init__(self, clock: Clock, token: str = "run-1", *, steps: Sequence[Step] = ()) -> None:
        self.clock, self.token = clock, token
        self.shown: list[Step] = []
        self.partials: list[Result] = []
        self.waits = 0
        self.on_wait: Callable[[int], None] = lambda number: None
        self._steps = {(step.name, step.target): step for step in steps}

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(self._steps.values())

    def resumed(self) -> Run:
        """The same run in the next process: only its token and steps are left."""
        return Run(self.clock, self.token, steps=self.steps)

    def states(self, name: str) -> dict[str, StepState]:
        return {target: step.state for (step_name, target), step in self._steps.items() if step_name == name}

    async def step(self, name: str, target: str = "", state: StepState = StepState.RUNNING, note: str = "") -> None:
        step = Step(name=name, target=target, state=state, note=note)
        self._steps[name, target] = step
        self.shown.append(step)

    def earlier(self, name: str, target: str = "") -> StepState | None:
        step = self._steps.get((name, target))
        return step.state if step else None

    async def partial(self, result: Result) -> None:
        self.partials.append(result)

    async def wait(self, seconds: float) -> None:
        if seconds:
            self.waits += 1
            self.on_wait(self.waits)
        self.clock.advance(timedelta(seconds=seconds))


class Cut(BaseException):
    """The process dies here."""


def cancel_at(number: int) -> Callable[[int], None]:
    """A person cancels during that wait."""

    def on_wait(wait: int) -> None:
        if wait >= number:
            raise Cancelled("It was cancelled.")

    return on_wait


def die_at(number: int) -> Callable[[int], None]:
    """The process is killed during that wait."""

    def on_wait(wait: int) -> None:
        if wait == number:
            raise Cut

    return on_wait


class Person:
    """Caller: may use the skills given."""

    def __init__(self, *skills: Skill, name: str = "Ada", key: str = "teams:t1/ada") -> None:
        self.name, self.key = name, key
        self._skills = skills

    def may(self, skill: Skill) -> bool:
        return skill in self._skills

    def skills(self) -> Sequence[Skill]:
        return self._skills


class Waits:
    """Pending: one question of somebody else's, and one of the caller's own."""

    async def waiting(self) -> Sequence[Waiting]:
        asked = datetime(2026, 1, 15, 12, tzinfo=UTC)
        one = Waiting(
            id="a1",
            question="Stop 8 instances?",
            because="It changes more than 5 targets.",
            asked_by="Ben",
            asked_at=asked,
            expires_at=asked + timedelta(minutes=15),
            targets=("web-1", "web-2"),
            left=1,
        )
        return [one, one.model_copy(update={"id": "a2", "asked_by": "Ada", "yours": True, "approved_by": ("Cleo",)})]


def now_clock() -> Clock:
    """A clock that stands at the real time, for skills that ask the real one."""
    return Clock(datetime.now(UTC))
