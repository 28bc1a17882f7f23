"""The gate says who acts, for as long as a skill runs, and only then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from gate.call import Call, NeedsConfirmation
from skills.kit.ports.acting import Acting, On, acting, acting_as
from tests.toy import ANNA, BEN, Room, World, off, world


@dataclass
class Watched(Room):
    """Remembers who acted when it was asked something; switching asks from a task of its own."""

    seen: list[Acting | None] = field(default_factory=list[Acting | None])

    def lit(self) -> list[str]:
        self.seen.append(acting.get())
        return super().lit()

    async def switch_off(self, lamp: str) -> None:
        await asyncio.create_task(super().switch_off(lamp))
        self.seen.append(acting.get())


@pytest.fixture
def room() -> Watched:
    return Watched()


@pytest.fixture
async def here(room: Watched) -> AsyncIterator[World]:
    made = await world(room=room)
    yield made
    await made.close()


async def test_a_confirmed_action_runs_as_who_asked_on_what_was_confirmed(here: World, room: Watched) -> None:
    outcome = await here.gate.dispatch(off("desk"))
    assert isinstance(outcome, NeedsConfirmation)
    assert room.seen == []
    await here.gate.confirmations.confirm(outcome.action.id, ANNA)
    await here.until_final(outcome.action.id)
    expected = Acting(ANNA.key, "Anna", "lamps.off", changes=True, targets=(On("desk"),), action=outcome.action.id)
    assert set(room.seen) == {expected}


async def test_a_reading_skill_runs_as_who_asks_and_changes_nothing(here: World, room: Watched) -> None:
    await asyncio.gather(*(here.gate.dispatch(Call("lamps.list", {}, who, "c")) for who in (ANNA, BEN)))
    assert {(who.principal, who.changes, who.action) for who in room.seen if who} == {(ANNA.key, False, ""), (BEN.key, False, "")}
    assert acting.get() is None


async def test_who_acts_ends_with_the_run_even_when_it_fails(here: World, room: Watched) -> None:
    room.broken = RuntimeError("fuse")
    outcome = await here.gate.dispatch(off("desk"))
    assert isinstance(outcome, NeedsConfirmation)
    await here.gate.confirmations.confirm(outcome.action.id, ANNA)
    await here.until_final(outcome.action.id)
    assert acting.get() is None
    anybody = Acting("user:x", "x", "s", changes=False)
    with pytest.raises(RuntimeError), acting_as(anybody):
        raise RuntimeError
    assert acting.get() is None
