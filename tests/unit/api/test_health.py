from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from api.health import Health, Probe


class Part:
    """A part that answers, fails or hangs, and counts how often it was asked."""

    def __init__(self, *, fails: bool = False, hangs: bool = False) -> None:
        self.fails, self.hangs, self.asked = fails, hangs, 0

    async def __call__(self) -> None:
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.fails:
            raise ConnectionError("db.internal:5432 refused")


async def get(*probes: Probe, times: int = 1) -> tuple[int, dict[str, Any]]:
    app = web.Application()
    app.router.add_get("/health", Health("ops-copilot", "1.0.0", probes, seconds=0.05).get)
    async with TestClient(TestServer(app)) as client:
        responses = [await client.get("/health") for _ in range(times)]
        return responses[-1].status, await responses[-1].json()


async def test_a_healthy_service_says_so_in_the_documented_fields() -> None:
    status, body = await get(Probe("store", Part()))
    assert status == 200
    assert (body["status"], body["service"], body["version"], body["down"]) == ("healthy", "ops-copilot", "1.0.0", [])
    assert body["timestamp"].endswith("Z")


async def test_a_required_part_that_fails_or_hangs_makes_it_unhealthy_without_naming_the_cause() -> None:
    status, body = await get(Probe("store", Part(fails=True)), Probe("aws", Part(hangs=True)), Probe("teams", Part()))
    assert (status, body["status"], body["down"]) == (503, "unhealthy", ["store", "aws"])
    assert "internal" not in str(body)


async def test_an_optional_part_only_degrades_it() -> None:
    status, body = await get(Probe("store", Part()), Probe("model", Part(fails=True), required=False))
    assert (status, body["status"], body["down"]) == (200, "degraded", ["model"])


async def test_many_questions_in_a_moment_ask_the_parts_once() -> None:
    part = Part()
    await get(Probe("store", part), times=5)
    assert part.asked == 1
