from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.fake.connector import Failure, FakeConnector
from bot.fake.issuer import FakeIssuer
from bot.fake.teams import BOT, TENANT
from bot.teams.connector import Connector
from bot.teams.message import CARD_TYPE, CONTENT_LIMIT, HARD_LIMIT, SHORTENED, compact, size
from gate.conversation import Messenger, Place, Reply
from skills.kit.errors import Forbidden, NotFound, Throttled, Unavailable
from tests.unit.bot.teams.conftest import settings


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def messenger(issuer: FakeIssuer, clock: Clock) -> AsyncIterator[Connector]:
    made = Connector(settings(issuer), clock=clock, sleep=clock.sleep)
    yield made
    await made.close(1)


@pytest.fixture
def place(connector: FakeConnector) -> Place:
    return at(connector, "a:ada")


def at(connector: FakeConnector, id: str) -> Place:
    conversation = {"id": id, "conversationType": "personal", "tenantId": TENANT}
    data: dict[str, Any] = {"serviceUrl": connector.url, "conversation": conversation, "bot": {"id": BOT, "name": "OpsBot"}}
    return Place(door="teams", key=id, data=data)


def card(text: str, parts: int = 1) -> dict[str, Any]:
    body = [{"type": "TextBlock", "text": text} for _ in range(parts)]
    return {"type": "AdaptiveCard", "version": "1.5", "body": body, "actions": [{"type": "Action.Execute", "title": "Go"}]}


async def test_a_card_goes_out_as_it_is_with_its_words_as_summary(
    messenger: Connector, connector: FakeConnector, place: Place
) -> None:
    port: Messenger = messenger
    shown = card('häßlich "quoted" 🚀 <at>x</at>')
    id = await port.send(place, Reply("2 instances", shown))
    (sent,) = connector.sent
    assert id == sent.message == "m0"
    assert sent.activity["attachments"] == [{"contentType": CARD_TYPE, "content": shown}]
    assert sent.activity["summary"] == "2 instances"
    assert sent.activity["from"] == {"id": BOT, "name": "OpsBot"}
    assert "text" not in sent.activity


async def test_words_are_plain_text_and_stay_in_their_thread(messenger: Connector, connector: FakeConnector) -> None:
    place = at(connector, "19:c@thread.tacv2;messageid=17")
    await messenger.send(place, Reply("**not bold** <at>nobody</at>"))
    (sent,) = connector.sent
    assert sent.conversation == "19:c@thread.tacv2;messageid=17"
    assert (sent.activity["text"], sent.activity["textFormat"]) == ("**not bold** <at>nobody</at>", "plain")


async def test_an_update_replaces_a_message(messenger: Connector, connector: FakeConnector, place: Place) -> None:
    await messenger.update(place, "1:abc/…", Reply("done", card("done")))
    (sent,) = connector.sent
    assert (sent.method, sent.message, sent.card) == ("PUT", "1:abc/…", card("done"))


async def test_429_is_honoured_then_succeeds(messenger: Connector, connector: FakeConnector, place: Place, clock: Clock) -> None:
    connector.failures.extend([Failure(429, "7"), Failure(429)])
    assert await messenger.send(place, Reply("hi"))
    assert [one.status for one in connector.sent] == [429, 429, 200]
    assert 7.0 <= clock.slept[0] <= 7.7  # what was asked for, and jitter on top
    assert 0 < clock.slept[1] <= 31


async def test_429_for_ever_is_given_up(messenger: Connector, connector: FakeConnector, place: Place, clock: Clock) -> None:
    connector.failures.extend([Failure(429, "1")] * 20)
    with pytest.raises(Throttled):
        await messenger.send(place, Reply("hi"))
    assert len(connector.sent) == 6
    connector.failures.clear()
    connector.sent.clear()
    connector.failures.append(Failure(429, "3600"))  # longer than anybody waits: said at once
    with pytest.raises(Throttled) as error:
        await messenger.send(place, Reply("hi"))
    assert error.value.retry_after == 3600
    assert len(connector.sent) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504, 412, 400])
async def test_nothing_else_is_sent_again(messenger: Connector, connector: FakeConnector, place: Place, status: int) -> None:
    connector.failures.append(Failure(status, "1"))
    with pytest.raises(Unavailable):
        await messenger.send(place, Reply("hi"))
    assert len(connector.sent) == 1


