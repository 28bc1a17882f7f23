from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from providers.memory import MemoryCompute, MemoryMetrics, instance
from skills.costs.models import Rightsizing, SizeAdvice
from skills.costs.rightsize import Rightsize, rightsize
from skills.costs.sizes import larger, smaller
from skills.kit.ports.compute import Instance, State
from skills.kit.ports.metrics import Metric

Value = Callable[[Instance, Metric, datetime], float | None]


def steady(cpu: float, memory: float | None, days: float = 30) -> Value:
    since = datetime.now(UTC) - timedelta(days=days)
    return lambda one, metric, at: None if at < since else {Metric.CPU: cpu, Metric.MEMORY: memory}[metric]


async def sized(value: Value, *fleet: Instance, **asked: object) -> Rightsizing:
    fleet = fleet or (instance("web", "i-1", type="m6i.xlarge"),)
    args = Rightsize.model_validate(asked)
    return await rightsize.run(args, compute=MemoryCompute(fleet), metrics=MemoryMetrics(value))


async def advice(value: Value, *fleet: Instance, **asked: object) -> SizeAdvice:
    (one,) = (await sized(value, *fleet, **asked)).advice
    return one


async def test_room_in_cpu_and_memory_means_one_size_down_at_half_the_price() -> None:
    one = await advice(steady(10, 20))
    assert (one.advice, one.type, one.to, one.saving) == ("downsize", "m6i.xlarge", "m6i.large", 50)
    assert "halves the price" in one.reason
    assert one.measured >= timedelta(days=13)


@pytest.mark.parametrize(("cpu", "memory"), [(85, 30), (30, 85)])
async def test_short_of_cpu_or_memory_means_one_size_up(cpu: float, memory: float) -> None:
    one = await advice(steady(cpu, memory))
    assert (one.advice, one.to, one.saving) == ("upsize", "m6i.2xlarge", -100)


async def test_an_idle_one_is_to_be_stopped_even_without_memory() -> None:
    one = await advice(steady(0.5, None))
    assert (one.advice, one.saving) == ("stop", 100)


@pytest.mark.parametrize(("cpu", "memory"), [(50, 20), (20, 50), (50, 50)])
async def test_one_that_is_used_fits(cpu: float, memory: float) -> None:
    result = await sized(steady(cpu, memory))
    assert (result.advice, result.fitting, result.unjudged) == ((), 1, ())


async def test_rare_peaks_forbid_a_smaller_size() -> None:
    hot = datetime.now(UTC) - timedelta(hours=5)
    result = await sized(lambda one, metric, at: 95 if metric is Metric.CPU and at >= hot else 10)
    assert (result.advice, result.fitting) == ((), 1)


async def test_memory_halves_too_so_unmeasured_memory_is_no_advice() -> None:
    result = await sized(steady(10, None))
    assert result.advice == ()
    assert "memory halves with it" in result.unjudged[0].reason


async def test_too_little_measurement_is_no_advice() -> None:
    result = await sized(steady(0.5, 10, days=2))
    assert result.advice == ()
    assert "2 days only; 3 days are needed" in result.unjudged[0].reason
    assert (await sized(steady(0.5, 10, days=2), needed="1d")).advice != ()


async def test_gaps_in_the_measurement_are_no_advice() -> None:
    result = await sized(lambda one, metric, at: 0.5 if at.hour % 2 else None)
    assert result.advice == ()
    assert "of the time only" in result.unjudged[0].reason


async def test_unmeasured_and_stopped_ones_are_said() -> None:
    fleet = (instance("dark", "i-1"), instance("off", "i-2", state=State.STOPPED))
    result = await sized(lambda one, metric, at: None, *fleet, instances=["i-1", "i-2"])
    assert {one.name: one.reason for one in result.unjudged} == {"off": "It does not run.", "dark": "CPU: Nothing was reported."}


async def test_of_all_only_the_running_are_judged() -> None:
    result = await sized(steady(50, 50), instance("on", "i-1"), instance("off", "i-2", state=State.STOPPED))
    assert (result.fitting, result.unjudged) == (1, ())


async def test_the_smallest_of_a_family_fits() -> None:
    result = await sized(steady(10, 20), instance("web", type="m6i.large"))
    assert (result.advice, result.fitting) == ((), 1)


@pytest.mark.parametrize(
    ("type", "down", "up"),
    [
        ("t3.medium", "t3.small", "t3.large"),
        ("t3.nano", "", "t3.micro"),
        ("t3.2xlarge", "t3.xlarge", ""),
        ("m6i.large", "", "m6i.xlarge"),
        ("m7g.large", "m7g.medium", "m7g.xlarge"),
        ("r6gd.medium", "", "r6gd.large"),
        ("g5.xlarge", "g5.large", "g5.2xlarge"),
        ("c5.9xlarge", "", ""),
        ("m5.metal", "", ""),
        ("", "", ""),
        ("strange", "", ""),
    ],
)
def test_neighbouring_sizes(type: str, down: str, up: str) -> None:
    assert (smaller(type), larger(type)) == (down, up)


@pytest.mark.parametrize("asked", [{"window": "5h"}, {"needed": "2h"}, {"window": "64d"}])
def test_windows_that_cannot_be_are_refused(asked: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Rightsize.model_validate(asked)
