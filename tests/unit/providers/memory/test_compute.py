from __future__ import annotations

import pytest

from providers.memory import Clock, MemoryCompute, instance, sample_fleet
from skills.kit.errors import NotFound, Throttled
from skills.kit.ports.compute import InstanceQuery, State


def test_the_sample_fleet_has_distinct_ids_and_names() -> None:
    fleet = sample_fleet()
    assert len({i.id for i in fleet}) == len({i.name for i in fleet}) == 8
    assert {i.environment for i in fleet} == {"production", "staging"}
    assert {i.platform for i in fleet} == {"linux", "windows"}


async def test_a_transition_takes_exactly_its_seconds() -> None:
    clock = Clock()
    web = sample_fleet()[0]
    compute = MemoryCompute([web], transition=5, clock=clock)
    await compute.change("stop", web)
    clock.advance(4.9)
    assert (await compute.get([web.id]))[0].state is State.STOPPING
    clock.advance(0.1)
    assert (await compute.get([web.id]))[0].state is State.STOPPED
    assert compute.changes == [("stop", web.id)]


async def test_without_a_transition_changes_are_at_once() -> None:
    web = sample_fleet()[0]
    compute = MemoryCompute([web])
    await compute.change("stop", web)
    assert (await compute.get([web.id]))[0].state is State.STOPPED


async def test_a_started_instance_is_initializing_at_first() -> None:
    clock = Clock()
    box = instance("box", state=State.STOPPED)
    compute = MemoryCompute([box], checking=60, clock=clock)
    await compute.change("start", box)
    assert (await compute.checks([box]))[box.id].system == "initializing"
    clock.advance(60)
    assert (await compute.checks([box]))[box.id].system == "ok"


async def test_pages_have_their_size() -> None:
    pages = [len(page) async for page in MemoryCompute(sample_fleet(), page=3).pages(InstanceQuery())]
    assert pages == [3, 3, 2]


async def test_a_fault_is_raised_until_it_is_removed() -> None:
    web = sample_fleet()[0]
    compute = MemoryCompute([web])
    compute.faults["change"] = Throttled("slow down", retry_after=3)
    with pytest.raises(Throttled):
        await compute.change("stop", web)
    assert compute.changes == []
    del compute.faults["change"]
    await compute.change("stop", web)


async def test_a_removed_instance_is_not_found() -> None:
    web = sample_fleet()[0]
    compute = MemoryCompute([web])
    compute.remove(web.id)
    with pytest.raises(NotFound):
        await compute.get([web.id])
    compute.add(web)
    assert await compute.get([web.id]) == [web]


async def test_renaming_by_tag_renames() -> None:
    web = sample_fleet()[0]
    compute = MemoryCompute([web])
    await compute.tag(web, {"Name": "web-9"})
    assert (await compute.get([web.id]))[0].name == "web-9"
