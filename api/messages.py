"""`POST /api/messages` for programs and the chat page: words or a button in, the bot's answer out in the same response."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal, Self

import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from api.answers import Answer, Heard, answer
from api.callers import is_ours
from api.chat import Chat
from api.errors import Refused, invalid, unused
from api.exchange import CORRELATION_ID, body, failure, success
from api.limits import Meter
from api.transcript import Conversations, place
from gate.action import ActionState
from gate.conversation import Inbound, Reply
from gate.limits.rules import Surface
from gate.principal import Principal
from skills.kit.errors import Timeout

__all__ = ["Messages", "is_ours"]

LIMIT = 64 * 1024
"""The largest body, in bytes."""

_log = structlog.get_logger()

ConversationId = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,128}$")]


class Part(BaseModel):
    """A part of a body. What it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Sender(Part):
    """Who the program says is writing: shown in the log, never who they are."""

    id: Annotated[str, StringConstraints(max_length=255)] = ""
    name: Annotated[str, StringConstraints(max_length=255)] = ""


class Conversation(Part):
    """Which of the caller's own conversations."""

    id: ConversationId = "default"


class Value(Part):
    """What a button carries: an `action` to decide (`confirm_...`, `cancel_...`) with what was `typed`, or something to `run`."""

    action: str | None = Field(None, pattern=r"^[a-z]{1,16}_[A-Za-z0-9_-]{1,128}$")
    typed: str | None = Field(None, max_length=200)
    run: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.action is None) == (self.run is None):
            raise ValueError("value has either an action or a run")
        return self


class Post(Part):
    """The body. Text beside a `value.run` is how the button read; beside a `value.action` it means nothing."""

    type: Literal["message"] = "message"
    text: str = Field("", max_length=20_000)
    sender: Sender = Field(default_factory=Sender, alias="from")
    conversation: Conversation = Field(default_factory=Conversation)
    value: Value | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if "\x00" in self.text:
            raise ValueError("text has a NUL character")
        if not self.text.strip() and self.value is None:
            raise ValueError("a message needs text or a value")
        return self


class Messages:
    """The handler. patience: seconds a turn may take. wait: seconds a confirmed action is waited for."""

    def __init__(
        self, chat: Chat, conversations: Conversations, meter: Meter, *, patience: float = 120, wait: float = 20
    ) -> None:
        self._chat = chat
        self._conversations = conversations
        self._meter = meter
        self._patience = patience
        self._wait = wait

    async def post(self, request: web.Request) -> web.Response:
        """Answer a message. `Prefer: respond-async` does not wait for the result of what is confirmed."""
        principal = await self._meter.principal(request)
        post = await self._read(request, principal)
        where = place(principal, post.conversation.id)
        _log.info("message_received", door="api", principal=principal.key, conversation=where.key, said_by=post.sender.id)
        inbound = Inbound(
            principal=principal,
            place=where,
            text=post.text.strip(),
            value=post.value.model_dump(exclude_none=True) if post.value else {},
            correlation=request[CORRELATION_ID],
        )
        await self._meter.message(request, inbound)
        try:
            async with asyncio.timeout(self._patience):
                if post.value and post.value.action:
                    return await self._click(request, inbound)
                return await self._message(request, inbound)
        except TimeoutError:
            raise Timeout(
                f"There was no answer within {self._patience:g} seconds.",
                unchanged="Nothing runs without a confirmation.",
                remedy="Try again, or ask for less.",
            ) from None

    async def _read(self, request: web.Request, principal: Principal) -> Post:
        """The body. One that cannot be used counts as a message: only what was read says that it is a click."""
        try:
            return _parse(await body(request, limit=LIMIT, seconds=15))
        except Refused:
            await self._meter.take(request, Surface.CHAT, principal)
            raise

    async def _message(self, request: web.Request, inbound: Inbound) -> web.Response:
        if inbound.text:
            await self._conversations.said(inbound.place, inbound.text)
        heard = Heard(self._conversations)
        await self._chat.message(inbound, heard)
        if not heard.replies:
            return success({"message": "", "attachments": [], "actions": []})
        *before, last = heard.replies.values()
        return _respond(request, answer([*before, await self._ended(request, last)]), message=list(heard.replies)[-1])

    async def _click(self, request: web.Request, inbound: Inbound) -> web.Response:
        async with self._conversations.watching(inbound.place) as newer:
            reply = await self._chat.click(inbound)
            shown = await newer.show(reply)
        ended = await self._ended(request, reply)
        return _respond(request, answer([ended]), message=shown, lost=ended.action is None)

    async def _ended(self, request: web.Request, reply: Reply) -> Reply:
        """The result of what runs, if it comes in time and the client did not rather follow it."""
        runs = reply.action and reply.action.state in (ActionState.CONFIRMED, ActionState.RUNNING)
        if not (reply.action and runs) or "respond-async" in request.headers.get("Prefer", ""):
            return reply
        return await self._chat.result(reply.action.id, self._wait) or reply


def _parse(raw: bytes) -> Post:
    try:
        return Post.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise invalid("The request is not valid.", f"{where}: {first['msg']}" if where else first["msg"]) from None


def _respond(request: web.Request, found: Answer, *, message: str, lost: bool = False) -> web.Response:
    """message: the id of the message that shows this already; a client that follows the conversation need not say it twice.
    lost: what was not found is the action that was clicked on, not an instance.
    """
    if found.problem:
        response = failure(request, unused(found.problem) if lost else found.problem)
    else:
        response = success(found.data, status=found.status, code=found.code)
    if message:
        response.headers["X-Message-ID"] = message
    return response
