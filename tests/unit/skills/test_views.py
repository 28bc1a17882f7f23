"""Real results through their views, and kept and read again as the action store does it."""

from __future__ import annotations

from typing import Any

import pytest

import skills
from providers.memory import MemoryCommands, MemoryCompute, MemoryCosts, MemoryMetrics, sample_fleet
from skills.kit import Result
from skills.kit.catalogue import Bound, discover
from skills.kit.ports.commands import Commands
from skills.kit.ports.compute import Compute
from skills.kit.ports.costs import Costs
from skills.kit.ports.history import Deed, History, HistoryQuery, Touched, Word
from skills.kit.ports.metrics import Metrics
from skills.kit.ports.pending import Pending
from skills.kit.ports.run import Caller, Progress
from tests.unit.skills.run import Person, Run, Waits, now_clock

WEB, WEB2, STOPPED = "i-0a1b2c3d4e5f60001", "i-0a1b2c3d4e5f60002", "i-0a1b2c3d4e5f60008"
CATALOGUE = discover(skills)

ASKED: list[tuple[str, dict[str, Any]]] = [
    ("approvals.list", {}),
    ("audit.history", {}),
    ("audit.history", {"instances": [WEB], "did": "stopped", "day": "yesterday", "page": 2}),
    ("audit.mine", {"window": "6h", "page_size": 1}),
    ("commands.run", {"command": "hostname", "instances": [WEB]}),
    ("commands.run", {"command": "exit 1", "instances": [WEB, WEB2, STOPPED]}),
    ("costs.rightsize", {}),
    ("costs.summary", {"period": "month"}),
    ("costs.summary", {"period": "today"}),
    ("help", {}),
    ("help", {"topic": "stop"}),
    ("instances.describe", {"instance": WEB}),
    ("instances.describe", {"instance": STOPPED}),
    ("instances.health", {}),
    ("instances.health", {"instances": [WEB], "cpu_warning": 1, "cpu_critical": 2}),
    ("instances.list", {}),
    ("instances.list", {"environment": "none"}),
    ("instances.metrics", {"instances": [WEB, WEB2], "window": "24h"}),
    ("instances.reboot", {"instances": [WEB, STOPPED]}),
    ("instances.start", {"instances": [STOPPED]}),
    ("instances.stop", {"instances": [WEB, "i-none"]}),
    ("instances.tag", {"instances": [WEB], "tags": ["owner=platform"]}),
    ("instances.untag", {"instances": [WEB, "i-none"], "keys": ["Environment"]}),
]


class Told:
    """History: two deeds, whatever is asked."""

    async def deeds(self, query: HistoryQuery) -> list[Deed]:
        now = now_clock()()
        ben = Word(person="Ben", said="approved", at=now)
        stopped = Deed(id="c1", at=now, person="Ada", principal="teams:t1/ada", skill="instances.stop", outcome="succeeded")
        about = {"targets": (Touched(id=WEB, name="web-server-01"),), "decisions": (ben,), "words": "stop web-server-01"}
        refused = stopped.model_copy(update={"id": "c2", "outcome": "refused", "why": "Viewers may not stop instances."})
        return [stopped.model_copy(update=about), refused][: query.limit]


async def result_of(name: str, asked: dict[str, Any]) -> Result:
    clock = now_clock()
    compute = MemoryCompute(sample_fleet(), 5, clock=clock)
    ports = {
        Compute: compute,
        Metrics: MemoryMetrics(clock=clock),
        Commands: MemoryCommands(compute, clock=clock),
        Costs: MemoryCosts(clock=clock),
        History: Told(),
    }
    skill = CATALOGUE.get(name)
    scoped: dict[type, Any] = {Progress: Run(clock), Caller: Person(*CATALOGUE), Pending: Waits()}
    return await Bound(CATALOGUE, ports, scoped).runner(skill, scoped)(skill.arguments.model_validate(asked))


@pytest.mark.parametrize(("name", "asked"), ASKED, ids=[f"{name}-{number}" for number, (name, _) in enumerate(ASKED)])
async def test_a_real_result_becomes_a_card_also_after_it_was_kept(name: str, asked: dict[str, Any]) -> None:
    skill, result = CATALOGUE.get(name), await result_of(name, asked)
    again = skill.result.model_validate_json(result.model_dump_json(by_alias=True))
    assert again == result
    card = skill.view(result)
    assert card["type"] == "AdaptiveCard"
    assert card["body"]
    assert skill.view(again) == card
