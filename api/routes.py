"""The routes of this door, put into an application in one call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from api.callers import Callers
from api.chat import Chat
from api.events import Events
from api.exchange import Handler, answering, identified, stamp
from api.health import Health, Probe
from api.limits import Meter
from api.messages import Messages
from api.page import Kind, Page
from api.sessions import Sessions
from api.tokens import Tokens
from api.transcript import Conversations
from gate.limits.limiter import Limiter
from gate.principal import Principal

DEMO_PRINCIPAL = Principal(kind="user", id="demo", name="Demo user")
"""Whoever uses the demo's page."""

PROMPTS = ("list instances", "health report", "stop web-server-01", "help")
"""What the page suggests first."""


def setup(
    app: web.Application,
    *,
    chat: Chat,
    conversations: Conversations,
    tokens: Tokens,
    limiter: Limiter,
    page: Kind | None = None,
    probes: Sequence[Probe] = (),
    service: str = "ops-copilot",
    version: str,
    prompts: Sequence[str] = PROMPTS,
) -> Handler:
    """Add health, conversations and the page; give back the handler of `POST /api/messages`.

    That path has two clients: the composition root sends what `api.messages.is_ours` to this handler, the rest to Teams.
    page: who the chat page is for, None for nowhere. prompts: what the page suggests first.
    """
    sessions = Sessions(DEMO_PRINCIPAL) if page == "demo" else None
    callers = Callers(tokens, sessions)
    meter = Meter(callers, limiter)
    events = Events(conversations, meter)
    health = Health(service, version, probes)
    app.middlewares.append(identified)
    app.on_response_prepare.append(stamp)
    app.on_shutdown.append(_ender(conversations))
    app.router.add_get("/health", health.get)
    app.router.add_get("/api/conversations/{conversation}/messages", answering(events.history))
    app.router.add_get("/api/conversations/{conversation}/events", answering(events.stream))
    if page:
        Page(page, version=version, prompts=prompts, sessions=sessions).add_to(app.router)
    return answering(Messages(chat, conversations, meter).post)


def _ender(conversations: Conversations) -> Callable[[web.Application], Awaitable[None]]:
    async def end(_: web.Application) -> None:
        conversations.close()

    return end
