"""What keeps an action right when its process, its store or its conversation does not do what it should."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gate.action import Action, ActionState
from gate.call import NeedsConfirmation
from gate.delivery import Delivery
from gate.pulse import Pulse
from gate.records import TakenOver
from skills.kit.errors import NotFound, Unavailable
from store.tables import actions as actions_table
from tests.toy import ANNA, PLACE, Room, World, off, world


class Away(Exception):
    """The store does not answer."""


class Signs:
    """Owners that can fall silent."""

    def __init__(self, lease: timedelta | None) -> None:
        self.lease = lease
        self.silent = False
        self.left = False

    async def beat(self) -> None:
        if self.silent:
            raise Away

    async def leave(self) -> None:
        self.left = True


async def asked(here: World) -> str:
    outcome = await here.gate.dispatch(off())
    assert isinstance(outcome, NeedsConfirmation)
    return outcome.action.id


async def change(here: World, id: str, **body: Any) -> None:
    """Put something else into a kept action, as a newer version of the program would read it."""
    action = await here.actions.get(id)
    assert action is not None
    kept = action.model_dump(mode="json", exclude={"cancel_requested", "delivered", "state"}) | body
    statement = sa.update(actions_table).where(actions_table.c.id == id).values(body=kept)
    await here.database.run(lambda connection: connection.execute(statement))


async def test_a_process_that_is_not_heard_stops_before_the_others_take_over() -> None:
    signs, lost = Signs(timedelta(seconds=0.5)), asyncio.Event()
    pulse = Pulse(signs, lost.set)
    await pulse.start()
    assert pulse.beats
    signs.silent = True
    async with asyncio.timeout(0.5):
        await lost.wait()
    assert not pulse.beats
    signs.silent = False
    async with asyncio.timeout(1):
        while not pulse.beats:
            await asyncio.sleep(0.01)
    await pulse.stop()
    assert signs.left


async def test_alone_a_process_is_never_lost() -> None:
    signs = Signs(None)
    pulse = Pulse(signs, lambda: pytest.fail("nobody could take over"))
    await pulse.start()
    signs.silent = True
    assert pulse.beats
    await pulse.stop()


async def test_a_step_that_cannot_be_kept_stops_the_run_and_it_is_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room()
    here = await world(room=room)
    save, times = here.actions.save, 0

    async def unkept(action: Action, **more: Any) -> Action:
        nonlocal times
        times += 1
        if times == 1:
            raise Away
        return await save(action, **more)

    monkeypatch.setattr(here.actions, "save", unkept)
    id = await asked(here)
    await here.gate.confirmations.confirm(id, ANNA)
    action = await here.until_final(id)
    assert (action.state, action.attempts, room.switched) == (ActionState.SUCCEEDED, 2, ["desk"])
    await here.close()


async def test_what_another_process_has_taken_over_ends_silently_here(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room()
    here = await world(room=room)

    async def taken(action: Action, **more: Any) -> Action:
        raise TakenOver(action.id)

    monkeypatch.setattr(here.actions, "save", taken)
    id = await asked(here)
    await here.gate.confirmations.confirm(id, ANNA)
    await asyncio.sleep(0.1)
    assert room.switched == []
    action = await here.actions.get(id)
    assert action is not None
    assert action.state is ActionState.RUNNING
    await here.close()


async def test_a_decision_and_its_row_are_kept_together_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    here = await world(start=False)
    id = await asked(here)

    def broken(*_: Any) -> None:
        raise Away

    monkeypatch.setattr(here.actions._audit, "insert", broken)  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(Away):
        await here.gate.confirmations.confirm(id, ANNA)
    action = await here.actions.get(id)
    assert action is not None
    assert action.state is ActionState.PENDING
    await here.database.close()


async def begun_by_an_older_version(url: str, **body: Any) -> Action:
    """An action that was cut off after its first step, gone on with by a version for which `body` holds."""
    room = Room(hold=asyncio.Event())
    older = await world(url, room)
    id = await asked(older)
    await older.gate.confirmations.confirm(id, ANNA)
    while not older.seen or not older.seen[-1].steps:
        await asyncio.sleep(0.01)
    await older.runner.stop(0)
    await change(older, id, **body)
    await older.database.close()
    newer = await world(url, Room())
    action = await newer.until_final(id)
    assert newer.room.switched == []
    await newer.close()
    return action


@pytest.mark.parametrize("body", [{"skill": "lamps.dim"}, {"arguments": {"lamp": "desk", "softly": True}}, {"arguments": {}}])
async def test_what_a_newer_version_does_not_understand_fails_with_what_is_known(tmp_path: Path, body: dict[str, Any]) -> None:
    action = await begun_by_an_older_version(f"sqlite:///{tmp_path}/ops.db", **body)
    assert action.state is ActionState.FAILED
    assert action.steps
    assert action.failure is not None
    assert "interrupted" in action.failure.unchanged


async def test_an_action_that_was_cut_off_again_and_again_is_given_up(tmp_path: Path) -> None:
    action = await begun_by_an_older_version(f"sqlite:///{tmp_path}/ops.db", attempts=10)
    assert action.failure is not None
    assert "cut off" in action.failure.what


async def test_a_card_that_cannot_be_delivered_is_tried_again_ever_more_rarely() -> None:
    here = await world(start=False)
    id = await asked(here)
    action = await here.actions.get(id)
    assert action is not None
    now, tries, trouble = 0.0, 0, [Unavailable("Teams is away.", part="teams")] * 2

    async def show(_: Action) -> None:
        nonlocal tries
        tries += 1
        if trouble:
            raise trouble.pop()

    delivery = Delivery(here.actions, show, lambda: now)
    for now, expected in ((0, 1), (1, 1), (2.1, 2), (5, 2), (6.2, 3)):
        await delivery.deliver(action)
        assert tries == expected, now
    kept = await here.actions.get(id)
    assert kept is not None
    assert kept.delivered
    await here.database.close()


async def test_a_conversation_that_is_gone_is_not_tried_again() -> None:
    here = await world(start=False)
    id = await asked(here)
    action = await here.actions.get(id)
    assert action is not None

    async def show(_: Action) -> None:
        raise NotFound("The conversation is not there any more.")

    await Delivery(here.actions, show).deliver(action)
    kept = await here.actions.get(id)
    assert kept is not None
    assert kept.delivered
    await here.database.close()


async def test_a_step_does_not_forget_which_message_shows_the_action() -> None:
    room = Room(hold=asyncio.Event())
    here = await world(room=room)
    id = await asked(here)
    await here.gate.confirmations.confirm(id, ANNA)
    while not here.seen:
        await asyncio.sleep(0.01)
    await here.actions.attach(id, PLACE, "another card")
    assert room.hold is not None
    room.hold.set()
    action = await here.until_final(id)
    assert action.card == "another card"
    await here.close()


async def test_of_two_claims_in_one_process_none_takes_what_the_other_began() -> None:
    room = Room(hold=asyncio.Event())
    here = await world(room=room)
    id = await asked(here)
    await here.gate.confirmations.confirm(id, ANNA)
    for _ in range(20):
        here.runner.confirmed(id)
    await asyncio.sleep(0.1)
    assert room.hold is not None
    room.hold.set()
    action = await here.until_final(id)
    assert (action.attempts, room.switched) == (1, ["desk"])
    await here.close()
