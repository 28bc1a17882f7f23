from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gate.action import ActionState
from gate.call import NeedsConfirmation
from skills.kit.errors import Unavailable
from skills.kit.ports.run import StepState
from tests.toy import ANNA, Room, World, off, world


async def confirmed(here: World) -> str:
    outcome = await here.gate.dispatch(off())
    assert isinstance(outcome, NeedsConfirmation)
    await here.gate.confirmations.confirm(outcome.action.id, ANNA)
    return outcome.action.id


async def test_steps_are_shown_while_they_run() -> None:
    here = await world()
    id = await confirmed(here)
    await here.until_final(id)
    assert [action.state for action in here.seen][-1] is ActionState.SUCCEEDED
    assert here.seen[-1].steps[0].state is StepState.DONE
    await here.close()


async def test_what_a_skill_raises_is_the_actions_failure() -> None:
    here = await world(room=Room(broken=Unavailable("The fuse is out.", part="fuse", remedy="Change the fuse.")))
    action = await here.until_final(await confirmed(here))
    assert action.state is ActionState.FAILED
    assert action.failure is not None
    assert (action.failure.what, action.failure.remedy) == ("The fuse is out.", "Change the fuse.")
    assert (await here.events())[-1] == "failed"
    await here.close()


async def test_a_defect_is_told_without_its_details(capsys: pytest.CaptureFixture[str]) -> None:
    here = await world(room=Room(broken=ZeroDivisionError("secret detail")))
    action = await here.until_final(await confirmed(here))
    assert action.failure is not None
    assert "secret detail" not in action.model_dump_json()
    assert "c1" in action.failure.remedy
    await here.close()


async def test_a_running_action_can_be_cancelled() -> None:
    room = Room(hold=asyncio.Event())
    here = await world(room=room)
    id = await confirmed(here)
    while not here.seen:
        await asyncio.sleep(0.01)
    await here.gate.confirmations.cancel(id, ANNA)
    assert room.hold is not None
    room.hold.set()
    action = await here.until_final(id)
    assert action.state is ActionState.STOPPED
    await here.close()


async def test_a_kill_between_confirm_and_effect_loses_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ops.db"
    room = Room()
    died = await world(url, room, start=False)  # confirms, and dies before its runner does anything
    outcome = await died.gate.dispatch(off())
    assert isinstance(outcome, NeedsConfirmation)
    await died.actions.confirm(outcome.action.id, ANNA, outcome.action.created_at)
    await died.database.close()
    again = await world(url, room)
    action = await again.until_final(outcome.action.id)
    assert action.state is ActionState.SUCCEEDED
    assert room.switched == ["desk"]
    await again.close()


async def test_a_run_cut_off_in_the_middle_is_finished_by_the_next_process(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ops.db"
    room = Room(hold=asyncio.Event())
    died = await world(url, room)
    id = await confirmed(died)
    while not died.seen:
        await asyncio.sleep(0.01)
    await died.runner.stop(0)  # what is left when the grace is over
    await died.database.close()
    assert room.switched == []
    room.hold = None
    again = await world(url, room)
    action = await again.until_final(id)
    assert action.state is ActionState.SUCCEEDED
    assert room.switched == ["desk"]
    await again.close()


async def test_a_pending_action_survives_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ops.db"
    room = Room()
    first = await world(url, room)
    outcome = await first.gate.dispatch(off())
    assert isinstance(outcome, NeedsConfirmation)
    await first.close()
    second = await world(url, room)
    await second.gate.confirmations.confirm(outcome.action.id, ANNA)
    await second.until_final(outcome.action.id)
    assert room.switched == ["desk"]
    await second.close()


async def test_a_result_that_could_not_be_delivered_is_delivered_at_the_next_start(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ops.db"
    first = await world(url)
    outcome = await first.gate.dispatch(off())
    assert isinstance(outcome, NeedsConfirmation)
    await first.gate.confirmations.cancel(outcome.action.id, ANNA)
    await first.close()
    second = await world(url)
    await second.until_final(outcome.action.id)
    assert [action.id for action in second.seen] == [outcome.action.id]
    await second.close()
