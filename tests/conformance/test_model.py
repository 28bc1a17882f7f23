"""What every Model does: the SDK's (against a stub of its API) and the scripted twin."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from providers.claude import Claude, ClaudeSettings
from providers.memory.model import ScriptedModel
from skills.kit.errors import Throttled, Timeout, Unavailable
from skills.kit.ports.model import Model, ModelAnswer, Tool, ToolCall
from tests.unit.bot.routing.catalogue import Some
from tests.unit.providers.claude.test_claude import CALL, Stub, failing, message

TOOL = Tool(name="vm__stop", description="Stop instances.", parameters=Some.model_json_schema())
LONG = timedelta(seconds=60)
Mood = Literal["calls", "talks", "hangs", "down", "throttled"]


@dataclass
class Subject:
    """A model, and how it is brought to behave."""

    model: Model
    stub: Stub | None = None

    def behave(self, mood: Mood) -> None:
        """From now on it does this."""
        if isinstance(self.model, ScriptedModel):
            answer = ModelAnswer(calls=(ToolCall(tool="vm__stop", arguments={"instances": ["web-1"]}),))
            self.model.script = {"stop web-1": answer if mood == "calls" else ModelAnswer(text="Hello.")}
            self.model.delay = timedelta(seconds=30) if mood == "hangs" else timedelta()
            failures = {"down": Unavailable("Down.", part="model"), "throttled": Throttled("Slow down.", retry_after=5)}
            self.model.down = failures.get(mood)
        elif self.stub:
            self.stub.answers = [
                {
                    "calls": message(CALL),
                    "talks": message({"type": "text", "text": "Hello."}, stop="end_turn"),
                    "hangs": _hang,
                    "down": failing(503),
                    "throttled": failing(429, Retry_After="5"),
                }[mood]
            ]


async def _hang(request: web.Request) -> web.Response:
    await asyncio.sleep(30)
    return web.Response()


@pytest.fixture(params=["claude", "scripted"])
async def subject(request: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    if request.param == "scripted":
        yield Subject(ScriptedModel())
        return
    stub, app = Stub(), web.Application()
    app.router.add_post("/{path:.*}", stub.handle)
    async with TestServer(app) as server:
        settings = {"key": "sk-test", "base_url": str(server.make_url("")).rstrip("/"), "deadline": LONG}
        claude = Claude(ClaudeSettings.model_validate(settings))
        await claude.prepare()
        yield Subject(claude, stub)
        await claude.close()


async def choose(subject: Subject, deadline: timedelta = LONG) -> ModelAnswer:
    return await subject.model.choose("Rules.", "stop web-1", [TOOL], deadline=deadline)


async def test_it_chooses_a_tool(subject: Subject) -> None:
    subject.behave("calls")
    assert (await choose(subject)).calls == (ToolCall(tool="vm__stop", arguments={"instances": ["web-1"]}),)


async def test_it_may_choose_none(subject: Subject) -> None:
    subject.behave("talks")
    assert await choose(subject) == ModelAnswer(text="Hello.")


async def test_it_keeps_the_deadline(subject: Subject) -> None:
    subject.behave("hangs")
    with pytest.raises(Timeout):
        await choose(subject, timedelta(milliseconds=100))


async def test_being_down_is_said(subject: Subject) -> None:
    subject.behave("down")
    with pytest.raises(Unavailable) as caught:
        await choose(subject)
    assert caught.value.part == "model"
    subject.behave("calls")
    assert (await choose(subject)).calls


async def test_being_throttled_is_said(subject: Subject) -> None:
    subject.behave("throttled")
    with pytest.raises(Throttled) as caught:
        await choose(subject)
    assert caught.value.retry_after == 5
