from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bot.fake.connector import Failure
from bot.fake.teams import BOT, PERSON, TENANT
from bot.teams import door as doors
from bot.teams import indicator
from bot.teams.adapter import BROKEN, EDITED, UNKNOWN_PERSON
from gate.conversation import Inbound, Messenger, Reply
from skills.kit.errors import Unavailable
from store.places import SqlPlaces
from tests.unit.bot.teams.conftest import CARD, Build, Stage

RECORDED = Path(__file__).parents[3] / "fixtures" / "teams" / "activities.jsonl"


async def test_message_is_answered_at_once_and_worked_on_afterwards(stage: Stage) -> None:
    stage.connector.gate.clear()
    assert await stage.teams.say("list instances") == (202, None)
    stage.connector.gate.set()
    (reply,) = await stage.connector.wait(1)
    assert reply.activity["text"] == "echo list instances"
    assert reply.activity["conversation"]["id"] == "a:personal-ada"
    assert reply.authorization == "Bearer connector-1"
    (inbound,) = stage.chat.said
    assert inbound.principal.key == f"teams:{TENANT}/{PERSON}"
    assert inbound.principal.name == "Ada Admin"


async def test_a_redelivery_under_a_new_id_has_one_effect(stage: Stage) -> None:
    activity = stage.teams.activity(text="stop web-1")
    assert await stage.teams.post(activity) == (202, None)
    for again in ("another", "and-another"):
        assert await stage.teams.post({**activity, "id": again}) == (202, None)
    await stage.settled()
    assert len(stage.chat.said) == 1
    await stage.teams.say("stop web-1")  # said again: a message of its own
    await stage.settled()
    assert len(stage.chat.said) == 2


async def test_a_replayed_request_has_one_effect_in_another_process_too(build: Build) -> None:
    first, second = await build("first"), await build("second")
    activity = first.teams.activity(text="stop web-1")
    assert await first.teams.post(activity) == (202, None)
    assert await second.teams.post(activity) == (202, None)
    await first.settled()
    await second.settled()
    assert (len(first.chat.said), len(second.chat.said)) == (1, 0)


async def test_an_activity_without_a_time_is_known_by_its_id(stage: Stage) -> None:
    activity = stage.teams.activity(text="hi", timestamp=None, localTimestamp=None)
    await stage.teams.post(activity)
    await stage.teams.post(activity)
    await stage.teams.post({**activity, "id": "other"})
    await stage.settled()
    assert len(stage.chat.said) == 2


async def test_what_was_kept_and_not_worked_on_is_recovered_exactly_once(build: Build) -> None:
    killed = await build("killed")
    started = asyncio.Event()

    async def hang(inbound: Inbound, messenger: Messenger) -> None:
        started.set()
        await asyncio.Event().wait()

    killed.chat.on_message = hang
    activity = killed.teams.activity(text="list instances")
    assert await killed.teams.post(activity) == (202, None)
    await started.wait()
    await killed.door.drain(0)

    successor = await build("successor")
    await successor.door.start()
    await successor.settled()
    await successor.door.recover()
    await successor.teams.post(activity)
    await successor.settled()
    assert [inbound.text for inbound in successor.chat.said] == ["list instances"]
    assert successor.connector.texts == ["echo list instances"]
    assert not await successor.inbox("third").left()


async def test_a_turn_that_was_interrupted_again_and_again_is_given_up_and_said(build: Build) -> None:
    first = await build("first")
    body = first.teams.activity(text="list instances")
    await first.inbox("nobody").receive("k", body)
    for owner in ("one", "two", "three"):
        await first.inbox(owner).left()
    await first.door.recover()
    await first.settled()
    assert first.connector.texts == [doors.LOST]
    assert not first.chat.said
    assert not await first.inbox("last").left()


async def test_a_click_that_was_interrupted_is_recovered_onto_its_card(build: Build) -> None:
    stage = await build("first")
    click = stage.teams.activity(
        "invoke",
        name="adaptiveCard/action",
        replyToId="m7",
        value={"action": {"type": "Action.Execute", "verb": "v", "data": {"action": "confirm_1"}}},
    )
    await stage.inbox("killed").receive("k", click)
    await stage.door.recover()
    (sent,) = await stage.connector.wait(1)
    assert (sent.method, sent.message, sent.card) == ("PUT", "m7", CARD)


