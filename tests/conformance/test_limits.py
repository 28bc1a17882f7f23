"""One suite for limits, in this process and in Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Protocol

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gate.limits.memory import MemoryLimits
from gate.limits.window import Limits, Verdict, Window
from store.limits import RedisLimits
from tests import redis_server
from tests.unit.gate.limits.moments import Clock, window


class Make(Protocol):
    """Makes limits nobody has taken anything from."""

    def __call__(self, clock: Callable[[], float]) -> Limits: ...


@pytest.fixture(params=["memory", "redis"])
async def make(request: pytest.FixtureRequest) -> AsyncIterator[Make]:
    async with AsyncExitStack() as ends:
        prefix = ends.enter_context(redis_server.prefix()) if request.param == "redis" else ""
        made: list[Limits] = []

        def one(clock: Callable[[], float]) -> Limits:
            if not prefix:
                made.append(MemoryLimits(clock=clock))
                return made[-1]
            limits = RedisLimits(redis_server.SERVER, prefix=f"{prefix}:{len(made)}", clock=clock)
            ends.push_async_callback(limits.close)
            made.append(limits)
            return limits

        yield one


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits(make: Make, clock: Clock) -> Limits:
    return make(clock)


async def test_a_burst_gets_exactly_the_limit_and_is_told_how_much_is_left(limits: Limits):
    verdicts = [await limits.take([window(10)]) for _ in range(12)]

    assert [verdict.allowed for verdict in verdicts] == [True] * 10 + [False] * 2
    assert [verdict.remaining for verdict in verdicts] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0]


async def test_a_burst_on_each_side_of_an_edge_passes_only_once(limits: Limits, clock: Clock):
    for _ in range(10):
        assert (await limits.take([window(10)])).allowed
    clock.wait(59.999999)
    assert not (await limits.take([window(10)])).allowed
    clock.wait(0.000001)
    for _ in range(10):
        assert (await limits.take([window(10)])).allowed
    assert not (await limits.take([window(10)])).allowed


async def test_the_answer_is_of_the_window_with_least_left(limits: Limits, clock: Clock):
    user, team, burst = window(10), window(100), window(20, 10)
    assert (await limits.take([user, team, burst])).window == user
    for other in range(8):
        await limits.take([window(10, key=f"other{other}"), team, burst])
    verdict = await limits.take([window(10, key="new"), team, window(10, 10, key="new")])
    assert verdict.window == window(10, key="new"), "of two with as much left, the one that lasts longer"
    for other in range(8):
        await limits.take([window(10, key=f"other{other}"), team, burst])
    assert (await limits.take([user, team, burst])) == Verdict(True, burst, 2, 10.0, 0.0)


async def test_a_refused_one_takes_nothing_from_any_window(limits: Limits):
    narrow, wide = window(1), window(10)
    assert (await limits.take([narrow, wide])).allowed
    for _ in range(20):
        assert (await limits.take([wide, narrow])).window == narrow
    assert (await limits.take([wide])).remaining == 8


async def test_of_several_full_windows_the_longest_wait_counts(limits: Limits, clock: Clock):
    short, long = window(1, 10), window(1, 60)
    await limits.take([long])
    clock.wait(55)
    await limits.take([short])
    assert (await limits.take([short, long])) == Verdict(False, short, 0, 10.0, 10.0)
    clock.wait(7)
    assert (await limits.take([short, long])) == Verdict(False, short, 0, 3.0, 3.0)


async def test_reset_is_when_all_of_the_limit_is_there_again(limits: Limits, clock: Clock):
    await limits.take([window(2)])
    clock.wait(20)
    assert (await limits.take([window(2)])).reset_after == 60
    clock.wait(15)
    refused = await limits.take([window(2)])
    assert (refused.retry_after, refused.reset_after) == (25, 45)
    clock.wait(45)
    assert (await limits.take([window(2)])).remaining == 1


async def test_keys_and_names_do_not_touch_each_other(limits: Limits):
    assert (await limits.take([window(1, key="anna")])).allowed
    assert (await limits.take([window(1, key="ben")])).allowed
    assert (await limits.take([window(1, name="other", key="anna")])).allowed
    assert not (await limits.take([window(1, key="anna")])).allowed


async def test_a_smaller_limit_counts_what_was_taken_under_a_larger_one(limits: Limits, clock: Clock):
    for _ in range(3):
        await limits.take([window(5, name="w")])
        clock.wait(1)
    refused = await limits.take([window(2, name="w")])
    assert not refused.allowed
    assert refused.retry_after == 58, "two of the three have to be over"


async def test_keys_may_be_anything(limits: Limits):
    strange = [":", "", "{x}", "ä ö", "a" * 400, "\x7f"]
    for key in strange:
        assert (await limits.take([window(1, key=key)])).allowed
    for key in strange:
        assert not (await limits.take([window(1, key=key)])).allowed


async def test_many_at_once_get_the_limit_and_not_one_more(limits: Limits):
    verdicts = await asyncio.gather(*(limits.take([window(30), window(20, 10)]) for _ in range(100)))
    assert sum(verdict.allowed for verdict in verdicts) == 20
    assert sorted(verdict.remaining for verdict in verdicts if verdict.allowed) == list(range(20))


WINDOWS = (window(1, 2), window(3, 7), window(5, 10, key="team"))
STEPS = st.lists(st.tuples(st.integers(0, 3_000_000), st.sets(st.sampled_from(WINDOWS), min_size=1)), max_size=40)
EDGE = [(0, {WINDOWS[1]})] * 3 + [(7_000_000, {WINDOWS[1]})] * 4


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
@example(steps=EDGE)
async def test_no_span_of_a_windows_length_ever_has_more_and_nobody_waits_longer_than_needed(
    make: Make, steps: list[tuple[int, set[Window]]]
):
    clock = Clock()
    limits = make(clock)
    taken: dict[Window, list[int]] = {one: [] for one in WINDOWS}
    moment = 0
    for pause, chosen in steps:
        moment += pause
        clock.now = 1_000_000 + moment / 1e6
        counted = {one: [at for at in taken[one] if at > moment - one.seconds * 1_000_000] for one in chosen}
        room = all(len(counted[one]) < one.limit for one in chosen)

        verdict = await limits.take(sorted(chosen))

        assert verdict.allowed == room, "refused exactly when some window is full: nothing was taken by refused ones"
        if room:
            assert verdict.remaining == min(one.limit - len(counted[one]) - 1 for one in chosen)
            for one in chosen:
                taken[one].append(moment)
        else:
            waits = [counted[one][0] + one.seconds * 1_000_000 - moment for one in chosen if len(counted[one]) == one.limit]
            assert verdict.retry_after == max(waits) / 1e6
    for one, moments in taken.items():
        for first, beyond in zip(moments, moments[one.limit :], strict=False):
            assert beyond - first >= one.seconds * 1_000_000


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pauses=st.lists(st.integers(0, 4_000_000), min_size=1, max_size=30))
async def test_a_retry_at_the_promised_moment_succeeds_and_just_before_it_does_not(make: Make, pauses: list[int]):
    clock = Clock()
    limits = make(clock)
    for pause in pauses:
        clock.wait(pause / 1e6)
        verdict = await limits.take(WINDOWS)
        if verdict.allowed:
            continue
        refused_at = clock.now
        clock.now = refused_at + verdict.retry_after - 0.000002
        assert not (await limits.take(WINDOWS)).allowed
        clock.now = refused_at + verdict.retry_after
        assert (await limits.take(WINDOWS)).allowed
