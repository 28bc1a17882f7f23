"""Durable actions on SQLite: what a step costs, and two hundred actions at once, against DBOS or against nothing durable at all.

DBOS is measured when it is installed beside us (`pip install dbos==3.4.0`); it is no dependency. What it was measured at, and
on PostgreSQL, is in docs/decisions/durable-actions.md. A step of ours is kept twice, before its effect and after it; a step of
DBOS once, after it.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import secrets
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from gate import logs
from gate.action import Action, ActionState, digest
from gate.principal import Principal
from gate.record import Recorder
from gate.run import Run
from gate.runner import Runner
from skills.kit.arguments import Result
from skills.kit.ports.run import StepState
from store.actions import SqlActions
from store.audit import SqlAudit
from store.engine import Database
from store.owners import SqlOwners
from store.schema import ensure

if TYPE_CHECKING:
    from gate.gate import Gate

STEPS = 4
ALONE = 100
"""Actions one after the other, of `STEPS` steps that do nothing."""

MANY, WIDTH, LENGTH = 200, 20, 0.02
"""Actions at once, how many of them work at the same time, and for how many seconds each."""

ANNA = Principal(kind="teams", id="anna", tenant="t1", name="Anna")
Work = Callable[[int, float], Awaitable[None]]


def run() -> list[dict[str, Any]]:
    """The measurements: name, value, unit, peer, ratio (value / peer, below 1 is better); the peer's name is in the name."""
    logs.configure("json", "ERROR")
    url = os.environ.get("OPS_BENCH_DATABASE", "")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        ours = asyncio.run(_ours(url or f"sqlite:///{folder}/ops.db"))
    if importlib.util.find_spec("dbos"):
        name = "DBOS"
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            peer = _dbos(url.replace("+psycopg", "") or f"sqlite:///{folder}/dbos.db")
    else:
        name, peer = "asyncio", asyncio.run(_bare())
    rows = [
        ("durable action: one step", "ms", ours[0], peer[0]),
        (f"durable action: {MANY} of {LENGTH * 1000:.0f} ms, {WIDTH} at a time", "s", ours[1], peer[1]),
    ]
    return [
        {
            "name": f"{what} (peer: {name})",
            "value": round(value, 3),
            "unit": unit,
            "peer": round(other, 3),
            "ratio": round(value / other, 2) if other > 0.0005 else None,
        }
        for what, unit, value, other in rows
    ]


class Bench(Result):
    """Nothing to say."""


class Straight:
    """In the gate's place: the runner is measured, not the policy. slots: how many work at a time."""

    def __init__(self) -> None:
        self.slots = asyncio.Semaphore(WIDTH)

    async def run_confirmed(self, action: Action, run: Run) -> Result:
        """So many steps, each so many seconds long."""
        for number in range(action.arguments["steps"]):
            name = f"step {number}"
            await run.step(name)
            async with self.slots:
                await asyncio.sleep(action.arguments["seconds"])
            await run.step(name, state=StepState.DONE)
        return Bench()


async def _ours(url: str) -> tuple[float, float]:
    """Milliseconds a step, and seconds for the many: from the confirmation to the final card."""
    database = Database(url)
    await database.run(ensure)
    audit = SqlAudit(database)
    actions, recorder = SqlActions(database, "bench", audit=audit), Recorder(audit)
    over: dict[str, asyncio.Event] = {}

    async def changed(action: Action) -> None:
        if action.state.final:
            over[action.id].set()

    runner = Runner(actions, SqlOwners(database, "bench", alone=True), recorder, changed=changed)
    await runner.start(cast("Gate", Straight()))

    async def one(steps: int, seconds: float) -> None:
        action = _action(steps, seconds)
        over[action.id] = asyncio.Event()
        await actions.add(action)
        now = datetime.now(UTC)
        await actions.confirm(action.id, ANNA, now, record=lambda changed: recorder.decided("confirmed", changed, ANNA))
        runner.confirmed(action.id)
        await over[action.id].wait()

    try:
        return await _timed(one)
    finally:
        await runner.stop(5)
        await database.close()


async def _timed(one: Work) -> tuple[float, float]:
    await one(STEPS, 0)
    begun = time.perf_counter()
    for _ in range(ALONE):
        await one(STEPS, 0)
    step = (time.perf_counter() - begun) / ALONE / STEPS * 1000
    begun = time.perf_counter()
    await asyncio.gather(*(one(1, LENGTH) for _ in range(MANY)))
    return step, time.perf_counter() - begun


async def _bare() -> tuple[float, float]:
    slots = asyncio.Semaphore(WIDTH)

    async def one(steps: int, seconds: float) -> None:
        for _ in range(steps):
            async with slots:
                await asyncio.sleep(seconds)

    return await _timed(one)


def _dbos(url: str) -> tuple[float, float]:
    """The same through DBOS: a workflow for an action, with as many steps."""
    library: Any = importlib.import_module("dbos")
    library.DBOS(config={"name": "bench", "system_database_url": url, "run_admin_server": False, "log_level": "ERROR"})
    slots = asyncio.Semaphore(WIDTH)

    @library.DBOS.step()
    async def step(seconds: float) -> None:
        async with slots:
            await asyncio.sleep(seconds)

    @library.DBOS.workflow()
    async def workflow(steps: int, seconds: float) -> None:
        for _ in range(steps):
            await step(seconds)

    async def one(steps: int, seconds: float) -> None:
        handle = await library.DBOS.start_workflow_async(workflow, steps, seconds)
        await handle.get_result()

    async def both() -> tuple[float, float]:
        library.DBOS.launch()
        try:
            return await _timed(one)
        finally:
            library.DBOS.destroy()

    return asyncio.run(both())


def _action(steps: int, seconds: float) -> Action:
    arguments, now = {"steps": steps, "seconds": seconds}, datetime.now(UTC)
    return Action(
        id=secrets.token_urlsafe(18),
        skill="bench.steps",
        arguments=arguments,
        digest=digest("bench.steps", arguments),
        principal=ANNA,
        correlation=secrets.token_hex(16),
        state=ActionState.PENDING,
        created_at=now,
        expires_at=now + timedelta(minutes=15),
    )


def main() -> int:
    """By itself."""
    for row in run():
        print(row)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