async def test_a_row_that_cannot_be_read_does_not_hold_up_the_others(build: Build) -> None:
    stage = await build("first")
    left = stage.inbox("killed")
    await left.receive("broken", {"type": 7})
    await left.receive("whole", stage.teams.activity(text="list instances"))
    await stage.door.recover()
    await stage.settled()
    assert [inbound.text for inbound in stage.chat.said] == ["list instances"]


async def test_a_click_is_answered_with_the_card_that_replaces_it(stage: Stage) -> None:
    status, body = await stage.teams.click("m1", {"action": "confirm_1", "reason": "because"})
    assert (status, body) == (200, {"statusCode": 200, "type": "application/vnd.microsoft.card.adaptive", "value": CARD})
    (inbound,) = stage.chat.clicked
    assert inbound.value == {"action": "confirm_1", "reason": "because"}
    assert inbound.card == "m1"


async def test_the_same_click_delivered_again_runs_once_and_gets_the_same_answer(stage: Stage) -> None:
    value = {"action": {"type": "Action.Execute", "verb": "v", "data": {"action": "confirm_1"}}}
    click = stage.teams.activity("invoke", name="adaptiveCard/action", replyToId="m1", value=value)
    first, second = await asyncio.gather(stage.teams.post(click), stage.teams.post({**click, "id": "again"}))
    assert first == second
    assert first[1]["value"] == CARD
    assert len(stage.chat.clicked) == 1


async def test_a_click_without_a_card_to_show_is_answered_in_words(stage: Stage) -> None:
    async def click(inbound: Inbound) -> Reply:
        return Reply("noted")

    stage.chat.on_click = click
    status, body = await stage.teams.click("m1", {"action": "x"})
    assert (status, body["type"], body["value"]) == (200, "application/vnd.microsoft.activity.message", "noted")


async def test_a_slow_click_is_answered_in_time_and_its_card_follows(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "_INVOKE_DEADLINE", 0.05)
    go = asyncio.Event()

    async def click(inbound: Inbound) -> Reply:
        await go.wait()
        return Reply("running", CARD)

    stage.chat.on_click = click
    _, body = await stage.teams.click("m1", {"action": "x"})
    assert body["value"] == doors.STILL
    go.set()
    (sent,) = await stage.connector.wait(1)
    assert (sent.method, sent.message, sent.card) == ("PUT", "m1", CARD)


async def test_errors_of_a_click_keep_the_invoke_shape(stage: Stage) -> None:
    async def unavailable(inbound: Inbound) -> Reply:
        raise Unavailable("EC2 does not answer.", part="ec2")

    async def defect(inbound: Inbound) -> Reply:
        raise RuntimeError("secret inner state")

    stage.chat.on_click = unavailable
    status, body = await stage.teams.click("m1", {"action": "x"})
    assert (status, body["statusCode"], body["type"]) == (200, 503, "application/vnd.microsoft.error")
    assert body["value"] == {"code": "UNAVAILABLE", "message": "EC2 does not answer. Nothing was changed."}
    stage.chat.on_click = defect
    status, body = await stage.teams.click("m1", {"action": "y"})
    assert (status, body["statusCode"]) == (200, 500)
    assert "secret" not in json.dumps(body)


async def test_an_unknown_invoke_is_501_in_the_invoke_shape(stage: Stage) -> None:
    status, body = await stage.teams.post(stage.teams.activity("invoke", name="task/fetch", value={}))
    assert (status, body["statusCode"], body["value"]["code"]) == (501, 501, "NotSupported")


async def test_a_submitted_card_passes_its_value(stage: Stage) -> None:
    await stage.teams.post(stage.teams.activity(value={"run": {"skill": "help"}}, replyToId="m1"))
    await stage.settled()
    (inbound,) = stage.chat.said
    assert (inbound.text, inbound.value, inbound.card) == ("", {"run": {"skill": "help"}}, "m1")


