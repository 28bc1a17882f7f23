from __future__ import annotations

import tracemalloc

from gate.limits.memory import MemoryLimits
from tests.unit.gate.limits.moments import Clock, window


async def test_what_does_not_count_any_more_is_forgotten_without_being_asked_for():
    clock = Clock()
    limits = MemoryLimits(clock=clock)
    for person in range(5_000):
        await limits.take([window(10, key=f"old {person}"), window(5, 10, key=f"old {person}")])
    assert limits.keys == 10_000
    clock.wait(61)
    for person in range(5_000):
        await limits.take([window(10, key=f"new {person}"), window(5, 10, key=f"new {person}")])
    assert limits.keys == 10_000


async def test_many_principals_take_bounded_memory():
    limits = MemoryLimits(clock=Clock(), most=10_000)
    tracemalloc.start()
    try:
        for person in range(30_000):
            await limits.take([window(10, key=f"teams:{'t' * 36}/{person:036}")])
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert limits.keys == 10_000
    assert taken < 10_000 * 500


async def test_one_person_takes_a_bounded_memory_however_often_they_ask():
    clock = Clock()
    limits = MemoryLimits(clock=clock)
    wide = window(1000)
    tracemalloc.start()
    try:
        for _ in range(20_000):
            await limits.take([wide])
            clock.wait(0.01)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken < 50_000


async def test_when_it_is_full_newcomers_wait_for_a_place_and_those_inside_go_on():
    clock = Clock()
    limits = MemoryLimits(clock=clock, most=2)
    await limits.take([window(3, key="anna")])
    clock.wait(10)
    await limits.take([window(3, key="ben")])
    clock.wait(10)

    refused = await limits.take([window(3, key="carla")])
    assert (refused.allowed, refused.retry_after) == (False, 40)
    assert (await limits.take([window(3, key="ben")])).remaining == 1, "nobody who counts was forgotten for a newcomer"
    assert (await limits.take([window(1, name="other", key="carla")])).allowed, "other names have places of their own"
    clock.wait(40)
    assert (await limits.take([window(3, key="carla")])).allowed


async def test_whoever_asks_again_late_is_not_forgotten_early():
    clock = Clock()
    limits = MemoryLimits(clock=clock)
    await limits.take([window(2, key="anna")])
    clock.wait(1)
    await limits.take([window(2, key="ben")])
    clock.wait(58)
    await limits.take([window(2, key="anna")])
    clock.wait(30)
    for other in range(10):
        await limits.take([window(2, key=f"other {other}")])
    assert (await limits.take([window(2, key="anna")])).remaining == 0
    assert not (await limits.take([window(2, key="anna")])).allowed
