"""A Teams door with everything around it: fake connector and issuer, a real inbox on SQLite, a chat that records."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.fake.connector import FakeConnector
from bot.fake.issuer import FakeIssuer
from bot.fake.server import Server
from bot.fake.teams import APP, TENANT, FakeTeams
from bot.teams.connector import Connector
from bot.teams.door import TeamsDoor
from bot.teams.settings import TeamsSettings
from gate.conversation import Inbound, Messenger, Reply
from store.engine import Database
from store.inbox import SqlInbox
from store.places import SqlPlaces
from store.tables import metadata

CARD = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "running"}]}


@dataclass
class RecordingChat:
    """Answers with an echo; `on_message` and `on_click` replace what it does."""

    said: list[Inbound] = field(default_factory=list[Inbound])
    clicked: list[Inbound] = field(default_factory=list[Inbound])
    welcomed: list[Inbound] = field(default_factory=list[Inbound])
    on_message: Callable[[Inbound, Messenger], Awaitable[None]] | None = None
    on_click: Callable[[Inbound], Awaitable[Reply]] | None = None

    async def message(self, inbound: Inbound, messenger: Messenger) -> None:
        self.said.append(inbound)
        if self.on_message:
            await self.on_message(inbound, messenger)
        else:
            await messenger.send(inbound.place, Reply(f"echo {inbound.text}"))

    async def click(self, inbound: Inbound) -> Reply:
        self.clicked.append(inbound)
        return await self.on_click(inbound) if self.on_click else Reply("running", CARD)

    async def welcome(self, inbound: Inbound, messenger: Messenger) -> None:
        self.welcomed.append(inbound)
        await messenger.send(inbound.place, Reply("welcome"))


@dataclass
class Stage:
    """Everything a test of the door needs."""

    teams: FakeTeams
    connector: FakeConnector
    issuer: FakeIssuer
    chat: RecordingChat
    door: TeamsDoor
    messenger: Connector
    database: Database

    def inbox(self, owner: str) -> SqlInbox:
        """The inbox as another process sees it."""
        return SqlInbox(self.database, owner)

    async def settled(self) -> None:
        """Wait until nothing is being worked on."""
        async with asyncio.timeout(5):
            while self.door.waiting:
                await asyncio.sleep(0.005)


Build = Callable[..., Awaitable[Stage]]


def settings(issuer: FakeIssuer, **changes: Any) -> TeamsSettings:
    """Authentication is on; only the connector's loopback address needs the development flag."""
    values: dict[str, Any] = {
        "app_id": APP,
        "tenant_id": TENANT,
        "app_password": "s3cr3t-value",
        "openid_metadata": issuer.metadata_url,
        "token_url": issuer.token_url,
        "development": True,
        "entra_metadata": issuer.metadata_url,
        **changes,
    }
    return TeamsSettings.model_validate(values)


@pytest.fixture
async def connector() -> AsyncIterator[FakeConnector]:
    async with FakeConnector() as running:
        yield running


@pytest.fixture
async def issuer() -> AsyncIterator[FakeIssuer]:
    async with FakeIssuer() as running:
        yield running


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite:///{tmp_path}/ops.db")
    await opened.run(metadata.create_all)
    yield opened
    await opened.close()


@pytest.fixture
async def build(connector: FakeConnector, issuer: FakeIssuer, database: Database) -> AsyncIterator[Build]:
    """Makes a stage; `owner` names the process, everything else changes the settings."""
    stages: list[tuple[Stage, Server]] = []

    async def make(owner: str = "first", **changes: Any) -> Stage:
        chosen = settings(issuer, **changes)
        messenger, chat, server = Connector(chosen), RecordingChat(), Server()
        inbox, places = SqlInbox(database, owner), SqlPlaces(database)
        door = TeamsDoor(chosen, chat, inbox, places, messenger, host="127.0.0.1")
        server.app.add_routes(door.routes)
        await server.__aenter__()
        teams = FakeTeams(f"{server.url}/api/messages", connector, issuer)
        stage = Stage(teams, connector, issuer, chat, door, messenger, database)
        stages.append((stage, server))
        return stage

    yield make
    connector.gate.set()
    for stage, server in stages:
        await server.__aexit__(None, None, None)
        await stage.door.drain(1)
        await stage.messenger.close(1)


@pytest.fixture
async def stage(build: Build) -> Stage:
    return await build()
