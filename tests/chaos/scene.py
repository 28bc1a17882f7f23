"""Everything around the runs: AWS, Teams and the store, which are never killed, and the replicas, which are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from aiohttp import web

from bot.fake.connector import FakeConnector
from bot.fake.issuer import FakeIssuer
from bot.fake.teams import APP, TENANT
from tests.chaos.cloud import Cloud
from tests.chaos.records import Records
from tests.chaos.replica import Replica
from tests.chaos.tripwire import Phase, Tripwire

LEASE = 2.0
"""Seconds after which the replicas take each other for dead."""


class Teams(FakeConnector):
    """The connector, with a tripwire."""

    def __init__(self) -> None:
        super().__init__()
        self.wire = Tripwire()

    async def _answer(self, request: web.Request, conversation: str, message: str) -> web.Response:
        self.wire.count()
        if self.wire.due(Phase.LOST):
            raise web.HTTPServiceUnavailable
        return await self.wire.answer(request, await super()._answer(request, conversation, message))


@dataclass
class Scene:
    """What a run needs. chance: where every draw comes from. starts: replicas that are on their way."""

    cloud: Cloud
    teams: Teams
    issuer: FakeIssuer
    records: Records
    replicas: list[Replica]
    chance: Random
    starts: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    @property
    def alive(self) -> list[Replica]:
        """Those that serve."""
        return [replica for replica in self.replicas if replica.alive]

    def start(self, replica: Replica, after: float = 0.0) -> asyncio.Task[None]:
        """Bring a dead one back, in so many seconds."""

        async def later() -> None:
            await asyncio.sleep(after)
            await replica.start()

        task = asyncio.create_task(later())
        self.starts.add(task)
        return task

    def freeze(self, replica: Replica, length: float) -> None:
        """Stop one for so many seconds."""

        async def thaw() -> None:
            await asyncio.sleep(length)
            replica.thaw()

        replica.freeze()
        self.starts.add(asyncio.create_task(thaw()))

    async def whole(self) -> None:
        """Wait until every replica serves. Errors: what kept one from starting."""
        await asyncio.gather(*self.starts)
        self.starts.clear()
        await asyncio.gather(*(replica.start() for replica in self.replicas if not replica.alive))


@asynccontextmanager
async def scene(
    url: str, folder: Path, *, replicas: int, seed: int, lease: float = LEASE, paced: bool = True
) -> AsyncGenerator[Scene]:
    """A scene whose replicas serve. url: the store's. lease: seconds after which a silent replica is taken for dead."""
    async with Cloud(transition=0.2 if paced else 2.0) as cloud, Teams() as teams, FakeIssuer() as issuer:
        settings = {
            "DATABASE_URL": url,
            "LEASE": str(lease),
            "POLICY": {"default_role": "admin"},
            "TEAMS": {
                "app_id": APP,
                "app_type": "MultiTenant",
                "tenants": [TENANT],
                "app_password": "fake",
                "openid_metadata": issuer.metadata_url,
                "token_url": issuer.token_url,
                "development": True,
            },
        }
        names = [f"replica{number}" for number in range(1, replicas + 1)]
        made = [Replica(name, folder, {**settings, "AWS": cloud.settings(name)}, paced=paced) for name in names]
        here = Scene(cloud, teams, issuer, Records(url), made, Random(seed))
        try:
            await made[0].start()  # alone: it migrates
            await here.whole()
            yield here
        finally:
            for task in here.starts:
                task.cancel()
            for replica in made:
                replica.kill()
            here.records.close()
