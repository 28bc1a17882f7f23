"""What survives every kill on AWS's side: the simulated AWS, behind a door of ours that counts what reached it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from bot.fake.server import Server
from providers.demo.process import DemoAws
from tests.chaos.tripwire import Phase, Tripwire

CHANGES = frozenset({"StopInstances", "StartInstances", "RebootInstances", "SendCommand"})
_HOP = frozenset({"host", "content-length", "transfer-encoding", "connection", "expect"})


@dataclass(frozen=True)
class Effect:
    """A request that AWS carried out. caller: which replica made it."""

    operation: str
    instances: tuple[str, ...]
    caller: str


class Cloud(Server):
    """AWS for the replicas: each has an endpoint of its own, `endpoint(name)`, so that it is known who asked.

    effects: the changes AWS accepted, each as often as it did. caller: who asked last.
    """

    def __init__(self, *, transition: float = 0.2, instances: int = 40) -> None:
        super().__init__()
        self.effects: list[Effect] = []
        self.caller = ""
        self.wire = Tripwire()
        self._demo = DemoAws(transition=transition, instances=instances)
        self._client: aiohttp.ClientSession | None = None
        self.app.add_routes([web.post("/{caller}", self._take)])

    async def __aenter__(self) -> Self:
        """Start the simulated AWS and the door in front of it."""
        await self._demo.start()
        self._client = aiohttp.ClientSession(auto_decompress=False, timeout=aiohttp.ClientTimeout(total=30))
        return await super().__aenter__()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop both."""
        await super().__aexit__(kind, error, trace)
        if self._client is not None:
            await self._client.close()
        await self._demo.stop()

    def settings(self, caller: str) -> dict[str, Any]:
        """What a replica of that name takes as its AWS settings."""
        plain = {key: value for key, value in self._demo.settings.items() if key != "output_bucket"}
        return plain | {"endpoint_url": f"{self.url}/{caller}"}

    async def running(self) -> dict[str, str]:
        """Names and ids of the Linux instances that run."""
        found = await asyncio.to_thread(self._described)
        return {name: id for name, id, platform, state in found if state == "running" and platform != "windows"}

    async def restore(self, id: str) -> None:
        """Have the instance running again, past the counting."""
        await asyncio.to_thread(lambda: self._ec2().start_instances(InstanceIds=[id]))

    async def stop_quietly(self, id: str) -> None:
        """Have the instance stopped, past the counting."""
        await asyncio.to_thread(lambda: self._ec2().stop_instances(InstanceIds=[id]))

    async def until(self, id: str, state: str) -> None:
        """Wait until it is there. Errors: TimeoutError after ten seconds."""
        async with asyncio.timeout(10):
            while state not in [s for _, i, _, s in await asyncio.to_thread(self._described) if i == id]:
                await asyncio.sleep(0.05)

    def _ec2(self) -> Any:
        import boto3

        plain = self._demo.settings
        return boto3.client(
            "ec2",
            region_name="us-east-1",
            endpoint_url=plain["endpoint_url"],
            aws_access_key_id=plain["access_key_id"],
            aws_secret_access_key=plain["secret_access_key"],
        )

    def _described(self) -> list[tuple[str, str, str, str]]:
        client = self._ec2()
        try:
            items = [item for r in client.describe_instances()["Reservations"] for item in r["Instances"]]
        finally:
            client.close()
        return [(_name(item), item["InstanceId"], item.get("Platform", ""), item["State"]["Name"]) for item in items]

    async def _take(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await request.read()
        except ConnectionError as error:  # whoever asked was killed over it
            raise web.HTTPBadRequest from error
        self.caller = request.match_info["caller"]
        self.wire.count()
        if self.wire.due(Phase.LOST):
            raise web.HTTPServiceUnavailable  # nobody is there any more to read it
        assert self._client is not None
        headers = CIMultiDict((name, value) for name, value in request.headers.items() if name.lower() not in _HOP)
        url = f"{self._demo.url}/"
        async with self._client.post(url, data=body, headers=headers) as answer:
            content, status, kind = await answer.read(), answer.status, answer.headers.get("Content-Type", "text/xml")
        operation, instances = _asked(request.headers.get("X-Amz-Target", ""), body)
        if status == 200 and operation in CHANGES:
            self.effects.append(Effect(operation, instances, request.match_info["caller"]))
        return await self.wire.answer(request, web.Response(status=status, body=content, headers={"Content-Type": kind}))


def _asked(target: str, body: bytes) -> tuple[str, tuple[str, ...]]:
    """The operation and the instances a request is about."""
    if target:
        asked: dict[str, Any] = json.loads(body or b"{}")
        return target.rpartition(".")[2], tuple(asked.get("InstanceIds", ()))
    form = parse_qs(body.decode())
    ids = tuple(value[0] for key, value in form.items() if key.startswith("InstanceId."))
    return form.get("Action", [""])[0], ids


def _name(item: Any) -> str:
    return next((tag["Value"] for tag in item.get("Tags", ()) if tag["Key"] == "Name"), "")
