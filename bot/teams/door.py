"""The Teams door: activities come in over HTTP, are kept, answered at once and worked on afterwards."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import structlog
from aiohttp import web
from pydantic import ValidationError
from structlog.contextvars import bound_contextvars

from bot.teams import invoke
from bot.teams.activity import Activity, parse
from bot.teams.chat import Chat
from bot.teams.connector import Connector
from bot.teams.lanes import Lanes
from bot.teams.message import compact
from bot.teams.references import References
from bot.teams.refusal import Refusal
from bot.teams.settings import TeamsSettings
from bot.teams.verification import Verifier
from gate.conversation import Reply
from gate.records import Inbox, Places
from skills.kit.errors import OpsError

if TYPE_CHECKING:
    from bot.teams.adapter import Adapter

log = structlog.get_logger()

BODY_LIMIT = 256 * 1024
"""Bytes of an activity; Teams' own are a few KB."""

_BODY_DEADLINE = 10.0
_INVOKE_DEADLINE = 8.0
_TURN_DEADLINE = 120.0
_MARK_AFTER = 0.02  # a kill in this moment has a finished turn worked on again, so it is short
_ATTEMPTS = 3
_CLICKS = 2_000
_WORKED_ON = frozenset({"message", "messageUpdate"})

CLOSED = "The Teams door is closed: set the bot's app id, or for development allow_unauthenticated."
HANDLED = "This was dealt with already."
STILL = "Still working on it; this card changes when it is done."
TOO_LONG = "That took too long and I stopped waiting for it. Check what happened before you ask again."
LOST = "I was interrupted while I worked on your message and do not try again. Check what happened, then say it again."


