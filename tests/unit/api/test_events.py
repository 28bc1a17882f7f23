from __future__ import annotations

import asyncio
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse

from api import events, routes
from api.events import Events
from gate.conversation import Place, Reply
from tests.unit.api.scripted import TOKEN, Door, door

KEY = {"X-API-Key": TOKEN}
STREAM = "/api/conversations/default/events"


async def event(response: ClientResponse) -> tuple[str, Any, str]:
    """The next event: name, data and id; a comment has the name `:`."""
    fields: dict[str, str] = {}
    async with asyncio.timeout(5):
        while (line := (await response.content.readline()).decode()) != "\n":
            assert line, "the stream ended"
            name, _, value = line.rstrip("\n").partition(": ")
            fields[name or ":"] = value
    return fields.get("event", ":"), json.loads(fields.get("data", "null")), fields.get("id", "")


async def message(response: ClientResponse) -> Any:
    """The next message, whatever comes before it."""
    while (found := await event(response))[0] != "message":
        pass
    return found[1]


async def ended(response: ClientResponse) -> bool:
    async with asyncio.timeout(5):
        return await response.content.read() == b""


async def where(api: Door) -> Place:
    await api.post({"text": "list instances"})
    return api.chat.heard[-1].place


async def test_a_stream_begins_with_what_there_is_and_goes_on_with_what_happens(api: Door) -> None:
    place = await where(api)
    async with api.client.get(STREAM, headers=KEY) as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        assert "X-Request-ID" in response.headers
        name, said, first = await event(response)
        assert (name, said["author"], said["text"]) == ("message", "person", "list instances")
        _, answered, second = await event(response)
        assert answered["attachments"][0]["contentType"] == "application/vnd.microsoft.card.adaptive"
        assert int(first) < int(second)
        assert (await event(response))[0] == "ready"
        id = await api.conversations.send(place, Reply("Hello."))
        assert (await event(response))[1]["text"] == "Hello."
        await api.conversations.update(place, id, Reply("Goodbye."))
        _, changed, third = await event(response)
        assert (changed["id"], changed["text"]) == (id, "Goodbye.")
        assert int(third) > int(second)
        await api.conversations.typing(place)
        assert (await event(response))[0] == "typing"


async def test_last_event_id_resumes_with_what_was_missed(api: Door) -> None:
    place = await where(api)
    cursor = (await api.history())[-1]["changed"]
    id = await api.conversations.send(place, Reply("While you were away."))
    async with api.client.get(STREAM, headers=KEY | {"Last-Event-ID": str(cursor)}) as response:
        assert (await event(response))[1]["id"] == id
        assert (await event(response))[0] == "ready"


async def test_history_goes_on_from_a_cursor(api: Door) -> None:
    await where(api)
    url = "/api/conversations/default/messages"
    everything = (await (await api.client.get(url, headers=KEY)).json())["data"]
    assert len(everything["messages"]) == 2
    rest = (await (await api.client.get(f"{url}?after={everything['cursor']}", headers=KEY)).json())["data"]
    assert rest == {"messages": [], "cursor": everything["cursor"]}


@pytest.mark.parametrize("bad", ["x", "-1", "1.5", "9" * 19, "²"])
async def test_a_bad_cursor_is_refused(api: Door, bad: str) -> None:
    for url in (f"/api/conversations/default/messages?after={bad}", f"{STREAM}?after={bad}"):
        response = await api.client.get(url, headers=KEY)
        assert (response.status, (await response.json())["error"]["code"]) == (400, "VALIDATION_ERROR")


async def test_a_conversation_is_private_to_its_principal(demo: Door) -> None:
    await demo.post({"text": "list instances"})
    assert len(await demo.history()) == 2
    await demo.client.get("/")  # the page's own session
    response = await demo.client.get("/api/conversations/default/messages")
    assert (await response.json())["data"]["messages"] == []


async def test_nobody_reads_without_a_credential(api: Door) -> None:
    for url in (STREAM, "/api/conversations/default/messages"):
        assert (await api.client.get(url)).status == 401


async def test_a_silent_stream_gives_signs_of_life_and_finds_changes_of_other_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "Events", partial(Events, heartbeat=0.05))
    async with door(tmp_path) as api:
        place = await where(api)
        async with api.client.get(f"{STREAM}?after=99", headers=KEY) as response:
            assert (await event(response))[0] == "ready"
            assert (await event(response))[0] == ":"
        async with api.client.get(STREAM, headers=KEY) as response:
            for _ in range(3):
                await event(response)
            await api.conversations.transcript.add(place.key, "bot", "From elsewhere.")
            assert (await message(response))["text"] == "From elsewhere."


async def test_one_stream_too_many_of_a_principal_ends_their_oldest(api: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MOST_EACH", 2)
    first, second, third = [await api.client.get(STREAM, headers=KEY) for _ in range(3)]
    for response in (first, second, third):
        assert (await event(response))[0] == "ready"
    assert await ended(first)
    await where(api)
    assert (await message(second))["text"] == (await message(third))["text"] == "list instances"
    for response in (first, second, third):
        response.close()


async def test_the_number_of_streams_is_bounded(api: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MOST", 1)
    async with api.client.get(STREAM, headers=KEY) as first:
        assert (await event(first))[0] == "ready"
        refused = await api.client.get(STREAM, headers=KEY)
        assert (refused.status, refused.headers["Retry-After"]) == (429, "15")


async def test_streams_end_when_the_service_stops(api: Door) -> None:
    async with api.client.get(STREAM, headers=KEY) as response:
        assert (await event(response))[0] == "ready"
        api.conversations.close()
        assert await ended(response)


async def test_what_is_left_behind_is_nothing(api: Door) -> None:
    async with api.client.get(STREAM, headers=KEY) as response:
        await event(response)
        api.conversations.close()
        await ended(response)
    await api.post({"text": "stop web-server-01"})
    await api.post({"value": {"action": "cancel_a0"}})
    assert vars(api.conversations)["_listeners"] == {}
    assert vars(api.conversations)["_watchers"] == {}