async def test_nobody_known_is_refused_and_told(stage: Stage) -> None:
    stranger = {"id": "29:guest", "name": "Guest"}
    await stage.teams.say("list instances", **{"from": stranger})
    await stage.settled()
    assert stage.connector.texts == [UNKNOWN_PERSON]
    value = {"action": {"type": "Action.Execute", "data": {"action": "confirm_1"}}}
    _, body = await stage.teams.post(
        stage.teams.activity("invoke", name="adaptiveCard/action", value=value, **{"from": stranger})
    )
    assert (body["statusCode"], body["value"]["message"]) == (403, UNKNOWN_PERSON)
    assert not stage.chat.said
    assert not stage.chat.clicked


async def test_an_installation_is_greeted_once(stage: Stage) -> None:
    await stage.teams.post(stage.teams.activity("installationUpdate", action="add", timestamp="2026-01-05T08:00:01.250Z"))
    added = [{"id": "29:ada"}, {"id": BOT}]
    await stage.teams.post(stage.teams.activity("conversationUpdate", membersAdded=added, timestamp="2026-01-05T08:00:01.255Z"))
    await stage.settled()
    assert stage.connector.texts == ["welcome"]


async def test_people_joining_and_the_bot_leaving_are_no_reason_to_speak(stage: Stage) -> None:
    await stage.teams.post(stage.teams.activity("conversationUpdate", membersAdded=[{"id": "29:bea"}]))
    await stage.teams.post(stage.teams.activity("installationUpdate", action="remove"))
    await stage.teams.post(stage.teams.activity("messageReaction", reactionsAdded=[{"type": "like"}]))
    await stage.teams.post(stage.teams.activity("messageDelete", channelData={"tenant": {"id": TENANT}}))
    await stage.settled()
    assert not stage.connector.sent


async def test_an_edited_message_is_not_run_again(stage: Stage) -> None:
    edit = {"tenant": {"id": TENANT}, "eventType": "editMessage"}
    assert await stage.teams.post(stage.teams.activity("messageUpdate", text="stop web-2", channelData=edit)) == (202, None)
    await stage.settled()
    assert not stage.chat.said
    assert stage.connector.texts == [EDITED]


async def test_only_our_own_leading_mention_is_stripped_and_the_thread_is_kept(stage: Stage) -> None:
    us = {"type": "mention", "text": "<at>OpsBot</at>", "mentioned": {"id": BOT, "name": "OpsBot"}}
    bea = {"type": "mention", "text": "<at>Bea</at>", "mentioned": {"id": "29:bea", "name": "Bea"}}
    stage.teams.conversation, stage.teams.kind = "19:chan@thread.tacv2;messageid=171", "channel"
    await stage.teams.say("<at>OpsBot</at>&nbsp;tell <at>Bea</at> &amp; <at>OpsBot</at> a &lt; b", entities=[us, bea, us])
    await stage.settled()
    (inbound,) = stage.chat.said
    assert inbound.text == "tell Bea & OpsBot a < b"
    assert inbound.place.key == "19:chan@thread.tacv2;messageid=171"
    assert stage.connector.sent[0].conversation == "19:chan@thread.tacv2;messageid=171"


async def test_what_is_said_to_others_in_a_channel_is_not_ours(stage: Stage) -> None:
    stage.teams.kind = "channel"
    bea = {"type": "mention", "text": "<at>Bea</at>", "mentioned": {"id": "29:bea", "name": "Bea"}}
    await stage.teams.say("<at>Bea</at> stop web-1", entities=[bea])
    await stage.settled()
    assert not stage.chat.said


async def test_typing_is_shown_while_a_turn_takes_long_and_not_for_a_quick_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indicator, "AFTER", 0.05)
    await stage.teams.say("quick")
    await stage.settled()
    assert not [one for one in stage.connector.sent if one.type == "typing"]
    monkeypatch.setattr(indicator, "EVERY", 0.05)

    async def slow(inbound: Inbound, messenger: Messenger) -> None:
        await asyncio.sleep(0.25)
        await messenger.send(inbound.place, Reply("at last"))

    stage.chat.on_message = slow
    await stage.teams.say("slow")
    await stage.settled()
    assert len([one for one in stage.connector.sent if one.type == "typing"]) >= 2
    assert stage.connector.sent[-1].activity["text"] == "at last"


