"""A second person, in Teams: what whoever asked sees, what a colleague may do, and what a program may not."""

from __future__ import annotations

import json
from pathlib import Path

from bot.fake.teams import PERSON, TENANT
from gate.policy import PolicySettings
from tests.doors.house import House, house
from tests.doors.test_confirm import asked, pressed, result_in

BEN = "bebebebe-0000-4000-8000-00000000000b"
DESTROY = "run rm -rf /srv/cache on web-server-01"


def colleagues() -> PolicySettings:
    return PolicySettings(members={f"teams:{TENANT}/{PERSON}": "operator", f"teams:{TENANT}/{BEN}": "operator"})


def as_ben(here: House) -> None:
    here.teams.person, here.teams.name = BEN, "Ben Backup"


async def test_a_colleague_approves_what_cannot_be_taken_back_in_production(tmp_path: Path) -> None:
    async with house(tmp_path, policy=colleagues()) as here:
        message, card = await asked(here, DESTROY)
        shown = json.dumps(card)
        assert "somebody else" in shown
        assert "Approve" in shown
        _, own = await here.teams.click(message, pressed(card, "confirm"))
        assert "somebody else has to approve" in own["value"]
        assert here.service.commands.sent == []
        as_ben(here)
        status, answer = await here.teams.click(message, pressed(card, "confirm"))
        assert (status, answer["type"]) == (200, "application/vnd.microsoft.card.adaptive")
        done = await result_in(here, message, "Exit code")
        assert "Approved by Ben Backup" in json.dumps(done)
        assert len(here.service.commands.sent) == 1


async def test_a_programs_key_approves_nothing(tmp_path: Path) -> None:
    async with house(tmp_path, policy=colleagues()) as here:
        _, card = await asked(here, DESTROY)
        status, answer = await here.decide(pressed(card, "confirm")["action"])
        assert (status, answer["error"]["code"]) == (403, "PERMISSION_DENIED")
        assert here.service.commands.sent == []


async def test_what_waits_is_listed_for_who_may_approve_it_with_a_button(tmp_path: Path) -> None:
    async with house(tmp_path, policy=colleagues()) as here:
        await asked(here, DESTROY)
        as_ben(here)
        message, card = await asked(here, "what waits for approval")
        assert "rm -rf /srv/cache" in json.dumps(card)
        await here.teams.click(message, pressed(card, "confirm"))
        first = here.connector.delivered[0].message
        await result_in(here, first, "Exit code")  # the card of whoever asked follows the run
        assert len(here.service.commands.sent) == 1
