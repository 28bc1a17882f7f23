"""The real SDK against a stub of the Messages API on loopback: stub-tested only, no model is asked."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import BaseModel, ValidationError

from providers.claude import Claude, ClaudeSettings, probe, tool_params
from skills.kit.errors import Throttled, Timeout, Unavailable
from skills.kit.ports.model import ModelAnswer, Tool, ToolCall
from skills.kit.ports.probe import Finding, Probe
from tests.unit.bot.routing.catalogue import One, Some, Tagging, Watching

STOP = Tool(name="vm__stop", description="Stop instances.", parameters=Some.model_json_schema())

# The first answer also waits for the SDK's import, which is slow on a busy machine.
PATIENT = timedelta(seconds=60)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Stub:
    """A server that answers every request as it is told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.answers: list[Handler] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.path_qs, dict(request.headers), json.loads(await request.read())))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await answer(request)


def message(*content: dict[str, Any], stop: str = "tool_use") -> Handler:
    body = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-5-5",
        "content": list(content),
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 5},
    }
    return plain(200, json.dumps(body))


def plain(status: int, text: str, content_type: str = "application/json", **headers: str) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, text=text, content_type=content_type, headers=extra)

    return answer


def failing(status: int, **headers: str) -> Handler:
    return plain(status, '{"type":"error","error":{"type":"api_error","message":"no"}}', **headers)


CALL = {"type": "tool_use", "id": "toolu_1", "name": "vm__stop", "input": {"instances": ["web-1"]}}


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    stub = Stub()
    app = web.Application()
    app.router.add_post("/{path:.*}", stub.handle)
    async with TestServer(app) as server:
        stub.url = str(server.make_url("")).rstrip("/")
        yield stub


@pytest.fixture
async def claude(stub: Stub) -> AsyncIterator[Claude]:
    claude = Claude(settings(stub))
    await claude.prepare()
    yield claude
    await claude.close()


def settings(stub: Stub, **more: Any) -> ClaudeSettings:
    return ClaudeSettings.model_validate({"key": "sk-test", "base_url": stub.url, "deadline": PATIENT, **more})


async def ask(claude: Claude, deadline: timedelta = PATIENT) -> ModelAnswer:
    return await claude.choose("Rules.", "stop web-1", [STOP], deadline=deadline)


async def test_a_tool_call(stub: Stub, claude: Claude) -> None:
    stub.answers = [message({"type": "text", "text": "Stopping."}, CALL)]
    assert await ask(claude) == ModelAnswer(
        calls=(ToolCall(tool="vm__stop", arguments={"instances": ["web-1"]}),), text="Stopping."
    )