class TeamsDoor:
    """Takes activities. `post` is the handler; `start` and `drain` are for the life of the server."""

    def __init__(
        self,
        settings: TeamsSettings,
        chat: Chat,
        inbox: Inbox,
        places: Places,
        connector: Connector,
        *,
        host: str,
        workers: int = 32,
        backlog: int = 2_000,
    ) -> None:
        """host: the address the server listens on. workers: turns at a time. backlog: turns that may wait; beyond, 503.

        Errors: ValueError when a development flag is set and the address is not loopback.
        """
        settings.check_bind(host)
        self._settings = settings
        self._inbox = inbox
        self._connector = connector
        self._verifier = Verifier(settings, connector.web)
        self._lanes: Lanes[tuple[str, Activity]] = Lanes(self._turn, width=workers)
        self._backlog = backlog
        self._clicks: OrderedDict[str, asyncio.Task[invoke.Answer]] = OrderedDict()
        self._late_cards: set[asyncio.Task[None]] = set()
        self._ended: list[str] = []
        self._marking: asyncio.Task[None] | None = None
        self._draining = False
        self._adapter = _adapter(chat, connector, References(places)) if settings.is_open else None

    @property
    def routes(self) -> list[web.RouteDef]:
        """For an aiohttp application that has no other client on this path."""
        return [web.post("/api/messages", self.post)]

    @property
    def waiting(self) -> int:
        """Turns that are not finished; one more while the inbox is told of some that are."""
        return self._lanes.waiting + (self._marking is not None and not self._marking.done())

    def recognises(self, request: web.Request) -> bool:
        """The credential is one of this door's; for an application whose other clients use the same path."""
        authorization = request.headers.get("Authorization", "")
        if not authorization:
            return self._settings.allow_unauthenticated
        return self._verifier.recognises(authorization)

    async def start(self) -> None:
        """Begin to fetch the signing keys, and go on with what an earlier process left."""
        self._verifier.warm()
        await self.recover()

    async def recover(self) -> None:
        """Work on what a process that is gone accepted and did not finish; may be called again and again."""
        if self._adapter is None or self._draining:
            return
        for envelope in await self._inbox.left():
            try:
                activity = Activity.model_validate(envelope.body)
            except (
                ValidationError
            ) as error:  # of another version: it stays open for one that reads it; the others are not held up
                log.error("activity_not_readable", id=envelope.id, problems=error.error_count())  # noqa: TRY400 (its body is not logged)
                continue
            log.info("activity_recovered", id=envelope.id, type=activity.type, attempts=envelope.attempts)
            if envelope.attempts > _ATTEMPTS:
                await self._say(activity, LOST)
                self._done(envelope.id)
            else:
                self._work(envelope.id, activity)

    async def drain(self, seconds: float) -> None:
        """Take nothing new and let what runs finish for so long; the rest stays in the inbox for the next process."""
        self._draining = True
        clicks = [task for task in self._clicks.values() if not task.done()]
        left, *_ = await asyncio.gather(self._lanes.drain(seconds), _ended([*clicks, *self._late_cards], seconds))
        if self._marking is not None:
            await self._marking
        await self._verifier.close()
        if left:
            log.warning("turns_left_in_inbox", count=left)

    async def post(self, request: web.Request) -> web.Response:
        """`POST /api/messages`. 202: kept and worked on. 200, 501: an invoke's answer. Refusals, 400 to 415 and 503, are JSON."""
        try:
            return await self._take(request)
        except Refusal as refusal:
            log.info("activity_refused", status=refusal.status, code=refusal.code, details=refusal.details)
            return refusal.response()

    async def _take(self, request: web.Request) -> web.Response:
        if self._adapter is None:
            raise Refusal(403, "TEAMS_CLOSED", CLOSED)
        if self._draining or self._lanes.waiting >= self._backlog:
            raise Refusal(503, "BUSY", "The bot takes nothing new at the moment.", retry_after=5)
        voucher = await self._verifier.token(request.headers.get("Authorization", ""), request.remote or "")
        activity, body = parse(await _body(request))
        self._verifier.activity(voucher, activity)
        if activity.type == "invoke":
            return await self._invoke(activity, body)
        if activity.type not in _WORKED_ON and not activity.greets:
            log.debug("activity_ignored", type=activity.type)
            return web.Response(status=202)
        await self._receive(activity, body)
        return web.Response(status=202)

    async def _receive(self, activity: Activity, body: dict[str, Any]) -> None:
        """Keep it, and if it is new have it worked on. A row that was kept while we stop is left to the next process."""
        try:
            fresh = await self._inbox.receive(activity.key, body)
        except Exception as error:  # whatever the store raises, its deadlines included: the sender may try again
            log.exception("activity_not_kept")
            raise Refusal(503, "STORE_UNAVAILABLE", "The message could not be kept.", retry_after=5) from error
        if not fresh:
            log.info("activity_known", type=activity.type, key=activity.key[:16])
        elif self._draining:
            log.info("activity_left_in_inbox", key=activity.key[:16])
        elif activity.type == "invoke":
            self._click(activity)
        else:
            self._work(activity.key, activity)

    def _work(self, id: str, activity: Activity) -> None:
        self._lanes.put((activity.conversation.id, activity.sender.id), (id, activity))

    async def _turn(self, item: tuple[str, Activity]) -> None:
        """One turn in its lane. What fails here failed before or after the chat, which speaks for itself."""
        id, activity = item
        with bound_contextvars(correlation=id[:32], activity=activity.id):
            try:
                async with asyncio.timeout(_TURN_DEADLINE):
                    answer = await self._run(activity)
                if answer is not None:
                    await self._late(activity, answer)
            except TimeoutError:
                log.warning("turn_timed_out", type=activity.type)
                await self._say(activity, TOO_LONG)
            except Exception:  # one turn's end must not be its lane's
                log.exception("turn_ended_badly", type=activity.type)
            self._done(id)

    async def _run(self, activity: Activity) -> invoke.Answer | None:
        return await self._adapter.run(activity) if self._adapter else None

    async def _invoke(self, activity: Activity, body: dict[str, Any]) -> web.Response:
        """Answer a click now: with its card, or with words and the card later. The same click again gets the same answer."""
        await self._receive(activity, body)
        if (task := self._clicks.get(activity.key)) is None:
            return _json(invoke.said(HANDLED))
        try:
            async with asyncio.timeout(_INVOKE_DEADLINE):
                return _json(await asyncio.shield(task))
        except TimeoutError:
            task.add_done_callback(lambda _: self._work_late(activity, task))
            return _json(invoke.said(STILL))

    def _click(self, activity: Activity) -> None:
        self._clicks[activity.key] = asyncio.create_task(self._clicked(activity), name="click")
        while len(self._clicks) > _CLICKS:
            self._clicks.popitem(last=False)

    async def _clicked(self, activity: Activity) -> invoke.Answer:
        with bound_contextvars(correlation=activity.key[:32], activity=activity.id):
            try:
                answer = await self._run(activity)
            except Exception:  # a defect of ours: said in the invoke's own shape
                log.exception("click_broke")
                answer = invoke.refused(500, "Error", "Something went wrong on my side, and it is in the log.")
            self._done(activity.key)
            return answer or invoke.said(HANDLED)

    def _work_late(self, activity: Activity, task: asyncio.Task[invoke.Answer]) -> None:
        if not task.cancelled() and not self._draining:
            late = asyncio.create_task(self._late(activity, task.result()), name="late-card")
            self._late_cards.add(late)
            late.add_done_callback(self._late_cards.discard)

    async def _late(self, activity: Activity, answer: invoke.Answer) -> None:
        """Put a click's answer where its card is, when the click's own request has ended."""
        if answer.reply is None or not activity.reply_to_id:
            return
        try:
            await self._connector.update(activity.place, activity.reply_to_id, answer.reply)
        except OpsError as error:
            log.warning("card_not_updated", what=error.what, details=error.details)

    def _done(self, id: str) -> None:
        """Mark it in the inbox, together with what else ends in the next moment: a commit of its own would hold up new rows."""
        self._ended.append(id)
        if self._marking is None or self._marking.done():
            self._marking = asyncio.create_task(self._mark(), name="inbox-done")

    async def _mark(self) -> None:
        while self._ended:
            await asyncio.sleep(_MARK_AFTER)
            ids, self._ended = self._ended, []
            try:
                await self._inbox.done(*ids)
            except Exception:  # they are dealt with; the next start may deal with one again, and the gate then knows it
                log.exception("inbox_rows_left_open", ids=ids)

    async def _say(self, activity: Activity, text: str) -> None:
        try:
            await self._connector.send(activity.place, Reply(text))
        except OpsError as error:
            log.warning("reply_not_delivered", what=error.what)


def _adapter(chat: Chat, connector: Connector, references: References) -> Adapter:
    # botbuilder takes a second to import and 40 MB: only when the door is open.
    from bot.teams.adapter import Adapter

    return Adapter(chat, connector, references)


async def _ended(tasks: Sequence[asyncio.Task[Any]], seconds: float) -> None:
    """Let them run for so long, then stop them."""
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


async def _body(request: web.Request) -> bytes:
    """The body, bounded in size and time. Errors: Refusal 408, 413, 415."""
    if request.content_type != "application/json":
        raise Refusal(415, "CONTENT_TYPE", "Content-Type has to be application/json.")
    too_large = Refusal(413, "TOO_LARGE", f"An activity has at most {BODY_LIMIT // 1024} KB.")
    if (request.content_length or 0) > BODY_LIMIT:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_DEADLINE):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > BODY_LIMIT:
                    raise too_large
    except TimeoutError as error:
        raise Refusal(408, "TOO_SLOW", "The body did not arrive in time.") from error
    return bytes(body)


def _json(answer: invoke.Answer) -> web.Response:
    return web.Response(status=answer.status, text=compact(answer.body), content_type="application/json")
