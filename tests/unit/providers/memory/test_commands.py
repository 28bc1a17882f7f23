from __future__ import annotations

from datetime import timedelta

import pytest

from providers.memory import Clock, MemoryCommands, MemoryCompute, instance, sample_fleet
from skills.kit.errors import Invalid, Unavailable
from skills.kit.ports.commands import Phase, Shell
from skills.kit.ports.compute import Instance

MINUTE = timedelta(minutes=1)
WEB = sample_fleet()[0]


async def test_the_shell_sees_instance_and_command() -> None:
    def shell(instance: Instance, command: str) -> tuple[int, str, str]:
        return 7, f"{instance.name}: {command}", "warned"

    commands = MemoryCommands(shell=shell)
    (id,) = await commands.send([WEB], "df -h", shell=Shell.BASH, timeout=MINUTE, token="t")
    (only,) = (await commands.state(id)).invocations
    assert (only.phase, only.exit_code, only.output, only.errors) == (Phase.FAILED, 7, "web-server-01: df -h", "warned")
    assert [state.command for state in commands.sent] == ["df -h"]


async def test_long_output_is_cut_in_the_state_and_paged() -> None:
    commands = MemoryCommands(shell=lambda _, __: (0, "a" * 24_000 + "b", "c"))
    (id,) = await commands.send([WEB], "x", shell=Shell.BASH, timeout=MINUTE, token="t")
    (only,) = (await commands.state(id)).invocations
    assert (len(only.output), only.truncated) == (24_000, True)
    assert await commands.output(id, WEB.id, 2) == ("b", 3)
    assert await commands.output(id, WEB.id, 3) == ("c", 3)
    with pytest.raises(Invalid):
        await commands.output(id, WEB.id, 4)


async def test_the_lifecycle_follows_the_clock() -> None:
    clock = Clock()
    commands = MemoryCommands(delay=2, pace=lambda _: 10, clock=clock)
    (id,) = await commands.send([WEB], "true", shell=Shell.BASH, timeout=MINUTE, token="t")
    seen: list[Phase] = []
    for _ in range(4):
        seen.append((await commands.state(id)).invocations[0].phase)
        clock.advance(4)
    assert seen == [Phase.PENDING, Phase.RUNNING, Phase.RUNNING, Phase.SUCCESS]


async def test_batches_of_fifty_by_region() -> None:
    fleet = [instance(f"box-{n}", f"i-{n:017x}", region="eu-west-1" if n < 60 else "us-east-1") for n in range(70)]
    commands = MemoryCommands()
    ids = await commands.send(fleet, "true", shell=Shell.BASH, timeout=MINUTE, token="t")
    assert [len((await commands.state(id)).invocations) for id in ids] == [50, 10, 10]


async def test_a_stopped_instance_cannot_be_sent_to() -> None:
    compute = MemoryCompute([WEB])
    commands = MemoryCommands(compute)
    await compute.change("stop", WEB)
    assert await commands.managed([WEB]) == {WEB.id: False}
    with pytest.raises(Unavailable):
        await commands.send([WEB], "true", shell=Shell.BASH, timeout=MINUTE, token="t")
    assert commands.sent == []
