"""Who acts right now: what a provider needs to know to make a request in somebody's name and within what was confirmed."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class On:
    """One confirmed target: its id, and where it is as the provider told when the question was put."""

    id: str
    region: str = ""
    account: str = ""


@dataclass(frozen=True)
class Acting:
    """One run of a skill in somebody's name.

    principal: their key (`gate.principal.Principal.key`). name: what people call them; text from outside, never an identity.
    changes: it was confirmed and may change something, as opposed to a skill that only reads. iam: what the skill declares.
    targets: what was confirmed, all of it. action: the action's id, empty for one that only reads.
    """

    principal: str
    name: str
    skill: str
    changes: bool
    iam: tuple[str, ...] = ()
    targets: tuple[On, ...] = ()
    action: str = ""


acting: ContextVar[Acting | None] = ContextVar("acting", default=None)
"""Set by the gate around a run; tasks that it starts inherit it. None: the product itself asks, such as to resolve a name."""


@contextmanager
def acting_as(who: Acting | None) -> Generator[None]:
    """Whatever is asked of a provider inside is asked in their name; None: in the product's own."""
    before = acting.set(who)
    try:
        yield
    finally:
        acting.reset(before)