async def test_a_turn_that_fails_says_so_and_does_not_stop_the_next(stage: Stage) -> None:
    async def fail(inbound: Inbound, messenger: Messenger) -> None:
        if inbound.text == "defect":
            raise RuntimeError("secret inner state")
        raise Unavailable("EC2 does not answer.", part="ec2", remedy="Try later.")

    stage.chat.on_message = fail
    await stage.teams.say("defect")
    await stage.teams.say("down")
    await stage.settled()
    assert stage.connector.texts == [BROKEN, "Not available. EC2 does not answer. Nothing was changed. Try later."]
    assert not await stage.inbox("next").left()


async def test_one_persons_messages_are_worked_on_in_order(stage: Stage) -> None:
    done: list[str] = []

    async def slower_first(inbound: Inbound, messenger: Messenger) -> None:
        await asyncio.sleep(0.1 if inbound.text == "0" else 0)
        done.append(inbound.text)

    stage.chat.on_message = slower_first
    for number in range(4):
        await stage.teams.say(str(number))
    await stage.settled()
    assert done == ["0", "1", "2", "3"]


async def test_references_are_kept_and_written_only_when_they_change(stage: Stage) -> None:
    for _ in range(3):
        await stage.teams.say("hi")
    await stage.settled()
    places = SqlPlaces(stage.database)
    (place,) = await places.of(f"teams:{TENANT}/{PERSON}")
    assert place.data["serviceUrl"] == stage.connector.url
    before = await places.find(place.key)
    await stage.database.run(lambda connection: connection.exec_driver_sql("DELETE FROM places"))
    await stage.teams.say("unchanged")
    await stage.settled()
    assert before == place
    assert await places.find(place.key) is None  # nothing was written for what is known


async def test_a_draining_door_takes_nothing_and_leaves_what_it_cannot_finish(build: Build) -> None:
    stage = await build("first")
    await stage.teams.say("hi")
    await stage.door.drain(1)
    status, body = await stage.teams.say("more")
    assert (status, body["error"]["code"]) == (503, "BUSY")
    assert stage.connector.texts == ["echo hi"]


async def test_a_full_backlog_is_503_and_nothing_is_kept(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await build()
    monkeypatch.setattr(stage.door, "_backlog", 0)
    assert (await stage.teams.say("hi"))[0] == 503
    assert not await stage.inbox("next").left()


async def test_a_store_that_is_down_is_503(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(id: str, body: dict[str, Any]) -> bool:
        raise OSError("disk full")

    monkeypatch.setattr(stage.door._inbox, "receive", broken)  # pyright: ignore[reportPrivateUsage]
    status, body = await stage.teams.say("hi")
    assert (status, body["error"]["code"]) == (503, "STORE_UNAVAILABLE")


async def test_a_reply_that_cannot_be_delivered_ends_the_turn(stage: Stage) -> None:
    stage.connector.failures.extend([Failure(500), Failure(500)])
    await stage.teams.say("hi")
    await stage.settled()
    await stage.teams.say("again")
    await stage.settled()
    assert stage.connector.texts == ["echo again"]
    assert not await stage.inbox("next").left()


async def test_recorded_activities_are_understood(stage: Stage) -> None:
    for line in RECORDED.read_text().splitlines():
        activity = {**json.loads(line), "serviceUrl": stage.connector.url}
        status, body = await stage.teams.post(activity)
        assert status == (200 if activity["type"] == "invoke" else 202), body
    await stage.settled()
    assert [inbound.text or inbound.value for inbound in stage.chat.said] == [
        "list instances",
        {"run": {"skill": "help", "arguments": {}}},
    ]
    assert [inbound.value["action"] for inbound in stage.chat.clicked] == ["confirm_4f1d", "cancel_4f1d"]
    assert len(stage.chat.welcomed) == 1