async def test_a_broken_connection_is_not_repeated(messenger: Connector, connector: FakeConnector, place: Place) -> None:
    await messenger.send(place, Reply("first, so that the connection is a pooled one"))
    connector.failures.append(Failure(0))
    with pytest.raises(Unavailable) as error:
        await messenger.send(place, Reply("hi"))
    assert "not known" in error.value.unchanged
    assert len(connector.sent) == 2


async def test_refusals_of_teams_are_told_apart(messenger: Connector, connector: FakeConnector, place: Place) -> None:
    connector.failures.append(Failure(403))
    with pytest.raises(Forbidden):
        await messenger.send(place, Reply("hi"))
    connector.failures.append(Failure(404))
    with pytest.raises(NotFound):
        await messenger.update(place, "m", Reply("hi"))


async def test_a_refused_token_is_fetched_again_for_the_next_message(
    messenger: Connector, connector: FakeConnector, issuer: FakeIssuer, place: Place
) -> None:
    connector.failures.append(Failure(401))
    with pytest.raises(Forbidden):
        await messenger.send(place, Reply("hi"))
    await messenger.send(place, Reply("hi"))
    assert len(issuer.grants) == 2
    assert connector.sent[-1].authorization == "Bearer connector-2"


async def test_a_stranger_gets_neither_message_nor_token(messenger: Connector, connector: FakeConnector) -> None:
    evil = at(connector, "a:1").model_copy(update={"data": {**at(connector, "a:1").data, "serviceUrl": "https://evil.example"}})
    with pytest.raises(Forbidden):
        await messenger.send(evil, Reply("hi"))


async def test_updates_that_wait_become_one_and_the_last_arrives(
    messenger: Connector, connector: FakeConnector, place: Place
) -> None:
    connector.gate.clear()
    updates = [asyncio.create_task(messenger.update(place, "m1", Reply(str(number)))) for number in range(10)]
    while not connector.sent:
        await asyncio.sleep(0.005)
    other = asyncio.create_task(messenger.update(place, "m2", Reply("other card")))
    await asyncio.sleep(0)
    updates += [asyncio.create_task(messenger.update(place, "m1", Reply(str(number)))) for number in range(10, 20)]
    await asyncio.sleep(0)
    connector.gate.set()
    await asyncio.gather(*updates, other)
    texts = [(one.message, one.activity["text"]) for one in connector.sent]
    assert texts == [("m1", "9"), ("m2", "other card"), ("m1", "19")]


async def test_an_update_that_was_told_to_wait_is_sent_with_the_newest_content(
    messenger: Connector, connector: FakeConnector, place: Place, clock: Clock
) -> None:
    connector.failures.append(Failure(429, "5"))
    late: list[asyncio.Task[None]] = []

    async def sleep(seconds: float) -> None:
        late.append(asyncio.create_task(messenger.update(place, "m1", Reply("new"))))
        await asyncio.sleep(0.01)
        clock.now += seconds

    messenger._sleep = sleep  # pyright: ignore[reportPrivateUsage]
    await messenger.update(place, "m1", Reply("old"))
    await asyncio.gather(*late)
    assert [(one.status, one.activity["text"]) for one in connector.sent] == [(429, "old"), (200, "new")]


async def test_a_caller_that_goes_away_does_not_take_the_last_update_with_it(
    messenger: Connector, connector: FakeConnector, place: Place
) -> None:
    connector.gate.clear()
    first = asyncio.create_task(messenger.send(place, Reply("first")))
    while not connector.sent:
        await asyncio.sleep(0.005)
    update = asyncio.create_task(messenger.update(place, "m1", Reply("final")))
    send = asyncio.create_task(messenger.send(place, Reply("nobody waits for this any more")))
    await asyncio.sleep(0)
    update.cancel()
    send.cancel()
    await asyncio.gather(update, send, return_exceptions=True)
    connector.gate.set()
    await first
    await connector.wait(2)
    await messenger.close(1)
    assert connector.texts == ["first", "final"]


async def test_messages_keep_their_order_even_when_one_has_to_wait(
    messenger: Connector, connector: FakeConnector, place: Place
) -> None:
    connector.failures.append(Failure(429, "2"))
    await asyncio.gather(*(messenger.send(place, Reply(str(number))) for number in range(5)))
    assert connector.texts == ["0", "1", "2", "3", "4"]


