"""A connector of ours: takes what the bot sends and keeps it, for tests to look at."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.fake.server import Server


@dataclass(frozen=True)
class Sent:
    """One request of the bot. message: the id given to it, or that it replaces. at: `time.monotonic`. status: our answer."""

    method: str
    conversation: str
    message: str
    activity: dict[str, Any]
    authorization: str
    at: float
    status: int

    @property
    def type(self) -> str:
        """The activity's."""
        return str(self.activity.get("type", ""))

    @property
    def card(self) -> dict[str, Any] | None:
        """Its card."""
        attachments = self.activity.get("attachments") or [{}]
        return attachments[0].get("content")


@dataclass(frozen=True)
class Failure:
    """How a request is answered instead. status 0: the connection breaks after the request was read."""

    status: int
    retry_after: str = ""


class FakeConnector(Server):
    """`/v3/conversations` of the Bot Connector, as far as a bot uses it.

    sent: every request, in order. failures: answers for the next ones. gate: while it is cleared, requests wait in it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Sent] = []
        self.failures: deque[Failure] = deque()
        self.gate = asyncio.Event()
        self.gate.set()
        self._changed = asyncio.Condition()
        self.app.add_routes(
            [
                web.post("/v3/conversations", self._open),
                web.post("/v3/conversations/{conversation}/activities", self._take),
                web.route("*", "/v3/conversations/{conversation}/activities/{message}", self._take),
            ]
        )

    @property
    def delivered(self) -> list[Sent]:
        """What was taken, without typing."""
        return [one for one in self.sent if one.status < 300 and one.type != "typing"]

    @property
    def texts(self) -> list[str]:
        """The texts of what was taken."""
        return [str(one.activity.get("text", "")) for one in self.delivered]

    async def wait(self, count: int, seconds: float = 5.0) -> list[Sent]:
        """Wait until so many were delivered. Errors: TimeoutError."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: len(self.delivered) >= count)
        return self.delivered

    async def _open(self, request: web.Request) -> web.Response:
        return await self._answer(request, "", f"a:{len(self.sent)}")

    async def _take(self, request: web.Request) -> web.Response:
        message = request.match_info.get("message", f"m{len(self.sent)}")
        return await self._answer(request, request.match_info["conversation"], message)

    async def _answer(self, request: web.Request, conversation: str, message: str) -> web.Response:
        activity = await request.json() if request.can_read_body else {}
        failure = self.failures.popleft() if self.failures and activity.get("type") != "typing" else Failure(200)
        authorization = request.headers.get("Authorization", "")
        status = failure.status or 599
        sent = Sent(request.method, conversation, message, activity, authorization, time.monotonic(), status)
        async with self._changed:
            self.sent.append(sent)
            self._changed.notify_all()
        await self.gate.wait()
        if failure.status == 0 and request.transport is not None:
            request.transport.abort()
        headers = {"Retry-After": failure.retry_after} if failure.retry_after else {}
        return web.json_response({"id": message} if status < 300 else {"error": {}}, status=status, headers=headers)
