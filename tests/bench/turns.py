"""Authenticated Teams turns: ours against a bare EchoBot on stock botbuilder 4.17.1 with JWT and cached MSAL.

A turn ends when its reply has reached the connector. Each bot is a process of its own; the load, the connector stub and the
token issuer are a third, the same for both, made of bare protocols so that it is not what is measured. Eight turns are in
flight, in turn in one of 1,000 conversations: Teams takes 60 messages in 30 s in one. Tokens are reused as the Bot Framework
does. Rounds are interleaved, so that a noisy machine is noisy for both.

Ours is a help turn through the whole product: token, inbox row on SQLite (synced), routing, gate, audit row, card, reply.
`OPS_BENCH_BOT=door` measures the Teams door alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

from bot.fake.issuer import FakeIssuer
from bot.fake.teams import APP, BOT, PERSON, TENANT
from gate.conversation import Inbound, Messenger, Reply

IN_FLIGHT = 8
ROUNDS = int(os.environ.get("OPS_BENCH_ROUNDS", "4"))
SECONDS = float(os.environ.get("OPS_BENCH_SECONDS", "2.5"))
BOT_KIND = os.environ.get("OPS_BENCH_BOT", "product")
_TOKENS = 32
_CONVERSATIONS = 1_000


def run() -> list[dict[str, Any]]:
    """One interleaved run. name, value (ours), unit, peer (stock), ratio (value / peer)."""
    return asyncio.run(_run())


async def _run() -> list[dict[str, Any]]:
    async with (
        FakeIssuer() as issuer,
        Load(issuer) as load,
        _bot(BOT_KIND, issuer, load) as ours,
        _bot("stock", issuer, load) as stock,
    ):
        results = {"ours": _Result(), "stock": _Result()}
        for port in (ours, stock):
            await load.turns(port, 1.0)  # keys, tokens and code are warm
        for _ in range(ROUNDS):
            for name, port in (("stock", stock), ("ours", ours)):
                results[name].add(*await load.turns(port, SECONDS))
    return list(_compare(results["ours"], results["stock"]))


class _Result:
    """Of one bot: the rate of each round, and every acknowledgement's seconds."""

    def __init__(self) -> None:
        self.rates: list[float] = []
        self.acks: list[float] = []

    def add(self, rate: float, acks: list[float]) -> None:
        self.rates.append(rate)
        self.acks.extend(acks)

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        return sorted(self.acks)[int(len(self.acks) * share)] * 1000


def _compare(ours: _Result, stock: _Result) -> Iterator[dict[str, Any]]:
    rate, peer = statistics.median(ours.rates), statistics.median(stock.rates)
    yield {
        "name": "teams.turns",
        "value": round(rate, 1),
        "unit": "turns/s",
        "peer": round(peer, 1),
        "ratio": round(rate / peer, 2),
    }
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        mine, theirs = ours.percentile(share), stock.percentile(share)
        yield {
            "name": f"teams.ack.{name}",
            "value": round(mine, 2),
            "unit": "ms",
            "peer": round(theirs, 2),
            "ratio": round(mine / theirs, 3),
        }


