"""Too much at the Teams door, on the whole product."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from gate.limits.rules import LimitSettings
from tests.doors.house import House, house
from tests.doors.test_confirm import asked, pressed, result_in


async def settled(here: House) -> None:
    """Wait until every turn has ended."""
    assert here.service.teams is not None
    async with asyncio.timeout(10):
        while here.service.teams.waiting:
            await asyncio.sleep(0.01)


def said(here: House) -> list[str]:
    """What the bot said: its cards' words and its own."""
    sent = [json.dumps([one.activity, one.card]) for one in here.connector.delivered]
    assert all(one.type == "message" for one in here.connector.delivered)
    return sent


async def test_whoever_writes_too_much_in_teams_is_told_once_when_to_go_on(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        for number in range(30):
            status, _ = await here.teams.say(f"help me {number}")
            assert status == 202, "Teams is answered as ever: it would send again what was refused"
        await settled(here)
        texts = said(here)
        refusals = [text for text in texts if "Too many requests" in text]
        assert (len(texts), len(refusals)) == (11, 1)
        assert "at most 10 requests per minute" in refusals[0]
        assert "Try again in " in refusals[0]


async def test_a_question_can_still_be_answered_and_too_many_clicks_leave_the_card_as_it_is(tmp_path: Path) -> None:
    async with house(tmp_path, limits=LimitSettings(chat_user=1, clicks=2)) as here:
        message, card = await asked(here)
        await here.teams.say("help")
        await settled(here)
        for _ in range(2):
            status, answer = await here.teams.click(message, pressed(card, "confirm"))
            assert status == 200
        await result_in(here, message, "was stopped")
        status, answer = await here.teams.click(message, pressed(card, "cancel"))
        assert (status, answer["statusCode"], answer["type"]) == (200, 429, "application/vnd.microsoft.error")
        assert [what for what, _ in here.service.compute.changes] == ["stop"]


async def test_people_of_one_team_share_its_burst_whatever_the_channel_or_thread(tmp_path: Path) -> None:
    async with house(tmp_path, limits=LimitSettings(chat_burst=3)) as here:
        assert here.service.teams is not None
        for number in range(5):
            channel = {"tenant": here.teams.activity()["channelData"]["tenant"], "team": {"id": "19:ops@thread.tacv2"}}
            where = {"id": f"19:c{number}@thread.tacv2;messageid={number}", "conversationType": "channel", "isGroup": True}
            mention = {"type": "mention", "text": "<at>Ops</at>", "mentioned": here.teams.activity()["recipient"]}
            await here.teams.say(f"<at>Ops</at> help {number}", channelData=channel, conversation=where, entities=[mention])
        await here.teams.say("help")
        await settled(here)
        texts = said(here)
        assert len([text for text in texts if "Too many requests: at most 3 requests per 10 seconds per team" in text]) == 1
        assert len(texts) == 5, "three of the team, one refusal, and one said to the bot alone"


@pytest.mark.parametrize("path", ["/prod/api/messages", "/api/messages"])
async def test_the_headers_are_there_behind_a_stage_prefix_too(tmp_path: Path, path: str) -> None:
    async with house(tmp_path, stage="/prod") as here:
        headers = {"Authorization": f"Bearer {here.token}", "X-Correlation-ID": "mine"}
        async with here.session.post(here.service.url + path, json={"text": "help"}, headers=headers) as response:
            assert (response.status, response.headers["X-Correlation-ID"]) == (200, "mine")
            assert response.headers["X-RateLimit-Remaining"] == "9"
