from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from gate.action import ActionState
from gate.call import Call, Completed, NeedsConfirmation
from gate.principal import Principal
from skills.kit.errors import Conflict, Expired, Forbidden, Invalid, NotFound, Unavailable
from tests.toy import ANNA, BEN, Lit, World, off, world


class Clock:
    """Time that moves when told."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def here(clock: Clock) -> AsyncIterator[World]:
    made = await world(clock=clock)
    yield made
    await made.close()


async def asked(here: World, lamp: str = "desk") -> str:
    outcome = await here.gate.dispatch(off(lamp))
    assert isinstance(outcome, NeedsConfirmation)
    return outcome.action.id


async def test_a_reading_skill_answers_and_is_recorded(here: World) -> None:
    outcome = await here.gate.dispatch(Call("lamps.list", {}, ANNA, "c1", words="which lamps are lit"))
    assert isinstance(outcome, Completed)
    assert outcome.result == Lit(lamps=["desk", "door"])
    await outcome.recorded
    (row,) = await here.audit.read()
    assert (row.event, row.principal, row.body["words"]) == ("request", ANNA.key, "which lamps are lit")


async def test_a_changing_skill_does_nothing_until_it_is_confirmed(here: World) -> None:
    id = await asked(here, "DESK")
    await asyncio.sleep(0.05)
    assert here.room.switched == []
    await here.gate.confirmations.confirm(id, ANNA)
    action = await here.until_final(id)
    assert here.room.switched == ["desk"]
    assert (action.state, action.result) == (ActionState.SUCCEEDED, {"lamps": ["door"]})
    assert await here.events() == ["asked", "confirmed", "started", "succeeded"]


async def test_fifty_confirmations_give_one_run(here: World) -> None:
    id = await asked(here)
    outcomes = await asyncio.gather(*(here.gate.confirmations.confirm(id, ANNA) for _ in range(50)), return_exceptions=True)
    assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 1
    assert all(isinstance(outcome, Conflict) for outcome in outcomes if isinstance(outcome, BaseException))
    await here.until_final(id)
    assert here.room.switched == ["desk"]


async def test_only_who_asked_may_decide(here: World) -> None:
    id = await asked(here)
    with pytest.raises(Forbidden, match="Only Anna"):
        await here.gate.confirmations.confirm(id, BEN)
    with pytest.raises(Forbidden):
        await here.gate.confirmations.cancel(id, BEN)
    assert (await here.actions.get(id)).state is ActionState.PENDING  # type: ignore[union-attr]


async def test_an_unknown_confirmation_is_not_found(here: World) -> None:
    with pytest.raises(NotFound):
        await here.gate.confirmations.confirm("forged", ANNA)


async def test_a_confirmation_expires_after_15_minutes(here: World, clock: Clock) -> None:
    id = await asked(here)
    clock.now += timedelta(minutes=15)
    with pytest.raises(Expired, match="expired"):
        await here.gate.confirmations.confirm(id, ANNA)
    assert here.room.switched == []


async def test_a_declined_action_cannot_be_confirmed(here: World) -> None:
    id = await asked(here)
    assert (await here.gate.confirmations.cancel(id, ANNA)).state is ActionState.CANCELLED
    with pytest.raises(Conflict, match="Anna decided this already; it was cancelled"):
        await here.gate.confirmations.confirm(id, ANNA)
    assert await here.events() == ["asked", "declined"]


async def test_who_has_no_permission_is_told_what_is_missing(here: World) -> None:
    guest = Principal(kind="teams", id="guest", tenant="t1")
    with pytest.raises(Forbidden) as refused:
        await here.gate.dispatch(off(by=guest))
    assert refused.value.missing == "lamps:switch"
    assert "admin or switcher" in refused.value.remedy
    assert await here.events() == ["refused"]


@pytest.mark.parametrize("arguments", [{}, {"lamp": 3}, {"lamp": "desk", "force": True}, {"lamp": ""}])
async def test_arguments_that_do_not_fit_are_refused(here: World, arguments: dict[str, object]) -> None:
    with pytest.raises(Invalid, match="lamp"):
        await here.gate.dispatch(Call("lamps.off", arguments, ANNA, "c1"))


async def test_an_unknown_skill_is_named_with_the_nearest(here: World) -> None:
    with pytest.raises(NotFound) as missing:
        await here.gate.dispatch(Call("lamps.of", {}, ANNA, "c1"))
    assert missing.value.remedy == "Did you mean lamps.off?"


async def test_a_target_that_cannot_be_resolved_is_recorded(here: World) -> None:
    with pytest.raises(Unavailable):
        await here.gate.dispatch(off("moon"))
    assert await here.events() == ["refused"]


async def test_changed_arguments_void_the_confirmation(here: World) -> None:
    id = await asked(here)
    action = await here.actions.get(id)
    assert action is not None
    tampered = action.model_copy(update={"arguments": {"lamp": "door"}, "id": "tampered"})
    await here.actions.add(tampered)
    with pytest.raises(Conflict, match="changed"):
        await here.gate.confirmations.confirm("tampered", ANNA)


async def test_secrets_are_masked_in_the_record(here: World) -> None:
    call = Call("lamps.list", {}, ANNA, "c1", words="list with password=hunter2-hunter2 please")
    outcome = await here.gate.dispatch(call)
    assert isinstance(outcome, Completed)
    await outcome.recorded
    (row,) = await here.audit.read()
    assert "hunter2" not in str(row.body)
