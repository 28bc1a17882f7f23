"""What is done to one run: how it is clicked, when who is killed, and when they come back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from tests.chaos.tripwire import Phase

SKILLS = ("instances.stop", "commands.run", "instances.reboot", "instances.start")

LONG = 1.2
"""Seconds after the click in which a kill falls: a run takes somewhat less."""


@dataclass(frozen=True)
class Kill:
    """When: so many seconds after the click, or at the number-th request to AWS or to Teams, at that phase of it.

    victim: the replica that works on it, any, or all at once. back: seconds until they are started again; None: only when
    the run has ended elsewhere. again: seconds after its return until one is killed once more. frozen: not killed at all, but
    stopped for so many seconds, after which it goes on as if nothing had been.
    """

    by: Literal["clock", "aws", "teams"]
    after: float = 0.0
    number: int = 0
    phase: Phase = Phase.REACHED
    victim: Literal["worker", "any", "all"] = "worker"
    back: float | None = 0.0
    again: float | None = None
    frozen: float | None = None

    def __str__(self) -> str:
        when = f"{self.after:.3f} s" if self.by == "clock" else f"{self.by} request {self.number} {self.phase}"
        if self.frozen is not None:
            return f"{self.victim} at {when}, frozen for {self.frozen:.1f} s"
        back = "left dead" if self.back is None else f"back after {self.back:.1f} s"
        return f"{self.victim} at {when}, {back}" + (f", again after {self.again:.2f} s" if self.again is not None else "")


@dataclass(frozen=True)
class Plan:
    """One run. clicks: what the person and Teams do with the button. kill: None for a run that is left alone."""

    skill: str
    clicks: Literal["once", "twice", "redelivered", "fifty"] = "once"
    kill: Kill | None = None

    def __str__(self) -> str:
        return f"{self.skill}, clicked {self.clicks}, killed: {self.kill or 'nobody'}"


def drawn(chance: Random, skills: tuple[str, ...], replicas: int, *, frozen: float | None = None) -> Plan:
    """A plan by chance. With one replica it always comes back by itself. frozen: see `Kill`."""
    clicks = chance.choices(("once", "twice", "redelivered"), (6, 2, 2))[0]
    back = None if replicas > 1 and chance.random() < 0.4 else chance.choice((0.0, chance.uniform(0, 0.6)))
    kill = Kill(
        by=chance.choices(("clock", "aws", "teams"), (5, 4, 1))[0],
        after=chance.choice((chance.uniform(0, 0.1), chance.uniform(0, LONG))),
        number=chance.randrange(8),
        phase=chance.choice(tuple(Phase)),
        victim="worker" if replicas == 1 else chance.choices(("worker", "any", "all"), (7, 2, 1))[0],
        back=back,
        again=chance.uniform(0, 0.5) if back is not None and chance.random() < 0.15 else None,
    )
    if kill.victim == "all" and kill.back is None:
        kill = replace(kill, back=0.0)
    if kill.by == "aws" and kill.phase is Phase.LOST and kill.victim == "any":
        kill = replace(kill, victim="worker")  # a request is only lost with whoever made it
    if frozen is not None:
        kill = replace(kill, frozen=frozen, victim="worker", again=None)
    return Plan(chance.choice(skills), clicks, kill)
