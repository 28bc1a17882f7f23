"""A few kills of each kind on both stores, with the real program; `python -m tests.chaos` does many more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import pytest
import pytest_asyncio

from tests import databases
from tests.chaos.plan import Kill, Plan
from tests.chaos.scene import LEASE, Scene, scene
from tests.chaos.trial import Report, Trial
from tests.chaos.tripwire import Phase

pytestmark = [pytest.mark.chaos, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

KILLS = (
    Plan("instances.stop", "twice", Kill("clock", after=0.01)),
    Plan("instances.stop", "redelivered", Kill("aws", number=4, phase=Phase.REACHED)),
    Plan("commands.run", "once", Kill("aws", number=3, phase=Phase.LOST)),
    Plan("commands.run", "twice", Kill("clock", after=0.25, back=None)),
    Plan("instances.reboot", "once", Kill("aws", number=2, phase=Phase.ANSWERED)),
    Plan("instances.start", "once", Kill("teams", number=1, phase=Phase.LOST)),
)


@dataclass
class Stage:
    """A scene, and instances nobody has touched yet."""

    scene: Scene
    instances: dict[str, str]
    names: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self.names = cycle(sorted(name for name in self.instances if name.startswith(("web", "api", "worker", "checkout"))))

    async def run(self, plan: Plan) -> Report:
        """One run on the next instance. Errors: Broken."""
        await self.scene.whole()
        name = next(self.names)
        return await Trial(self.scene, plan, name, self.instances[name]).run()


@contextmanager
def _store(kind: str, folder: Path) -> Generator[str]:
    if kind == "sqlite":
        yield databases.sqlite(folder)
    else:
        with databases.postgres() as url:
            yield url


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
async def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """One process on SQLite, two replicas on PostgreSQL."""
    folder = tmp_path_factory.mktemp("chaos")
    replicas = 1 if request.param == "sqlite" else 2
    with _store(request.param, folder) as url:
        async with scene(url, folder, replicas=replicas, seed=5) as here:
            yield Stage(here, await here.cloud.running())


@pytest.mark.parametrize("plan", KILLS, ids=str)
async def test_a_kill_leaves_one_effect_and_its_result_in_the_conversation(stage: Stage, plan: Plan) -> None:
    if len(stage.scene.replicas) == 1 and plan.kill and plan.kill.back is None:
        plan = Plan(plan.skill, plan.clicks, Kill(plan.kill.by, after=plan.kill.after))
    report = await stage.run(plan)
    assert report.killed >= 1
    assert report.requests == 1 or report.unsaid


async def test_fifty_clicks_at_once_give_one_run(stage: Stage) -> None:
    report = await stage.run(Plan("commands.run", "fifty"))
    assert (report.requests, report.takeovers) == (1, 0)


async def test_a_click_delivered_again_under_a_new_id_gives_no_second_run(stage: Stage) -> None:
    report = await stage.run(Plan("instances.reboot", "redelivered"))
    assert (report.requests, report.takeovers) == (1, 0)


async def test_a_replica_that_was_frozen_does_not_go_on_with_what_was_taken_from_it(stage: Stage) -> None:
    report = await stage.run(Plan("commands.run", "once", Kill("aws", number=5, phase=Phase.ANSWERED, frozen=2 * LEASE)))
    assert (report.requests, report.takeovers) == (1, 1 if len(stage.scene.replicas) > 1 else 0)  # alone, nobody takes it
