"""A bot that follows a script, so that the door is tested by itself: what it is told, what it answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import Field

from api import routes
from api.page import Kind
from api.tokens import Tokens
from api.transcript import Conversations
from gate.action import Action, ActionState, digest
from gate.conversation import Inbound, Messenger, Reply
from gate.limits.limiter import Limiter
from gate.limits.rules import LimitSettings
from skills.kit import Result
from skills.kit.errors import NotFound, OpsError
from store.engine import Database
from store.schema import ensure
from store.transcript import SqlTranscript
from tests import databases

TOKEN = "ops_" + "t" * 43


class Listed(Result):
    """A result with a name of its own in JSON."""

    total: int
    private_ip: str = Field(default="10.0.1.45", alias="privateIp")


def card(text: str, *, action: str = "") -> dict[str, Any]:
    """A card with a text, and with a confirm button when `action` is given."""
    buttons = [{"type": "Action.Execute", "title": "Confirm", "verb": "confirm", "data": {"action": f"confirm_{action}"}}]
    body = [{"type": "TextBlock", "text": text, "wrap": True}]
    return {"type": "AdaptiveCard", "version": "1.5", "body": body, "actions": buttons if action else []}


class Scripted:
    """The `Chat`: `stop ...` asks first; `wrong` fails; `slow` never ends; anything else is answered with a list."""

    def __init__(self) -> None:
        self.heard: list[Inbound] = []
        self.actions: dict[str, Action] = {}
        self.error: OpsError = NotFound("There is no instance i-1.")
        self.final = ActionState.SUCCEEDED
        self.quicker: Callable[[Action], Any] | None = None
        self.finished = asyncio.Event()

    async def message(self, inbound: Inbound, messenger: Messenger) -> None:
        self.heard.append(inbound)
        await messenger.typing(inbound.place)
        if inbound.text == "slow":
            await asyncio.Event().wait()
        if inbound.text == "broken":
            raise RuntimeError("secret detail")
        if inbound.text == "wrong":
            await messenger.send(inbound.place, Reply(self.error.what, card(self.error.what), error=self.error))
        elif inbound.text.startswith("stop"):
            action = self._asked(inbound)
            reply = Reply("Stop web-server-01?", card("Stop web-server-01?", action=action.id), action=action)
            shown = await messenger.send(inbound.place, reply)
            self.actions[action.id] = action.model_copy(update={"card": shown})
        elif inbound.text == "early":
            shown = await messenger.send(inbound.place, Reply("Looking.", card("Looking.")))
            await messenger.update(inbound.place, shown, Reply("5 instances.", card("5 instances."), result=Listed(total=5)))
        else:
            await messenger.send(inbound.place, Reply("5 instances.", card("5 instances."), result=Listed(total=5)))

    async def click(self, inbound: Inbound) -> Reply:
        self.heard.append(inbound)
        verb, _, id = str(inbound.value["action"]).partition("_")
        if id not in self.actions:
            return Reply("No such question.", card("No such question."), error=NotFound("There is no such question."))
        state = ActionState.RUNNING if verb == "confirm" else ActionState.CANCELLED
        action = self.actions[id] = self.actions[id].model_copy(update={"state": state})
        if self.quicker:
            await self.quicker(action)
        return Reply(f"Stop: {state.value}.", card(f"Stop: {state.value}."), action=action)

    async def result(self, action_id: str, seconds: float) -> Reply | None:
        try:
            async with asyncio.timeout(seconds):
                await self.finished.wait()
        except TimeoutError:
            return None
        action = self.actions[action_id].model_copy(update={"state": self.final})
        if self.final is ActionState.SUCCEEDED:
            return Reply("Stopped.", card("Stopped."), action=action, result=Listed(total=1))
        return Reply("It was not stopped.", card("It was not stopped."), action=action)

    def _asked(self, inbound: Inbound) -> Action:
        now = datetime.now(UTC)
        arguments = {"instances": ["i-1"]}
        return Action(
            id=f"a{len(self.actions)}",
            skill="instances.stop",
            arguments=arguments,
            digest=digest("instances.stop", arguments),
            principal=inbound.principal,
            correlation=inbound.correlation,
            created_at=now,
            expires_at=now + timedelta(minutes=15),
        )


class Door:
    """The running door and what stands behind it."""

    def __init__(self, client: TestClient[web.Request, web.Application], chat: Scripted, conversations: Conversations) -> None:
        self.client, self.chat, self.conversations = client, chat, conversations

    async def post(self, body: Any, **headers: str) -> tuple[int, dict[str, Any], Any]:
        """Status, body and headers of a message sent with the API token."""
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        response = await self.client.post("/api/messages", json=body, headers={"X-API-Key": TOKEN} | named)
        return response.status, await response.json(), response.headers

    async def history(self, conversation: str = "default") -> list[dict[str, Any]]:
        """What the conversation shows to the API token, in the order it was said."""
        url = f"/api/conversations/{conversation}/messages"
        response = await self.client.get(url, headers={"X-API-Key": TOKEN})
        return sorted((await response.json())["data"]["messages"], key=lambda message: message["order"])


_made: list[bytes] = []


async def _empty(folder: Path) -> bytes:
    """A database file with the schema; migrated once, since that takes longer than a test."""
    if not _made:
        (folder / "first").mkdir()
        database = Database(databases.sqlite(folder / "first"))
        await database.run(ensure)
        await database.close()
        _made.append((folder / "first" / "ops.db").read_bytes())
    return _made[0]


@asynccontextmanager
async def door(
    folder: Path, *, page: Kind | None = None, chat: Scripted | None = None, limits: LimitSettings | None = None
) -> AsyncGenerator[Door]:
    """The door on a scripted bot and a database of its own."""
    (folder / "ops.db").write_bytes(await _empty(folder))
    database = Database(databases.sqlite(folder))
    chat, conversations = chat or Scripted(), Conversations(SqlTranscript(database))
    app = web.Application()
    ours = routes.setup(
        app,
        chat=chat,
        conversations=conversations,
        tokens=Tokens(TOKEN),
        limiter=Limiter(limits or LimitSettings(chat_user=1000, chat_team=1000, chat_burst=1000)),
        page=page,
        version="1.2.3",
        prompts=("list instances", "</script><b>"),
    )

    app.router.add_post("/api/messages", ours)
    try:
        async with TestClient(TestServer(app)) as client:
            yield Door(client, chat, conversations)
    finally:
        await database.close()
