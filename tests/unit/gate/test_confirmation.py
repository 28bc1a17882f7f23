"""Approvals: who may decide, what it takes, and what voids it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gate.action import Action, ActionState, to_type
from gate.call import NeedsConfirmation
from gate.conversation import Place
from gate.principal import Principal
from gate.reminder import ApprovalSettings, Reminders
from skills.kit.errors import Conflict, Forbidden, Invalid, OpsError
from store.places import SqlPlaces
from tests.toy import ANNA, BEN, CARL, World, off, world

SECOND = """
@id("second") @reason("Lamps need two pairs of eyes.") @remedy("A second person has to approve it.")
forbid (principal, action == Action::"lamps.off", resource) unless { context.approvals >= 1 };
"""
THIRD = SECOND.replace(">= 1", ">= 2")
TYPED = """
@id("typed") @reason("It gets dark.") @remedy("Type the name.")
forbid (principal, action == Action::"lamps.off", resource) unless { context.typed };
"""
FREEZE = """
@id("freeze") @reason("Nothing is changed in the freeze.")
forbid (principal, action, resource) when { context.risk != "read" };
"""
GUEST = Principal(kind="teams", id="guest", tenant="t1", name="Guest")
KEY = Principal(kind="key", id="api", name="API token")


@asynccontextmanager
async def house(folder: Path, policy: str) -> AsyncGenerator[World]:
    (folder / "own.cedar").write_text(policy)
    here = await world(files=folder)
    try:
        yield here
    finally:
        await here.close()


async def asked(here: World) -> Action:
    outcome = await here.gate.dispatch(off())
    assert isinstance(outcome, NeedsConfirmation)
    return outcome.action


async def refused(work: Callable[[], Awaitable[object]], kind: type[OpsError], match: str) -> None:
    with pytest.raises(kind, match=match):
        await work()


async def test_the_card_says_what_it_takes_and_why(tmp_path: Path) -> None:
    async with house(tmp_path, SECOND) as here:
        action = await asked(here)
        assert (action.approvals, action.typed, action.policies) == (1, False, ("second", "role:switcher"))
        assert "two pairs of eyes" in action.because


async def test_whoever_asked_cannot_approve(tmp_path: Path) -> None:
    async with house(tmp_path, SECOND) as here:
        action = await asked(here)
        await refused(lambda: here.gate.confirmations.confirm(action.id, ANNA), Forbidden, "somebody else has to approve")
        assert here.room.switched == []


async def test_a_second_person_approves_and_it_runs_for_whoever_asked(tmp_path: Path) -> None:
    async with house(tmp_path, SECOND) as here:
        action = await asked(here)
        await here.gate.confirmations.confirm(action.id, BEN)
        done = await here.until_final(action.id)
        assert (done.state, done.principal, done.approved, done.decided_by) == (ActionState.SUCCEEDED, ANNA, (BEN,), BEN)
        assert here.room.switched == ["desk"]
        assert "approved" in await here.events()


@pytest.mark.parametrize("who", [GUEST, KEY])
async def test_an_approver_must_be_a_person_who_may_do_it_themselves(tmp_path: Path, who: Principal) -> None:
    async with house(tmp_path, SECOND) as here:
        action = await asked(here)
        with pytest.raises(Forbidden):
            await here.gate.confirmations.confirm(action.id, who)
        kept = await here.actions.get(action.id)
        assert kept is not None
        assert (kept.state, kept.approved) == (ActionState.PENDING, ())


async def test_two_others_are_two_different_people(tmp_path: Path) -> None:
    async with house(tmp_path, THIRD) as here:
        action = await asked(here)
        first = await here.gate.confirmations.confirm(action.id, BEN)
        assert (first.state, first.approved) == (ActionState.PENDING, (BEN,))
        await refused(lambda: here.gate.confirmations.confirm(action.id, BEN), Conflict, "already")
        assert here.room.switched == []
        await here.gate.confirmations.confirm(action.id, CARL)
        await here.until_final(action.id)
        assert here.room.switched == ["desk"]


async def test_fifty_approvals_at_once_give_one_run(tmp_path: Path) -> None:
    async with house(tmp_path, SECOND) as here:
        action = await asked(here)
        confirm = here.gate.confirmations.confirm
        outcomes = await asyncio.gather(*(confirm(action.id, who) for who in (BEN, CARL) * 25), return_exceptions=True)
        assert sum(isinstance(outcome, Action) for outcome in outcomes) == 1
        await here.until_final(action.id)
        assert here.room.switched == ["desk"]


async def test_the_name_has_to_be_typed(tmp_path: Path) -> None:
    async with house(tmp_path, TYPED) as here:
        action = await asked(here)
        assert (action.typed, to_type(action)) == (True, "desk")
        for wrong in ("", "yes", "Desk lamp", "DESK"):
            await refused(
                lambda wrong=wrong: here.gate.confirmations.confirm(action.id, ANNA, typed=wrong), Invalid, "type exactly: desk"
            )
        await here.gate.confirmations.confirm(action.id, ANNA, typed=" desk ")
        await here.until_final(action.id)
        assert here.room.switched == ["desk"]


async def test_a_target_that_changed_voids_the_approval(tmp_path: Path) -> None:
    async with house(tmp_path, SECOND) as here:
        action = await asked(here)
        here.room.labels["desk"] = {"Environment": "production"}
        await refused(lambda: here.gate.confirmations.confirm(action.id, BEN), Conflict, "has changed")
        assert here.room.switched == []


async def test_permission_that_was_taken_away_meanwhile_stops_the_run(tmp_path: Path) -> None:
    async with house(tmp_path, SECOND) as here:
        action = await asked(here)
        await here.actions.confirm(action.id, BEN, action.created_at)  # approved, and not begun yet
        (tmp_path / "freeze.cedar").write_text(FREEZE)
        here.policies.reload()
        here.runner.confirmed(action.id)
        done = await here.until_final(action.id)
        assert done.state is ActionState.FAILED
        assert done.failure is not None
        assert "freeze" in done.failure.what
        assert here.room.switched == []


async def test_it_is_reminded_of_once_and_then_others_are_told(tmp_path: Path) -> None:
    async with house(tmp_path, SECOND) as here:
        action = await asked(here)
        told: list[Place] = []
        now = datetime.now(UTC)

        async def tell(place: Place, _: Action) -> None:
            told.append(place)

        places = SqlPlaces(here.database)
        manager = Place(door="teams", key="manager")
        await places.remember(manager, CARL.key)
        settings = ApprovalSettings(escalate_to=[CARL.key])
        later = timedelta()
        reminders = [Reminders(settings, here.actions, places, tell, lambda: now + later) for _ in range(2)]
        for minutes, expected in ((1, []), (5, [action.place]), (6, [action.place]), (10, [action.place, manager]), (14, 2)):
            later = timedelta(minutes=minutes)
            await asyncio.gather(*(one.look() for one in reminders))
            assert told == expected or len(told) == expected


async def test_what_is_decided_is_not_reminded_of(tmp_path: Path) -> None:
    async with house(tmp_path, SECOND) as here:
        action = await asked(here)
        await here.gate.confirmations.cancel(action.id, ANNA)
        told: list[Place] = []

        async def tell(place: Place, _: Action) -> None:
            told.append(place)

        late = datetime.now(UTC) + timedelta(minutes=10)
        await Reminders(ApprovalSettings(), here.actions, SqlPlaces(here.database), tell, lambda: late).look()
        assert told == []