async def test_conversations_do_not_wait_for_each_other(issuer: FakeIssuer, connector: FakeConnector, place: Place) -> None:
    messenger = Connector(settings(issuer))
    connector.failures.append(Failure(429, "1"))
    slow = asyncio.create_task(messenger.send(place, Reply("slow")))
    while not connector.sent:
        await asyncio.sleep(0.005)
    await messenger.send(at(connector, "a:bea"), Reply("quick"))
    assert not slow.done()
    await slow
    assert connector.texts == ["quick", "slow"]
    await messenger.close()


async def test_no_window_of_teams_is_exceeded(
    messenger: Connector, connector: FakeConnector, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    times: list[float] = []
    deliver = messenger._request  # pyright: ignore[reportPrivateUsage]

    async def timed(delivery: Any) -> str:
        times.append(clock.now)
        return await deliver(delivery) if len(times) == 1 else "id"

    monkeypatch.setattr(messenger, "_request", timed)
    threads = [at(connector, f"19:c@thread.tacv2;messageid={number}") for number in range(3)]
    await asyncio.gather(*(messenger.send(threads[number % 3], Reply("x")) for number in range(2000)))
    assert len(times) == 2000
    for count, span in ((7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0)):
        # A window counts from a message until just before its end.
        assert all(later - earlier >= span - 1e-6 for earlier, later in zip(times, times[count:], strict=False)), (count, span)
    assert times[6] - times[0] < 1  # and it is no slower than it has to be
    assert times[1799] - times[0] < 900


async def test_typing_never_waits_and_never_fails(
    messenger: Connector, connector: FakeConnector, place: Place, clock: Clock
) -> None:
    for _ in range(20):
        await messenger.typing(place)
    assert len(connector.sent) == 7
    assert not clock.slept
    clock.now += 60
    await connector.__aexit__(None, None, None)
    await messenger.typing(place)


async def test_a_large_card_is_shortened_and_its_text_follows_in_pages(
    messenger: Connector, connector: FakeConnector, place: Place
) -> None:
    lines = [f"i-{number:017d} web-server-{number} running" for number in range(1000)]
    id = await messenger.send(place, Reply("\n".join(lines), card("x" * 500, parts=60)))
    first, *rest = connector.sent
    assert id == first.message
    assert first.activity["text"] == SHORTENED
    assert first.card is not None
    assert 10 < len(first.card["body"]) < 60
    assert first.card["actions"]  # a question keeps its answer
    assert "\n".join(one.activity["text"] for one in rest) == "\n".join(lines)
    for one in connector.sent:
        assert size(compact(one.activity)) <= HARD_LIMIT


async def test_a_large_update_is_one_message_that_says_what_is_missing(
    messenger: Connector, connector: FakeConnector, place: Place
) -> None:
    await messenger.update(place, "m1", Reply("line\n" * 9000, card("x" * 500, parts=60)))
    await messenger.update(place, "m2", Reply("line\n" * 9000))
    assert [one.message for one in connector.sent] == ["m1", "m2"]
    for one in connector.sent:
        assert "left out" in one.activity["text"]
        assert size(compact(one.activity)) <= HARD_LIMIT


async def test_a_direct_conversation_is_opened(messenger: Connector, connector: FakeConnector, place: Place) -> None:
    direct = await messenger.open_dm(place, "ada0ada0-0000-4000-8000-000000000001")
    await messenger.send(direct, Reply("hello"))
    opened, said = connector.sent
    assert opened.activity["members"] == [{"id": "ada0ada0-0000-4000-8000-000000000001"}]
    assert opened.activity["channelData"] == {"tenant": {"id": TENANT}}
    assert said.conversation == direct.key == "a:0"


async def test_closing_lets_go_out_what_is_queued(issuer: FakeIssuer, connector: FakeConnector, place: Place) -> None:
    messenger = Connector(settings(issuer))
    update = asyncio.create_task(messenger.update(place, "m1", Reply("final")))
    await asyncio.sleep(0)
    await messenger.close(2)
    await update
    assert connector.texts == ["final"]


def test_sizes_are_of_utf_16() -> None:
    for text in ("abc", "häßlich", "🚀🚀", "a🚀ß", ""):
        assert size(text) == len(text.encode("utf-16-le"))
    assert CONTENT_LIMIT < HARD_LIMIT
