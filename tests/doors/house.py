"""The whole product on twins: every door open, no AWS, no Teams, no model."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from app import Service, Settings
from bot.fake.connector import FakeConnector
from bot.fake.issuer import FakeIssuer
from bot.fake.teams import APP, PERSON, TENANT, FakeTeams
from bot.teams.settings import TeamsSettings
from gate.policy import PolicySettings
from providers.memory.commands import MemoryCommands
from providers.memory.compute import MemoryCompute
from providers.memory.costs import MemoryCosts
from providers.memory.fleet import sample_fleet
from providers.memory.metrics import MemoryMetrics
from skills.kit.ports.commands import Commands
from skills.kit.ports.compute import Compute
from skills.kit.ports.costs import Costs
from skills.kit.ports.metrics import Metrics


class TwinService(Service):
    """The service with the twins in AWS's place."""

    compute: MemoryCompute
    commands: MemoryCommands

    async def _ports(self) -> Mapping[type, Any]:
        self.compute = MemoryCompute(sample_fleet())
        self.commands = MemoryCommands(self.compute)
        return {Compute: self.compute, Metrics: MemoryMetrics(), Commands: self.commands, Costs: MemoryCosts()}


@dataclass
class House:
    """A running service, a Teams client and a program's client in front of it."""

    service: TwinService
    teams: FakeTeams
    connector: FakeConnector
    session: aiohttp.ClientSession
    token: str

    async def post(self, body: Any, **headers: str) -> tuple[int, dict[str, Any]]:
        """A program's `POST /api/messages`."""
        url, sent = f"{self.service.url}/api/messages", {"Authorization": f"Bearer {self.token}", **headers}
        async with self.session.post(url, json=body, headers=sent) as response:
            return response.status, await response.json()

    async def say(self, text: str) -> tuple[int, dict[str, Any]]:
        """A program's message."""
        return await self.post({"type": "message", "text": text, "from": {"id": "u"}, "conversation": {"id": "c"}})

    async def decide(self, action: str, **headers: str) -> tuple[int, dict[str, Any]]:
        """A program's confirm or cancel."""
        return await self.post({"type": "message", "conversation": {"id": "c"}, "value": {"action": action}}, **headers)


@asynccontextmanager
async def house(folder: Path, *, role: str = "admin", **changes: Any) -> AsyncGenerator[House]:
    """A house in `folder`; role: what the person in Teams and the API token may do."""
    async with FakeConnector() as connector, FakeIssuer() as issuer, aiohttp.ClientSession() as session:
        teams = TeamsSettings.model_validate(
            {
                "app_id": APP,
                "app_type": "MultiTenant",
                "tenants": [TENANT],
                "app_password": "fake",
                "openid_metadata": issuer.metadata_url,
                "token_url": issuer.token_url,
                "development": True,
            }
        )
        policy = PolicySettings(members={f"teams:{TENANT}/{PERSON}": role})
        given: dict[str, Any] = {"var": folder, "port": 0, "teams": teams, "policy": policy, "api_role": role, **changes}
        settings = Settings(**given)
        service = TwinService(settings)
        await service.start()
        try:
            client = FakeTeams(f"{service.url}/api/messages", connector, issuer)
            yield House(service, client, connector, session, (folder / "token").read_text().strip())
        finally:
            await service.stop()
