"""From the question to the effect, at both doors."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.doors.house import House, house


def pressed(card: dict[str, Any], verb: str) -> dict[str, Any]:
    """The data of the card's button with that verb."""
    actions = [*card.get("actions", []), *(a for part in card["body"] for a in part.get("actions", []))]
    return next(action["data"] for action in actions if action.get("verb") == verb)


async def asked(here: House, words: str = "stop web-server-01") -> tuple[str, dict[str, Any]]:
    """Ask in Teams; the message with the question, and its card."""
    before = len(here.connector.delivered)
    await here.teams.say(words)
    sent = (await here.connector.wait(before + 1))[before]
    assert sent.card is not None
    return sent.message, sent.card


async def result_in(here: House, message: str, text: str) -> dict[str, Any]:
    """Wait until the card in that message says so."""
    async with asyncio.timeout(10):
        while True:
            cards = [one.card for one in here.connector.delivered if one.message == message and one.card]
            if text in json.dumps(cards[-1]):
                return cards[-1]
            await asyncio.sleep(0.02)


async def test_teams_confirm_answers_with_the_running_card_and_the_message_follows(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        message, card = await asked(here)
        assert here.service.compute.changes == []
        status, answer = await here.teams.click(message, pressed(card, "confirm"))
        assert (status, answer["type"]) == (200, "application/vnd.microsoft.card.adaptive")
        await result_in(here, message, "was stopped")
        assert [what for what, _ in here.service.compute.changes] == ["stop"]


async def test_fifty_clicks_in_teams_have_one_effect(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        message, card = await asked(here)
        data = pressed(card, "confirm")
        answers = await asyncio.gather(*(here.teams.click(message, data) for _ in range(50)))
        assert {status for status, _ in answers} == {200}
        await result_in(here, message, "was stopped")
        assert len(here.service.compute.changes) == 1


async def test_a_foreign_button_is_refused_and_the_card_stays(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        message, card = await asked(here)
        here.teams.person, here.teams.name = "99999999-0000-4000-8000-000000000009", "Mallory"
        status, answer = await here.teams.click(message, pressed(card, "confirm"))
        assert status == 200
        assert answer["type"] != "application/vnd.microsoft.card.adaptive"
        assert here.service.compute.changes == []


@pytest.mark.parametrize("action", ["confirm_unknown", "cancel_unknown", "explode_x", "confirm_"])
async def test_an_unknown_button_does_nothing(tmp_path: Path, action: str) -> None:
    async with house(tmp_path) as here:
        message, _ = await asked(here)
        status, answer = await here.teams.click(message, {"action": action})
        assert status == 200
        assert answer["type"] != "application/vnd.microsoft.card.adaptive"
        assert here.service.compute.changes == []


async def test_a_program_confirms_and_gets_the_result(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        _, answer = await here.say('execute "hostname --set-hostname x" on web-server-01')
        assert answer["status"] == "pending"
        confirm, cancel = answer["data"]["actions"]
        assert (confirm["type"], confirm["label"], cancel["type"]) == ("confirm", "Yes, proceed", "cancel")
        status, done = await here.decide(confirm["action"])
        assert (status, done["status"]) == (200, "success")
        assert done["data"]["command"] == "hostname --set-hostname x"
        assert done["data"]["exitCode"] == 0
        status, again = await here.decide(confirm["action"])
        assert (status, again["status"]) == (409, "error")


async def test_a_command_that_only_reads_runs_at_once(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        status, done = await here.say('execute "hostname" on web-server-01')
        assert (status, done["status"], done["data"]["output"]) == (200, "success", "web-server-01\n")
        await here.teams.say("run hostname on web-server-01")
        (sent, *_) = await here.connector.wait(1)
        await result_in(here, sent.message, "Exit code")


async def test_cancel_replaces_the_card_and_nothing_runs(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        message, card = await asked(here)
        status, answer = await here.teams.click(message, pressed(card, "cancel"))
        assert status == 200
        assert "cancel" in json.dumps(answer["value"]).lower()
        _, refused = await here.teams.click(message, pressed(card, "confirm"))
        assert refused["type"] != "application/vnd.microsoft.card.adaptive"
        assert here.service.compute.changes == []


async def test_an_already_stopped_instance_is_said_and_left_alone(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        _, first = await here.say("stop web-server-01")
        await here.decide(first["data"]["actions"][0]["action"])
        _, second = await here.say("stop web-server-01")
        _, done = await here.decide(second["data"]["actions"][0]["action"])
        assert "already" in json.dumps(done)
        assert len(here.service.compute.changes) == 1


async def test_a_forged_token_never_reaches_the_bot(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        status, _ = await here.teams.post(here.teams.activity(text="help"), token="not.a.token")
        assert status == 401
        async with here.session.post(f"{here.service.url}/api/messages", json={"text": "help"}) as response:
            assert response.status == 401
        assert here.connector.sent == []


async def test_the_whole_survives_a_restart(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        _, answer = await here.say("stop web-server-01")
    async with house(tmp_path) as again:
        status, done = await again.decide(answer["data"]["actions"][0]["action"])
        assert (status, done["status"]) == (200, "success")
        assert [what for what, _ in again.service.compute.changes] == ["stop"]


async def test_those_means_what_the_last_answer_showed(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        _, listed = await here.say("list instances in staging")
        names = {one["name"] for one in listed["data"]["instances"]}
        _, question = await here.say("stop those")
        assert question["status"] == "pending"
        assert all(name in json.dumps(question["data"]["attachments"]) for name in names)
