from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

import skills
from bot.follower import Follower
from bot.presentation import Presentation
from gate.action import Action, ActionState
from gate.conversation import Place, Reply
from gate.records import Actions
from skills.kit.catalogue import discover
from skills.kit.errors import Unavailable
from skills.kit.ports.run import Step, StepState
from tests.unit.cards import samples

PACE = 0.15


class Door:
    """A messenger that keeps when each update came and what its action's state was. broken: the next update raises."""

    def __init__(self) -> None:
        self.updates: list[tuple[float, Action]] = []
        self.broken = False
        self.slow = 0.0

    async def send(self, place: Place, reply: Reply) -> str:
        raise AssertionError("the card is known")

    async def update(self, place: Place, message: str, reply: Reply) -> None:
        assert reply.action
        if self.broken:
            self.broken = False
            raise Unavailable("The door is stuck.", part="teams")
        await asyncio.sleep(self.slow)
        self.updates.append((asyncio.get_running_loop().time(), reply.action))

    async def typing(self, place: Place) -> None:
        pass

    @property
    def states(self) -> list[str]:
        return [action.state.value for _, action in self.updates]

    @property
    def steps(self) -> list[int]:
        return [len(action.steps) for _, action in self.updates]


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def follower(door: Door) -> Follower:
    unused = cast("Actions", None)  # the actions of these tests know their place and their card
    return Follower(unused, Presentation(discover(skills)), {"teams": door, "api": door}, paces={"teams": PACE})


def picture(number: int, door: str = "teams", **changed: Any) -> Action:
    """A running action after so many steps."""
    steps = tuple(Step(name="stop", target=f"web-{n}", state=StepState.DONE) for n in range(number))
    given = {"card": "m1", "place": Place(door=door, key="k"), "steps": steps, **changed}
    return samples.action(ActionState.RUNNING, steps=steps).model_copy(update=given)


def end(**changed: Any) -> Action:
    return picture(9, state=ActionState.STOPPED, **changed)


async def test_progress_is_shown_at_once_then_at_the_doors_pace_and_the_newest_last(door: Door, follower: Follower) -> None:
    for number in range(1, 7):
        await follower.changed(picture(number))
        await asyncio.sleep(0.02)
    await asyncio.sleep(2 * PACE)
    assert door.steps == [1, 6]
    (first, _), (second, _) = door.updates
    assert second - first >= PACE * 0.9


async def test_an_end_does_not_wait_and_nothing_comes_after_it(door: Door, follower: Follower) -> None:
    await follower.changed(picture(1))
    await asyncio.sleep(0.01)
    await follower.changed(picture(2))
    begun = asyncio.get_running_loop().time()
    await follower.changed(end())
    assert asyncio.get_running_loop().time() - begun < PACE / 2
    await asyncio.sleep(2 * PACE)
    assert door.states == ["running", "stopped"]


async def test_an_end_does_not_overtake_a_picture_that_is_under_way(door: Door, follower: Follower) -> None:
    door.slow = 0.05
    await follower.changed(picture(1))
    await asyncio.sleep(0.01)
    await follower.changed(end())
    assert door.states == ["running", "stopped"]


async def test_a_picture_that_fails_does_not_stop_the_next(door: Door, follower: Follower) -> None:
    door.broken = True
    await follower.changed(picture(1))
    await asyncio.sleep(0.01)
    await follower.changed(picture(2))
    await asyncio.sleep(1.5 * PACE)
    assert door.steps == [2]


async def test_an_end_that_cannot_be_shown_is_said_so_that_it_is_tried_again(door: Door, follower: Follower) -> None:
    door.broken = True
    with pytest.raises(Unavailable):
        await follower.changed(end())


async def test_a_door_without_a_pace_sees_every_change(door: Door, follower: Follower) -> None:
    for number in range(1, 5):
        await follower.changed(picture(number, door="api"))
    assert door.steps == [1, 2, 3, 4]


async def test_two_runs_do_not_wait_for_each_other(door: Door, follower: Follower) -> None:
    await follower.changed(picture(1, id="one"))
    await follower.changed(picture(2, id="two"))
    await asyncio.sleep(0.02)
    assert door.steps == [1, 2]
