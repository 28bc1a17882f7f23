"""A Teams client of ours: posts activities the way Teams does, signed by the fake issuer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import aiohttp

from bot.fake.connector import FakeConnector
from bot.fake.issuer import FakeIssuer

APP = "0f0f0f0f-0000-4000-8000-00000000b071"
TENANT = "7e7e7e7e-0000-4000-8000-000000000001"
PERSON = "ada0ada0-0000-4000-8000-000000000001"
BOT = f"28:{APP}"


@dataclass
class FakeTeams:
    """One person in one conversation. bot: where the bot takes activities, `http://127.0.0.1:3978/api/messages`."""

    bot: str
    connector: FakeConnector
    issuer: FakeIssuer
    person: str = PERSON
    name: str = "Ada Admin"
    conversation: str = "a:personal-ada"
    kind: str = "personal"

    def activity(self, type: str = "message", **changes: Any) -> dict[str, Any]:
        """An activity as Teams shapes it; a change of None leaves the field out."""
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        body: dict[str, Any] = {
            "type": type,
            "id": uuid4().hex,
            "timestamp": now,
            "localTimestamp": now,
            "serviceUrl": self.connector.url,
            "channelId": "msteams",
            "from": {"id": f"29:{self.person}", "name": self.name, "aadObjectId": self.person},
            "conversation": {"conversationType": self.kind, "tenantId": TENANT, "id": self.conversation},
            "recipient": {"id": BOT, "name": "OpsBot"},
            "locale": "en-US",
            "entities": [{"type": "clientInfo", "locale": "en-US", "country": "US", "platform": "Web", "timezone": "UTC"}],
            "channelData": {"tenant": {"id": TENANT}},
            **changes,
        }
        return {name: value for name, value in body.items() if value is not None}

    async def say(self, text: str, **changes: Any) -> tuple[int, Any]:
        """Post a message; HTTP status and JSON of the answer."""
        return await self.post(self.activity(text=text, textFormat="plain", **changes))

    async def click(self, message: str, data: dict[str, Any], **changes: Any) -> tuple[int, Any]:
        """Press an Action.Execute of that message."""
        value = {"action": {"type": "Action.Execute", "title": "Press", "verb": "press", "data": data}}
        return await self.post(self.activity("invoke", name="adaptiveCard/action", replyToId=message, value=value, **changes))

    async def post(self, activity: Any, *, token: str | None = None, raw: bytes | None = None, **headers: str) -> tuple[int, Any]:
        """Post anything. token: instead of a valid one; empty for none. raw: a body as it is."""
        token = self.issuer.token(APP, self.connector.url) if token is None else token
        sent = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {}), **headers}
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                self.bot, json=activity if raw is None else None, data=raw, headers=sent, timeout=aiohttp.ClientTimeout(total=20)
            ) as response,
        ):
            body = await response.read()
            return response.status, await response.json(content_type=None) if body else None
