"""The ports twice: the twins in memory, and the real ones talking to the simulated AWS in a process of its own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from providers.aws import Aws, AwsSettings
from providers.memory import Clock, MemoryCommands, MemoryCompute, MemoryCosts, MemoryMetrics, instance, sample_fleet
from skills.kit.ports.commands import Commands
from skills.kit.ports.compute import Compute, Instance, InstanceQuery
from skills.kit.ports.costs import Costs
from skills.kit.ports.metrics import Metrics

TRANSITION = 0.5
"""Seconds a start or stop takes in both."""


@dataclass(frozen=True)
class Cloud:
    """The four ports over one fleet. wait: let that many seconds go by. In it at least: web-server-01 and -02, api-01 and -02
    (production), report-01 (Windows), one instance that is stopped, and bastion-01, which runs without an agent."""

    compute: Compute
    metrics: Metrics
    commands: Commands
    costs: Costs
    wait: Callable[[float], Awaitable[None]]

    async def named(self, name: str) -> Instance:
        """The instance of that name as it is now."""
        (found,) = [i async for page in self.compute.pages(InstanceQuery(name=name)) for i in page]
        return found

    async def until(self, done: Callable[[], Awaitable[bool]], seconds: float = 15) -> None:
        """Wait until something is so; a test fails when it is not in time."""
        for _ in range(int(seconds / 0.1)):
            if await done():
                return
            await self.wait(0.1)
        pytest.fail(f"it did not happen within {seconds} s")


@pytest.fixture(scope="session")
def simulated() -> Iterator[str]:
    """The URL of the simulated AWS."""
    command = [sys.executable, "-m", "providers.demo", "--port", "0", "--transition", str(TRANSITION), "--instances", "24"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "MOTO_"))}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("ready "), f"the simulated AWS did not start: {line!r}"
        yield line.split()[1]
        process.terminate()


@pytest.fixture
def twins() -> Cloud:
    """The twins, on a clock that only `wait` moves."""
    clock = Clock()
    bastion = instance("bastion-01")
    compute = MemoryCompute([*sample_fleet(), bastion], TRANSITION, clock=clock, page=3)
    commands = MemoryCommands(compute, delay=0.1, unmanaged={bastion.id}, clock=clock)

    async def wait(seconds: float) -> None:
        clock.advance(seconds)
        await asyncio.sleep(0)

    return Cloud(compute, MemoryMetrics(clock=clock), commands, MemoryCosts(clock=clock), wait)


@pytest.fixture
async def real(simulated: str) -> AsyncIterator[Cloud]:
    """The real ports on the simulated AWS."""
    settings = AwsSettings(
        regions=["us-east-1"], endpoint_url=simulated, access_key_id="demo", secret_access_key=SecretStr("demo"), threads=4
    )
    aws = Aws(settings)
    yield Cloud(aws.compute, aws.metrics, aws.commands, aws.costs, asyncio.sleep)
    await aws.close()


@pytest.fixture(params=["twins", pytest.param("real", marks=pytest.mark.demo)])
def cloud(request: pytest.FixtureRequest) -> Cloud:
    """Each in turn."""
    return request.getfixturevalue(request.param)
