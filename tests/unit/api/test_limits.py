from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from api.limits import client
from gate.limits.rules import LimitSettings
from skills.kit.errors import Unavailable
from tests.unit.api.scripted import TOKEN, Door, door

MESSAGE = {"text": "list instances"}
HISTORY = "/api/conversations/default/messages"


def shown(headers: Any) -> tuple[int, int]:
    """Limit and remaining; the reset lies within the minute to come."""
    assert 0 < int(headers["X-RateLimit-Reset"]) - time.time() <= 61
    return int(headers["X-RateLimit-Limit"]), int(headers["X-RateLimit-Remaining"])


async def test_the_eleventh_message_is_refused_as_documented_and_reaches_nobody(tmp_path: Path) -> None:
    async with door(tmp_path, limits=LimitSettings()) as api:
        for left in reversed(range(10)):
            status, _, headers = await api.post(MESSAGE)
            assert (status, shown(headers)) == (200, (10, left))
            assert "Retry-After" not in headers

        status, body, headers = await api.post(MESSAGE)

        assert (status, body["status"]) == (429, "error")
        error = body["error"]
        assert (error["code"], error["details"]) == ("RATE_LIMITED", "Rate limit: 10 requests per minute")
        assert error["message"].startswith("Too many requests")
        assert 58 <= error["retry_after"] <= 60
        assert headers["Retry-After"] == headers["X-RateLimit-Retry-After"] == str(error["retry_after"])
        assert shown(headers) == (10, 0)
        assert len(api.chat.heard) == 10
        assert len([one for one in await api.history() if one["author"] == "person"]) == 10, "nor is it shown as said"


async def test_a_card_can_still_be_answered_when_the_messages_are_used_up(tmp_path: Path) -> None:
    async with door(tmp_path, limits=LimitSettings(chat_user=1)) as api:
        _, asked, _ = await api.post({"text": "stop web-server-01"})
        assert (await api.post(MESSAGE))[0] == 429
        api.chat.finished.set()
        status, _, headers = await api.post({"value": {"action": f"confirm_{asked['data']['actionId']}"}})
        assert (status, shown(headers)) == (200, (60, 59))


async def test_clicks_are_bounded_too(tmp_path: Path) -> None:
    async with door(tmp_path, limits=LimitSettings(clicks=2)) as api:
        statuses = [(await api.post({"value": {"action": "cancel_a1"}}))[0] for _ in range(3)]
        assert statuses == [404, 404, 429]


async def test_a_button_that_asks_for_something_is_a_message(tmp_path: Path) -> None:
    async with door(tmp_path, limits=LimitSettings(chat_user=1)) as api:
        run = {"value": {"run": {"skill": "instances.list", "arguments": {}}}}
        assert [(await api.post(run))[0] for _ in range(2)] == [200, 429]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"json": {"text": "wrong"}}, 404),
        ({"json": {"text": "broken"}}, 500),
        ({"json": {}}, 400),
        ({"data": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ({"data": b"x" * 70_000, "headers": {"Content-Type": "application/json"}}, 413),
        ({"data": b"text"}, 415),
    ],
)
async def test_every_answer_has_the_headers_and_a_bad_body_counts(tmp_path: Path, sent: dict[str, Any], status: int) -> None:
    async with door(tmp_path, limits=LimitSettings(chat_user=2)) as api:
        sent = {**sent, "headers": {"X-API-Key": TOKEN, **sent.get("headers", {})}}
        for left in (1, 0):
            response = await api.client.post("/api/messages", **sent)
            assert (response.status, shown(response.headers)) == (status, (2, left))
        assert (await api.client.post("/api/messages", **sent)).status == 429


async def test_credentials_cannot_be_tried_out_at_will_and_the_right_one_is_not_kept_out(tmp_path: Path) -> None:
    async with door(tmp_path, limits=LimitSettings(strangers=2)) as api:
        wrong = {"X-API-Key": "ops_guess"}
        answers = [await api.client.post("/api/messages", json=MESSAGE, headers=wrong) for _ in range(2)]
        answers.append(await api.client.get(HISTORY, headers=wrong))
        assert [answer.status for answer in answers] == [401, 401, 429]
        assert [shown(answer.headers) for answer in answers] == [(2, 1), (2, 0), (2, 0)]
        assert (await api.post(MESSAGE))[0] == 200


async def test_looking_at_a_conversation_uses_up_no_messages_and_is_bounded(tmp_path: Path) -> None:
    async with door(tmp_path, limits=LimitSettings(reading=3)) as api:
        for left in (2, 1):
            response = await api.client.get(HISTORY, headers={"X-API-Key": TOKEN})
            assert shown(response.headers) == (3, left)
        async with api.client.get("/api/conversations/default/events", headers={"X-API-Key": TOKEN}) as stream:
            assert (stream.status, shown(stream.headers)) == (200, (3, 0))
        assert (await api.client.get(HISTORY, headers={"X-API-Key": TOKEN})).status == 429
        assert shown((await api.post(MESSAGE))[2]) == (10, 9)


async def test_a_confirmation_that_cannot_be_counted_is_503_and_not_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any) -> None:
        raise Unavailable("It cannot be counted.", part="limits")

    async with door(tmp_path) as api:
        _, asked, _ = await api.post({"text": "stop web-server-01"})
        monkeypatch.setattr("gate.limits.memory.MemoryLimits.take", away)
        status, body, _ = await api.post({"value": {"action": f"confirm_{asked['data']['actionId']}"}})
        assert (status, body["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
        assert len(api.chat.heard) == 1


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "expected"),
    [
        ("192.0.2.1", None, 0, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", 0, "192.0.2.1"),
        ("10.0.0.1", "198.51.100.7", 1, "198.51.100.7"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.7", 1, "198.51.100.7"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.7, 10.0.0.2", 2, "198.51.100.7"),
        ("10.0.0.1", None, 1, "10.0.0.1"),
        ("10.0.0.1", "not an address", 1, "unknown"),
        ("2001:db8::1:2:3:4", None, 0, "2001:db8::/64"),
        ("::ffff:192.0.2.1", None, 0, "192.0.2.1"),
    ],
)
def test_the_address_is_the_one_a_proxy_of_ours_saw(peer: str, forwarded: str | None, proxies: int, expected: str) -> None:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = make_mocked_request("GET", "/", headers=headers).clone(remote=peer)
    assert client(request, proxies) == expected


async def test_a_stream_of_a_conversation_that_cannot_be_is_refused_with_the_headers(api: Door) -> None:
    response = await api.client.get(f"/api/conversations/{'x' * 200}/messages", headers={"X-API-Key": TOKEN})
    assert (response.status, shown(response.headers)) == (400, (600, 599))
