"""A conversation as it is and as it changes: `GET .../messages` for what was said, `GET .../events` for what is being said."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from api.answers import attachments
from api.errors import Problem, Refused, invalid
from api.exchange import success, timestamp
from api.limits import Meter
from api.transcript import Conversations, Listener, place
from gate.conversation import Place
from gate.limits.rules import Surface
from gate.principal import Principal
from gate.records import Message

MOST, MOST_EACH = 200, 16
"""How many streams may be open, in all and for one principal."""


class Events:
    """The two handlers. heartbeat: seconds between signs of life; a change made by another process shows then at the latest."""

    def __init__(self, conversations: Conversations, meter: Meter, *, heartbeat: float = 15, write: float = 10) -> None:
        self._conversations = conversations
        self._meter = meter
        self._heartbeat = heartbeat
        self._write = write
        self._open: dict[str, list[Listener]] = {}

    async def history(self, request: web.Request) -> web.Response:
        """What was added or changed after `?after=N`, oldest change first, and the cursor to ask with next."""
        where, after = _place(request, await self._principal(request)), _cursor(request.query.get("after"))
        found = await self._conversations.transcript.since(where.key, after)
        return success({"messages": [shown(one) for one in found], "cursor": found[-1].changed if found else after})

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """The same, then every change as it happens, as Server-Sent Events; `Last-Event-ID` resumes.

        Events: `message` (id: its change number), `typing`, and `ready` once what there was has been sent.
        """
        principal = await self._principal(request)
        where = _place(request, principal)
        after = _cursor(request.headers.get("Last-Event-ID") or request.query.get("after"))
        with self._conversations.listen(where.key) as listener, self._slot(principal.key, listener):
            response = web.StreamResponse(headers=_HEADERS)
            await response.prepare(request)
            try:
                await self._follow(response, listener, where, after)
            except (ConnectionError, TimeoutError):
                return response  # the reader went away or stopped reading
            await response.write_eof()
            return response

    async def _follow(self, response: web.StreamResponse, listener: Listener, where: Place, after: int) -> None:
        after = await self._changes(response, where, after)
        await self._send(response, "event: ready\ndata: {}\n\n")
        while not listener.closed:
            woken = await listener.wait(self._heartbeat)
            if listener.closed:
                return
            if listener.typing:
                listener.typing = False
                await self._send(response, "event: typing\ndata: {}\n\n")
            if not woken:
                await self._send(response, ": still here\n\n")
            after = await self._changes(response, where, after)

    async def _changes(self, response: web.StreamResponse, where: Place, after: int) -> int:
        for message in await self._conversations.transcript.since(where.key, after):
            data = json.dumps(shown(message), ensure_ascii=False, separators=(",", ":"))
            await self._send(response, f"id: {message.changed}\nevent: message\ndata: {data}\n\n")
            after = message.changed
        return after

    async def _send(self, response: web.StreamResponse, text: str) -> None:
        async with asyncio.timeout(self._write):
            await response.write(text.encode())

    async def _principal(self, request: web.Request) -> Principal:
        """Who looks. A look is no message: the page looks again whenever its connection was lost."""
        principal = await self._meter.principal(request)
        await self._meter.take(request, Surface.READING, principal)
        return principal

    @contextmanager
    def _slot(self, principal: str, listener: Listener) -> Generator[None]:
        """Count a stream. One too many of a principal ends their oldest, which is mostly one of a page that was left."""
        if sum(len(some) for some in self._open.values()) >= MOST:
            raise Refused(Problem(429, "RATE_LIMITED", "Too many open streams.", f"At most {MOST} are served.", 15))
        mine = self._open.setdefault(principal, [])
        if len(mine) >= MOST_EACH:
            mine[0].closed = True
            mine.pop(0).wake()
        mine.append(listener)
        try:
            yield
        finally:
            if listener in mine:
                mine.remove(listener)
            if not mine and self._open.get(principal) is mine:
                del self._open[principal]


def shown(message: Message) -> dict[str, Any]:
    """A message as a program reads it. author: `person` or `bot`."""
    return {
        "id": message.id,
        "author": message.author,
        "text": message.text,
        "attachments": attachments(message.card),
        "timestamp": timestamp(message.at),
        "order": int(message.at.timestamp() * 1_000_000),
        "changed": message.changed,
    }


def _place(request: web.Request, principal: Principal) -> Place:
    conversation = request.match_info["conversation"]
    if not conversation.isprintable() or len(conversation) > 128:
        raise invalid("This conversation id is not valid.")
    return place(principal, conversation)


def _cursor(given: str | None) -> int:
    if given is None:
        return 0
    if not given.isascii() or not given.isdigit() or len(given) > 18:
        raise invalid("The cursor is not valid.", "It is the change number of the last message that was read.")
    return int(given)


_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}
