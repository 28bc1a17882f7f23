"""Our own connector to Teams: how replies, updates and messages nobody asked for get there.

Only a 429 is answered by sending again: Teams did nothing then. After a 5xx or a broken connection the message may have arrived,
and to send it twice is worse than to say that it failed.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import aiohttp
import structlog
from yarl import URL

from bot.teams.credentials import Tokens, credentials
from bot.teams.message import Message, compact, compose, replacement
from bot.teams.outbox import Busy, Clock, Delivery, Outbox, Sleep
from bot.teams.settings import TeamsSettings
from bot.teams.web import Web, deadline
from gate.conversation import Place, Reply
from skills.kit.errors import Forbidden, NotFound, OpsError, Timeout, Unavailable

log = structlog.get_logger()

_DEADLINE = 15.0
_SWEEP = 10_000
_UNSENT = "The message was not sent."
_UNKNOWN = "Whether the message arrived is not known; it is not sent again."


class Connector:
    """Messages to Teams conversations; a `gate.conversation.Messenger`.

    Errors of every method but `typing`: Throttled, Unavailable, Timeout, Forbidden (the bot was removed there), NotFound.
    """

    def __init__(
        self,
        settings: TeamsSettings,
        *,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        """environment: where Azure says how its managed identity is reached."""
        self.web = Web()
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        fetch = credentials(settings, self.web, environment)
        self._tokens = Tokens(fetch, clock=clock) if fetch else None
        self._outboxes: dict[str, Outbox] = {}
        self._sweep_at = _SWEEP

    async def send(self, place: Place, reply: Reply) -> str:
        """Put a message there; content too long for one follows in more. Its id, for `update`."""
        return await self._post(place, compose(reply))

    async def update(self, place: Place, message: str, reply: Reply) -> None:
        """Replace that message. Of several that wait, the last is sent and everybody is told when it arrived."""
        url = f"{self._activities(place)}/{quote(message, safe='')}"
        payload = replacement(reply).payload(place)
        await self._outbox(place).put(Delivery("PUT", url, payload, message=message))

    async def typing(self, place: Place) -> None:
        """Show that work is going on, when that takes nothing from a message: it is not worth waiting or failing for."""
        throttle = self._outbox(place).throttle
        if throttle.delay(self._clock()) > 0:
            return
        throttle.take(self._clock())
        activity = {"type": "typing", "from": place.data.get("bot"), "conversation": place.data.get("conversation")}
        try:
            await self._request(Delivery("POST", self._activities(place), compact(activity).encode()))
        except (OpsError, Busy) as error:
            log.debug("typing_not_shown", error=str(error))

    async def post(self, place: Place, activity: Mapping[str, Any]) -> str:
        """Send an activity as botbuilder made it; its id."""
        return await self._outbox(place).put(Delivery("POST", self._activities(place), compact(activity).encode()))

    async def put(self, place: Place, message: str, activity: Mapping[str, Any]) -> None:
        """Replace a message by an activity as botbuilder made it."""
        url = f"{self._activities(place)}/{quote(message, safe='')}"
        await self._outbox(place).put(Delivery("PUT", url, compact(activity).encode(), message=message))

    async def delete(self, place: Place, message: str) -> None:
        """Delete a message of ours."""
        await self._outbox(place).put(Delivery("DELETE", f"{self._activities(place)}/{quote(message, safe='')}", b""))

    async def open_dm(self, near: Place, user: str) -> Place:
        """The conversation with one person, made if need be.

        near: any place in the same tenant, for its connector and tenant. user: an Entra object id, or a Teams id (`29:...`).
        """
        tenant = near.data["conversation"].get("tenantId", "")
        body: dict[str, Any] = {
            "isGroup": False,
            "bot": near.data["bot"],
            "members": [{"id": user}],
            "tenantId": tenant,
            "channelData": {"tenant": {"id": tenant}},
        }
        url = f"{self._service(near)}/v3/conversations"
        id = await self._outboxed(f"dm:{user}").put(Delivery("POST", url, compact(body).encode()))
        conversation = {"id": id, "conversationType": "personal", "tenantId": tenant}
        return Place(door="teams", key=id, data={**near.data, "conversation": conversation, "user": {"id": user}})

    async def close(self, seconds: float = 5.0) -> None:
        """Let what is queued go out for so long, then close every connection."""
        tasks = [box.task for box in self._outboxes.values() if box.task is not None]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
            if late:
                log.warning("messages_not_delivered_at_close", conversations=len(late))
        if self._tokens:
            await self._tokens.close()
        await self.web.close()

    async def _post(self, place: Place, messages: list[Message]) -> str:
        url, box = self._activities(place), self._outbox(place)
        waiting = [box.put(Delivery("POST", url, message.payload(place))) for message in messages]
        if len(waiting) == 1:
            return await waiting[0]
        return (await asyncio.gather(*waiting))[0]

    def _activities(self, place: Place) -> str:
        # The whole id, `;messageid=` and all: that is what keeps an answer in its thread.
        return f"{self._service(place)}/v3/conversations/{quote(place.data['conversation']['id'], safe='')}/activities"

    def _service(self, place: Place) -> str:
        url = str(place.data.get("serviceUrl", ""))
        if not self._settings.trusts(url):
            raise Forbidden("This connector is not one of Microsoft Teams.", unchanged=_UNSENT, details=url)
        return url.rstrip("/")

    def _outbox(self, place: Place) -> Outbox:
        # Teams counts per chat or channel, not per thread.
        return self._outboxed(place.key.partition(";messageid=")[0])

    def _outboxed(self, key: str) -> Outbox:
        if (box := self._outboxes.get(key)) is None:
            if len(self._outboxes) >= self._sweep_at:
                self._sweep()
            box = self._outboxes[key] = Outbox(self._request, self._clock, self._sleep)
        return box

    def _sweep(self) -> None:
        now = self._clock()
        self._outboxes = {key: box for key, box in self._outboxes.items() if box.task or not box.throttle.idle(now)}
        self._sweep_at = max(_SWEEP, 2 * len(self._outboxes))

    async def _request(self, delivery: Delivery) -> str:
        """One request; the id in its answer."""
        token = await self._tokens.get() if self._tokens else ""
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            async with self.web.session.request(
                delivery.method,
                URL(delivery.url, encoded=True),
                data=delivery.payload,
                headers=headers,
                timeout=deadline(_DEADLINE),
                allow_redirects=False,
            ) as response:
                body = await response.read()
                status, retry_after = response.status, response.headers.get("Retry-After", "")
        except TimeoutError as error:
            raise Timeout(f"Teams did not answer within {_DEADLINE:.0f} s.", unchanged=_UNKNOWN) from error
        except aiohttp.ClientConnectorError as error:
            raise Unavailable("Teams cannot be reached.", part="teams", unchanged=_UNSENT, details=str(error)) from error
        except aiohttp.ClientError as error:
            raise Unavailable("The connection to Teams broke.", part="teams", unchanged=_UNKNOWN, details=repr(error)) from error
        if status == 401 and self._tokens:
            self._tokens.forget(token)
        if not 200 <= status < 300:
            raise _failure(status, body, retry_after)
        return _id(body)


def _id(body: bytes) -> str:
    try:
        answer: Any = json.loads(body) if body else {}
    except ValueError:
        return ""
    return str(answer.get("id") or "") if isinstance(answer, dict) else ""


def _failure(status: int, body: bytes, retry_after: str) -> OpsError | Busy:
    details = f"{status} {body[:300].decode(errors='replace')}"
    if status == 429:
        return Busy(_seconds(retry_after))
    if status in (401, 403):
        return Forbidden("Teams did not let the bot write there.", unchanged=_UNSENT, details=details)
    if status == 404:
        return NotFound("The conversation or message is not there any more.", unchanged=_UNSENT, details=details)
    unchanged = _UNKNOWN if status >= 500 else _UNSENT
    return Unavailable("Teams did not take the message.", part="teams", unchanged=unchanged, details=details)


def _seconds(retry_after: str) -> float:
    """Of a Retry-After header, which gives seconds or a date."""
    if retry_after.isdecimal():
        return float(retry_after)
    try:
        return max((parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return 0.0