async def test_what_is_sent(stub: Stub) -> None:
    stub.answers = [message(CALL)]
    claude = Claude(settings(stub, effort="low", max_tokens=300))
    await ask(claude)
    await claude.close()
    path, headers, body = stub.requests[0]
    assert path == "/v1/messages"
    assert "sk-test" in (headers.get("Authorization", "") + headers.get("X-Api-Key", ""))
    assert body["model"] == "claude-haiku-5-5"
    assert body["max_tokens"] == 300
    assert body["output_config"] == {"effort": "low"}
    assert body["system"] == [{"type": "text", "text": "Rules.", "cache_control": {"type": "ephemeral"}}]
    assert body["messages"] == [{"role": "user", "content": "stop web-1"}]
    assert body["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}
    tool = body["tools"][0]
    assert tool["strict"] is True
    assert tool["input_schema"]["additionalProperties"] is False
    assert not {"temperature", "top_p", "top_k", "stream"} & body.keys()


async def test_text_is_no_call(stub: Stub, claude: Claude) -> None:
    stub.answers = [message({"type": "text", "text": "I stopped it."}, stop="end_turn")]
    assert await ask(claude) == ModelAnswer(text="I stopped it.")


@pytest.mark.parametrize("stop", ["max_tokens", "refusal", "pause_turn", "model_context_window_exceeded"])
async def test_an_answer_that_was_cut_off_is_no_call(stub: Stub, claude: Claude, stop: str) -> None:
    stub.answers = [message(CALL, stop=stop)]
    assert await ask(claude) == ModelAnswer()


async def test_a_huge_retry_after_is_not_waited_for(stub: Stub, claude: Claude) -> None:
    stub.answers = [failing(429, Retry_After="86400")]
    started = time.perf_counter()
    with pytest.raises(Throttled) as caught:
        await ask(claude)
    assert time.perf_counter() - started < 10
    assert caught.value.retry_after <= 300
    assert len(stub.requests) == 1


async def test_an_odd_retry_after(stub: Stub, claude: Claude) -> None:
    stub.answers = [failing(429, Retry_After="Wed, 21 Oct 2099 07:28:00 GMT")]
    with pytest.raises(Throttled) as caught:
        await ask(claude)
    assert caught.value.retry_after == 10


@pytest.mark.parametrize("status", [500, 503, 529])
async def test_a_server_error_is_tried_once_more(stub: Stub, claude: Claude, status: int) -> None:
    stub.answers = [failing(status), message(CALL)]
    assert (await ask(claude)).calls
    stub.requests.clear()
    stub.answers = [failing(status)]
    with pytest.raises(Unavailable) as caught:
        await ask(claude)
    assert (caught.value.part, len(stub.requests)) == ("model", 2)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
async def test_a_refusal_is_not_tried_again(stub: Stub, claude: Claude, status: int) -> None:
    stub.answers = [failing(status)]
    with pytest.raises(Unavailable) as caught:
        await ask(claude)
    assert (caught.value.part, len(stub.requests)) == ("model", 1)
    assert "sk-test" not in caught.value.details + caught.value.what


async def test_a_hanging_server_ends_at_the_deadline(stub: Stub, claude: Claude) -> None:
    async def hang(request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    stub.answers = [hang]
    started = time.perf_counter()
    with pytest.raises(Timeout):
        await ask(claude, timedelta(milliseconds=200))
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    "answer",
    [
        plain(200, "not json"),
        plain(200, "<html>proxy</html>", "text/html"),
        plain(200, "[]"),
        plain(200, "{}"),
        plain(200, "null"),
        plain(200, '{"content": "hello", "stop_reason": "end_turn"}'),
        plain(200, '{"content": [{"type": "tool_use", "name": 7, "input": {}}], "stop_reason": "tool_use"}'),
        plain(200, '{"content": [{"type": "tool_use", "name": "vm__stop", "input": "web-1"}], "stop_reason": "tool_use"}'),
        plain(200, '{"content": [{"type": "tool_use", "name": "vm__stop"}], "stop_reason": "tool_use"}'),
    ],
)
async def test_a_malformed_answer_is_no_answer(stub: Stub, claude: Claude, answer: Handler) -> None:
    stub.answers = [answer]
    with pytest.raises(Unavailable):
        await ask(claude)


@pytest.mark.parametrize("content", ['[{"type": "surprise"}]', "[null]", "[7]", "[]", '[{"type": "text"}]'])
async def test_an_unknown_part_of_an_answer_is_passed_over(stub: Stub, claude: Claude, content: str) -> None:
    stub.answers = [plain(200, f'{{"content": {content}, "stop_reason": "end_turn"}}')]
    assert (await ask(claude)).calls == ()


async def test_nobody_listening(stub: Stub, unused_tcp_port: int) -> None:
    claude = Claude(settings(stub, base_url=f"http://127.0.0.1:{unused_tcp_port}"))
    with pytest.raises(Unavailable) as caught:
        await ask(claude)
    assert caught.value.part == "model"
    await claude.close()


async def test_bedrock(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    stub.answers = [message(CALL)]
    claude = Claude(settings(stub, api="bedrock", region="eu-west-1", model="anthropic.claude-haiku-5-5-v1:0", key="bedrock-key"))
    assert (await ask(claude)).calls[0].tool == "vm__stop"
    await claude.close()
    path, headers, body = stub.requests[0]
    assert path == "/model/anthropic.claude-haiku-5-5-v1:0/invoke"
    assert headers["Authorization"] == "Bearer bedrock-key"
    assert "model" not in body
    assert body["anthropic_version"]


async def test_bedrock_signs_with_aws_credentials(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"}.items():
        monkeypatch.setenv(name, value)
    stub.answers = [message(CALL)]
    claude = Claude(settings(stub, api="bedrock", region="eu-west-1", model="anthropic.claude-haiku-5-5-v1:0", key=None))
    await ask(claude)
    await claude.close()
    assert "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE" in stub.requests[0][1]["Authorization"]
    assert "/eu-west-1/bedrock/" in stub.requests[0][1]["Authorization"]


async def test_the_import_does_not_stop_the_event_loop(stub: Stub) -> None:
    stub.answers = [message(CALL)]
    claude = Claude(settings(stub))
    longest = 0.0

    async def beat() -> None:
        nonlocal longest
        while True:
            started = time.perf_counter()
            await asyncio.sleep(0.005)
            longest = max(longest, time.perf_counter() - started)

    heart = asyncio.create_task(beat())
    await asyncio.gather(*(ask(claude) for _ in range(3)))
    heart.cancel()
    await claude.close()
    assert longest < 2
    assert len(stub.requests) == 3


def test_strict_where_the_schema_can_be_expressed() -> None:
    def tool(name: str, model: type[BaseModel]) -> Tool:
        return Tool(name=name, description="x", parameters=model.model_json_schema())

    params = tool_params([tool("one", One), tool("tags", Tagging), tool("watch", Watching)])
    assert [param.get("strict", False) for param in params] == [True, False, True]
    assert sum(bool(param.get("strict")) for param in tool_params([tool(f"t{n}", One) for n in range(30)])) == 20
    # Two optional parameters each: 24 in all, and no more.
    assert sum(bool(param.get("strict")) for param in tool_params([tool(f"t{n}", Watching) for n in range(18)])) == 12


def test_settings_are_described_and_hide_the_key() -> None:
    assert all(field.description for field in ClaudeSettings.model_fields.values())
    made = ClaudeSettings.model_validate({"key": "sk-secret"})
    assert "sk-secret" not in repr(made) + made.model_dump_json()
    with pytest.raises(ValidationError):
        ClaudeSettings.model_validate({"temperature": 0})


READY = {"type": "tool_use", "id": "toolu_1", "name": "ready", "input": {}}


async def probed(stub: Stub, **more: Any) -> Probe:
    (only,) = await probe(settings(stub, **more))
    return only


async def test_the_probe_asks_one_small_question(stub: Stub) -> None:
    stub.answers = [message(READY)]
    assert (await probed(stub)).finding is Finding.OK
    assert len(stub.requests) == 1


async def test_the_probe_says_that_no_model_is_configured() -> None:
    (only,) = await probe(ClaudeSettings())  # pyright: ignore[reportCallIssue] - every field has a default
    assert only.finding is Finding.WARN
    assert "OPS_CLAUDE__KEY" in only.remedy


async def test_the_probe_doubts_a_model_that_calls_no_tool(stub: Stub) -> None:
    stub.answers = [message({"type": "text", "text": "Yes!"}, stop="end_turn")]
    assert (await probed(stub)).finding is Finding.WARN


@pytest.mark.parametrize(("status", "said"), [(401, "credential"), (404, "404"), (429, "too many"), (500, "500")])
async def test_the_probe_says_what_the_api_answered_and_never_the_key(stub: Stub, status: int, said: str) -> None:
    stub.answers = [failing(status)]
    only = await probed(stub)
    assert only.finding is Finding.FAIL
    assert said in only.what
    assert only.remedy
    assert "sk-test" not in str(only)


async def test_the_probe_waits_no_longer_than_people_would(stub: Stub) -> None:
    async def never(request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    stub.answers = [never]
    only = await probed(stub, deadline=timedelta(seconds=1))
    assert only.finding is Finding.FAIL
    assert "OPS_CLAUDE__DEADLINE" in only.remedy
