"""What the gate adds to a skill that only reads (validate, authorise, resolve, limit, record), against the skill alone."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from gate.call import Call, Completed
from gate.conversation import Inbound, Place
from gate.limits.limiter import Limiter
from gate.limits.rules import LimitSettings
from gate.record import Recorder
from gate.records import AuditEntry
from tests import databases
from tests.toy import ANNA, Nothing, World, list_lamps, world

TIMES = 1500


class Nowhere:
    """A record that keeps nothing: what the gate costs with the record off its path."""

    async def append(self, entry: AuditEntry) -> None:
        """Nothing."""


def run() -> list[dict[str, Any]]:
    """Medians. Bars: under 3 ms, and under 0.5 ms with the record off the path."""
    return asyncio.run(_run())


async def _run() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        here = await world(databases.sqlite(Path(folder)))
        limiter = Limiter(LimitSettings(chat_user=10**9, chat_team=10**9, chat_burst=10**9))
        place = Place(door="api", key="room")
        inbound = Inbound(principal=ANNA, place=place, text="which lamps are lit", correlation="c")

        async def through() -> None:
            await limiter.message(inbound)
            call = Call("lamps.list", {}, ANNA, "c", place=place, words=inbound.text, route="grammar")
            outcome = await here.gate.dispatch(call)
            assert isinstance(outcome, Completed)
            await outcome.recorded

        async def alone() -> None:
            await list_lamps.run(Nothing(), lamps=here.room)

        with_record = await _median(through)
        bare = await _median(alone)
        kept = _without_record(here)
        without = await _median(through)
        here.gate._record = kept  # pyright: ignore[reportPrivateUsage]
        await here.close()
    rows = (("gate, record on SQLite", with_record), ("gate, record off the path", without))
    peer = f"the skill called directly ({bare * 1000:.1f} µs)"
    return [
        {"name": name, "value": round(value, 4), "unit": "ms", "peer": peer, "ratio": round(value / bare, 1)}
        for name, value in rows
    ]


def _without_record(here: World) -> Recorder:
    kept = here.gate._record  # pyright: ignore[reportPrivateUsage]
    here.gate._record = Recorder(Nowhere())  # pyright: ignore[reportPrivateUsage, reportArgumentType]
    return kept


async def _median(work: Callable[[], Awaitable[None]]) -> float:
    """Milliseconds of one, the median of many after some that warm up."""
    took: list[float] = []
    for number in range(TIMES + 100):
        began = time.perf_counter()
        await work()
        if number >= 100:
            took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)
