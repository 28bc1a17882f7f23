"""Bodies that are no activity: each is refused with a JSON error that says why, and nothing is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.teams.activity import parse
from bot.teams.door import BODY_LIMIT
from bot.teams.refusal import Refusal
from tests.unit.bot.teams.conftest import Stage


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"type": NaN}',
        b"\xff\xfe",
        b'{"text": "\\ud800"}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"1" * 100_000,
    ],
    ids=["empty", "cut", "text", "NaN", "not utf-8", "half a surrogate", "deep list", "deep object", "long number"],
)
async def test_malformed_json_is_400(stage: Stage, raw: bytes) -> None:
    status, body = await stage.teams.post(None, raw=raw)
    assert status == 400, body
    assert body["error"]["code"] in ("MALFORMED_JSON", "INVALID_ACTIVITY")
    assert not await stage.inbox("next").left()


@pytest.mark.parametrize("raw", [b"[]", b'"text"', b"null", b"7"])
async def test_json_that_is_no_object_is_400(stage: Stage, raw: bytes) -> None:
    status, body = await stage.teams.post(None, raw=raw)
    assert (status, body["error"]["code"]) == (400, "INVALID_ACTIVITY")


@pytest.mark.parametrize("missing", ["type", "channelId", "serviceUrl", "from", "recipient", "conversation"])
async def test_a_missing_field_is_400_and_named(stage: Stage, missing: str) -> None:
    activity = {name: value for name, value in stage.teams.activity(text="hi").items() if name != missing}
    status, body = await stage.teams.post(activity)
    assert (status, body["error"]["code"]) == (400, "INVALID_ACTIVITY")
    assert missing in body["error"]["details"]
    await stage.settled()
    assert not await stage.inbox("next").left()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", 5),
        ("type", ""),
        ("text", {"a": 1}),
        ("channelId", ["msteams"]),
        ("serviceUrl", 1),
        ("from", "ada"),
        ("from", {"id": 5}),
        ("from", {"id": "x", "aadObjectId": {"$ne": ""}}),
        ("conversation", {"id": ""}),
        ("conversation", {"id": "a\x00b"}),
        ("conversation", {"id": "x" * 500}),
        ("channelData", "x"),
        ("channelData", {"tenant": "x"}),
        ("entities", {"type": "mention"}),
        ("entities", ["mention"]),
        ("membersAdded", [5]),
        ("replyToId", 7),
    ],
)
async def test_a_wrong_type_is_400_and_named(stage: Stage, field: str, value: Any) -> None:
    status, body = await stage.teams.post(stage.teams.activity(**{"text": "hi", field: value}))
    assert (status, body["error"]["code"]) == (400, "INVALID_ACTIVITY")
    assert field in body["error"]["details"]


@pytest.mark.parametrize("value", [None, 5, "text", [1], {"action": None}, {"action": {"data": 5}}, {"action": {"type": []}}])
async def test_a_click_without_usable_data_is_an_error_in_the_invoke_shape(stage: Stage, value: Any) -> None:
    status, body = await stage.teams.post(stage.teams.activity("invoke", name="adaptiveCard/action", value=value))
    assert (status, body["statusCode"], body["value"]["code"]) == (200, 400, "BadRequest")
    assert not stage.chat.clicked


async def test_a_huge_body_is_413_and_a_chunked_one_too(stage: Stage) -> None:
    huge = json.dumps(stage.teams.activity(text="x" * (BODY_LIMIT + 1))).encode()
    status, body = await stage.teams.post(None, raw=huge)
    assert (status, body["error"]["code"]) == (413, "TOO_LARGE")

    async def chunks() -> Any:
        for start in range(0, len(huge), 16384):
            yield huge[start : start + 16384]

    status, body = await stage.teams.post(None, raw=chunks())  # pyright: ignore[reportArgumentType]
    assert (status, body["error"]["code"]) == (413, "TOO_LARGE")


async def test_another_content_type_is_415(stage: Stage) -> None:
    status, body = await stage.teams.post(None, raw=b"type=message", **{"Content-Type": "text/plain"})
    assert (status, body["error"]["code"]) == (415, "CONTENT_TYPE")


async def test_the_credential_is_checked_before_the_body_is_read(stage: Stage) -> None:
    status, body = await stage.teams.post(None, raw=b"nonsense", token="x")
    assert (status, body["error"]["code"]) == (401, "INVALID_TOKEN")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = (
    "type",
    "id",
    "channelId",
    "serviceUrl",
    "from",
    "recipient",
    "conversation",
    "channelData",
    "text",
    "value",
    "entities",
)


@hypothesis_settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(_FIELDS), _JSON, max_size=6))
def test_whatever_the_fields_hold_reading_it_is_refused_or_works(changes: dict[str, Any]) -> None:
    body: dict[str, Any] = {
        "type": "message",
        "channelId": "msteams",
        "serviceUrl": "https://smba.trafficmanager.net/",
        "from": {"id": "29:a", "aadObjectId": "p"},
        "recipient": {"id": "28:b"},
        "conversation": {"id": "c"},
    }
    raw = json.dumps({**body, **changes}).encode()
    try:
        activity, _ = parse(raw)
    except Refusal:
        return
    assert len(activity.key) == 64
    if activity.principal:
        activity.inbound(activity.principal)


def _activity(text: str, *, format: str = "plain", mention: str = "<at>OpsBot</at>") -> str:
    body: dict[str, Any] = {
        "type": "message",
        "channelId": "msteams",
        "serviceUrl": "https://smba.trafficmanager.net/",
        "from": {"id": "29:a"},
        "recipient": {"id": "28:b", "name": "OpsBot"},
        "conversation": {"id": "c"},
        "text": text,
        "textFormat": format,
        "entities": [{"type": "mention", "text": mention, "mentioned": {"id": "28:b"}}],
    }
    return parse(json.dumps(body).encode())[0].words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<at>OpsBot</at> stop web-1", "stop web-1"),
        ("  <at>OpsBot</at>\u00a0stop web-1\n", "stop web-1"),
        ("stop web-1 <at>OpsBot</at>", "stop web-1 OpsBot"),
        ("<at>OpsBot</at> <at>OpsBot</at> help", "OpsBot help"),
        ("<at>Bea</at> <at>OpsBot</at> help", "Bea OpsBot help"),
        ("<at>OpsBot</at> echo &lt;at&gt;OpsBot&lt;/at&gt; &amp;amp;", "echo <at>OpsBot</at> &amp;"),
        ("<at>OpsBot</at>", ""),
        ("", ""),
        ("a <b> c", "a <b> c"),
    ],
)
def test_words(text: str, words: str) -> None:
    assert _activity(text) == words


def test_words_of_formatted_text_lose_their_markup() -> None:
    assert _activity("<p><at>OpsBot</at> stop&nbsp;<b>web-1</b></p>", format="xml") == "OpsBot stop web-1"
    assert _activity("<at>OpsBot</at><div>stop</div><div>web-1</div>", format="xml") == "stop\nweb-1"