class Load:
    """The other side of both bots: posts activities and takes their replies."""

    def __init__(self, issuer: FakeIssuer) -> None:
        self._issuer = issuer
        self._replies: dict[bytes, asyncio.Future[None]] = {}
        self._server: asyncio.Server | None = None
        self._number = 0
        self._tokens: list[str] = []
        self.url = ""

    async def __aenter__(self) -> Load:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Stub(self.replied), "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self._tokens = [self._issuer.token(APP, self.url, jti=str(number)) for number in range(_TOKENS)]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server:
            self._server.close()

    def replied(self, conversation: bytes) -> None:
        """A reply has reached the connector."""
        if (future := self._replies.pop(conversation, None)) is not None:
            future.set_result(None)

    async def turns(self, port: int, seconds: float) -> tuple[float, list[float]]:
        """Keep eight turns in flight for so long; turns per second, and each acknowledgement's seconds."""
        acks: list[float] = []
        started = time.perf_counter()
        await asyncio.gather(*(self._worker(port, started + seconds, acks) for _ in range(IN_FLIGHT)))
        return len(acks) / (time.perf_counter() - started), acks

    async def _worker(self, port: int, until: float, acks: list[float]) -> None:
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(_Client, "127.0.0.1", port)
        while time.perf_counter() < until:
            conversation, request = self._request(port)
            reply = self._replies[conversation] = loop.create_future()
            began = time.perf_counter()
            async with asyncio.timeout(30):
                if (status := await client.send(request)) not in (201, 202):
                    raise RuntimeError(f"the bot answered {status}")
                acks.append(time.perf_counter() - began)
                await reply
        client.close()

    def _request(self, port: int) -> tuple[bytes, bytes]:
        self._number += 1
        conversation = f"a-{self._number % _CONVERSATIONS}"
        when = f"2026-01-05T08:00:00.{self._number:06d}Z"
        body = json.dumps(
            {
                "type": "message",
                "text": "help",
                "textFormat": "plain",
                "id": f"00000000-aaaa-4000-8000-{self._number:012d}",
                "timestamp": when,
                "localTimestamp": when,
                "localTimezone": "UTC",
                "serviceUrl": self.url,
                "channelId": "msteams",
                "from": {"id": f"29:{PERSON}", "name": "Ada Admin", "aadObjectId": PERSON},
                "conversation": {"conversationType": "personal", "tenantId": TENANT, "id": conversation},
                "recipient": {"id": BOT, "name": "OpsBot"},
                "locale": "en-US",
                "entities": [{"type": "clientInfo", "locale": "en-US", "country": "US", "platform": "Web", "timezone": "UTC"}],
                "channelData": {"tenant": {"id": TENANT}},
            }
        ).encode()
        head = (
            f"POST /api/messages HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {self._tokens[self._number % _TOKENS]}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return conversation.encode(), head.encode() + body


class _Framed(asyncio.Protocol):
    """HTTP/1.1 messages with a Content-Length, and nothing else of HTTP."""

    def __init__(self) -> None:
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            at = head.lower().find(b"\r\ncontent-length:")
            length = int(head[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._buffer) < end + 4 + length:
                return
            self._buffer = self._buffer[end + 4 + length :]
            self.framed(head)

    def framed(self, head: bytes) -> None:
        """A whole message is there."""
        raise NotImplementedError

    def write(self, data: bytes) -> None:
        """To the other side."""
        if self._transport:
            self._transport.write(data)

    def close(self) -> None:
        """Hang up."""
        if self._transport:
            self._transport.close()


class _Client(_Framed):
    def __init__(self) -> None:
        super().__init__()
        self._answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def send(self, request: bytes) -> int:
        """The status of the answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self.write(request)
        return await self._answer

    def framed(self, head: bytes) -> None:
        self._answer.set_result(int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._answer.done():
            self._answer.set_exception(exc or ConnectionError("the bot hung up"))


class _Stub(_Framed):
    _ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"id":"1234"}'

    def __init__(self, replied: Any) -> None:
        super().__init__()
        self._replied = replied

    def framed(self, head: bytes) -> None:
        self.write(self._ANSWER)
        self._replied(head.split(b" ", 2)[1].split(b"/")[3])


@contextlib.asynccontextmanager
async def _bot(kind: str, issuer: FakeIssuer, load: Load) -> AsyncGenerator[int]:
    """A bot in a process of its own; the port it listens on."""
    about = json.dumps({"kind": kind, "metadata": issuer.metadata_url, "token": issuer.token_url, "service": load.url})
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-m", "tests.bench.turns", about, cwd=root, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            line = await process.stdout.readline()
        yield int(line)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _serve(about: dict[str, str]) -> None:
    """In the bot's process."""
    bots = {"product": _product, "door": _door, "stock": _stock}

    async def main() -> None:
        with tempfile.TemporaryDirectory() as folder:
            port = await bots[about["kind"]](about, Path(folder))
            sys.stdout.write(f"{port}\n")
            sys.stdout.flush()
            await asyncio.Event().wait()

    asyncio.run(main())


def _settings(about: dict[str, str]) -> Any:
    from bot.teams.settings import TeamsSettings

    return TeamsSettings.model_validate(
        {
            "app_id": APP,
            "tenant_id": TENANT,
            "app_password": "secret",
            "openid_metadata": about["metadata"],
            "token_url": about["token"],
            "development": True,
        }
    )


async def _product(about: dict[str, str], folder: Path) -> int:
    """The whole service on twins: what `app.py` composes, with every door, the gate and the record."""
    from app import Settings
    from gate.limits.rules import LimitSettings
    from gate.policy import PolicySettings
    from tests.doors.house import TwinService

    _quiet()
    policy = PolicySettings(members={f"teams:{TENANT}/{PERSON}": "admin"})
    limits = LimitSettings(chat_user=10**9, chat_team=10**9, chat_burst=10**9)  # what they cost is measured, not that they refuse
    service = TwinService(Settings(var=folder, port=0, teams=_settings(about), policy=policy, limits=limits))
    await service.start()
    return int(service.url.rpartition(":")[2])


async def _door(about: dict[str, str], folder: Path) -> int:
    """The Teams door alone, before a chat that only answers: for finding out where a turn's time goes."""
    from aiohttp import web

    from bot.teams.connector import Connector
    from bot.teams.door import TeamsDoor
    from store.engine import Database
    from store.inbox import SqlInbox
    from store.places import SqlPlaces
    from store.tables import metadata

    _quiet()
    database = Database(f"sqlite:///{folder}/ops.db")
    await database.run(metadata.create_all)
    connector = Connector(_settings(about))
    inbox, places = SqlInbox(database, "bench"), SqlPlaces(database)
    door = TeamsDoor(_settings(about), HelpChat(), inbox, places, connector, host="127.0.0.1")
    await door.start()
    app = web.Application()
    app.add_routes(door.routes)
    return await _listen(app)


def _quiet() -> None:
    import logging

    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


async def _listen(app: Any) -> int:
    from aiohttp import web

    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return int(runner.addresses[0][1])


async def _stock(about: dict[str, str], folder: Path) -> int:
    """As Microsoft's own sample has it, with one change: its credentials are kept, so that MSAL's cache is one at all."""
    import msal
    from aiohttp import web
    from botbuilder.core import ActivityHandler, TurnContext
    from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication
    from botframework.connector.auth import MicrosoftAppCredentials, PasswordServiceClientCredentialFactory
    from botframework.connector.auth.channel_validation import ChannelValidation

    class EchoBot(ActivityHandler):
        async def on_message_activity(self, turn_context: TurnContext) -> None:
            await turn_context.send_activity(f"Echo: {turn_context.activity.text}")

    class Kept(PasswordServiceClientCredentialFactory):
        """One credential with one MSAL application, whose transport is canned: discovery and one token."""

        credential: Any = None

        async def create_credentials(self, app_id: str, oauth_scope: str, login_endpoint: str, validate_authority: bool) -> Any:
            if self.credential is None:
                made = MicrosoftAppCredentials(app_id, self.password, self.tenant_id, oauth_scope)
                made.app = msal.ConfidentialClientApplication(
                    app_id, client_credential=self.password, authority=made.oauth_endpoint, http_client=_Canned()
                )
                self.credential = made
            return self.credential

    ChannelValidation.open_id_metadata_endpoint = about["metadata"]
    factory = Kept(APP, "secret", TENANT)
    adapter = CloudAdapter(ConfigurationBotFrameworkAuthentication(object(), credentials_factory=factory))
    bot = EchoBot()

    async def messages(request: web.Request) -> web.StreamResponse:
        return await adapter.process(request, bot) or web.Response()

    app = web.Application()
    app.router.add_post("/api/messages", messages)
    return await _listen(app)


class _Canned:
    """What MSAL would hear from Entra."""

    def get(self, url: str, **_: Any) -> Any:
        base = "https://login.microsoftonline.com/t"
        return _Response(
            {"authorization_endpoint": f"{base}/authorize", "token_endpoint": f"{base}/token", "issuer": f"{base}/v2.0"}
        )

    def post(self, url: str, **_: Any) -> Any:
        return _Response({"access_token": "x" * 1500, "expires_in": 86400, "token_type": "Bearer"})

    def close(self) -> None:
        pass


class _Response:
    def __init__(self, body: dict[str, Any]) -> None:
        self.status_code, self.headers, self.text = 200, dict[str, str](), json.dumps(body)

    def raise_for_status(self) -> None:
        pass


class HelpChat:
    """The smallest chat that answers a help turn: a card of the real one's size."""

    def __init__(self) -> None:
        rows = [_row(number) for number in range(14)]
        self._card = {"type": "AdaptiveCard", "version": "1.5", "body": rows}

    async def message(self, inbound: Inbound, messenger: Messenger) -> None:
        """Answer with the card."""
        await messenger.send(inbound.place, Reply("What I can do here", self._card))

    async def click(self, inbound: Inbound) -> Reply:
        """Answer with the card."""
        return Reply("What I can do here", self._card)


def _row(number: int) -> dict[str, Any]:
    title = {"type": "TextBlock", "text": f"Skill {number}", "weight": "Bolder"}
    hint = {"type": "TextBlock", "text": "say it like this", "isSubtle": True}
    columns = [
        {"type": "Column", "width": "stretch", "items": [title]},
        {"type": "Column", "width": "auto", "items": [hint]},
    ]
    press = {"type": "Action.Submit", "data": {"run": {"skill": f"skills.{number}", "arguments": {}}}}
    return {"type": "ColumnSet", "columns": columns, "selectAction": press}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _serve(json.loads(sys.argv[1]))
    else:
        for row in run():
            sys.stdout.write(json.dumps(row) + "\n")
