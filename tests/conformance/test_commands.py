"""What Commands promises."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

import pytest

from skills.kit.errors import Invalid, NotFound, Unavailable
from skills.kit.ports.commands import CommandState, Phase, Shell
from skills.kit.ports.compute import Instance, InstanceQuery, State
from tests.conformance.conftest import Cloud

NOBODY = "00000000-0000-4000-8000-000000000000"


async def send(
    cloud: Cloud, instances: Sequence[Instance], command: str, *, seconds: float = 60, token: str = "", shell: Shell = Shell.BASH
) -> str:
    token = token or str(uuid.uuid4())
    (id,) = await cloud.commands.send(instances, command, shell=shell, timeout=timedelta(seconds=seconds), token=token)
    return id


async def finished(cloud: Cloud, id: str) -> CommandState:
    async def final() -> bool:
        return (await cloud.commands.state(id)).final

    await cloud.until(final)
    return await cloud.commands.state(id)


async def test_managed_tells_who_answers(cloud: Cloud) -> None:
    pages = cloud.compute.pages(InstanceQuery(states=(State.STOPPED,)))
    stopped = next(iter([instance async for page in pages for instance in page]))
    api, bastion = await cloud.named("api-01"), await cloud.named("bastion-01")
    assert await cloud.commands.managed([api, bastion, stopped]) == {api.id: True, bastion.id: False, stopped.id: False}
    assert await cloud.commands.managed([]) == {}


async def test_a_command_runs_on_every_instance(cloud: Cloud) -> None:
    instances = [await cloud.named("api-01"), await cloud.named("api-02")]
    id = await send(cloud, instances, "echo hello")
    first = await cloud.commands.state(id)
    assert first.command == "echo hello"
    assert {i.instance_id for i in first.invocations} == {i.id for i in instances}
    state = await finished(cloud, id)
    for invocation in state.invocations:
        assert (invocation.phase, invocation.exit_code, invocation.output) == (Phase.SUCCESS, 0, "hello\n")
        assert not invocation.truncated
        assert invocation.started_at is not None
        assert invocation.ended_at is not None
        assert state.requested_at.utcoffset() == timedelta()
        assert invocation.started_at <= invocation.ended_at


async def test_a_failure_keeps_its_exit_code_and_errors(cloud: Cloud) -> None:
    api = await cloud.named("api-01")
    (plain,) = (await finished(cloud, await send(cloud, [api], "exit 3"))).invocations
    assert (plain.phase, plain.exit_code) == (Phase.FAILED, 3)
    (unknown,) = (await finished(cloud, await send(cloud, [api], "no-such-program"))).invocations
    assert (unknown.phase, unknown.exit_code) == (Phase.FAILED, 127)
    assert "command not found" in unknown.errors


async def test_a_second_send_with_the_same_token_finds_the_first(cloud: Cloud) -> None:
    instances = [await cloud.named("api-01"), await cloud.named("api-02")]
    token = str(uuid.uuid4())
    first = await send(cloud, instances, "echo once", token=token)
    assert await send(cloud, instances[::-1], "echo once", token=token) == first
    assert await send(cloud, instances, "echo once") != first


async def test_a_command_goes_pending_running_and_can_be_cancelled(cloud: Cloud) -> None:
    api = await cloud.named("api-01")
    id = await send(cloud, [api], "sleep 30")
    seen: list[Phase] = []

    async def runs() -> bool:
        seen.append((await cloud.commands.state(id)).invocations[0].phase)
        return seen[-1] is Phase.RUNNING

    await cloud.until(runs)
    assert set(seen) <= {Phase.PENDING, Phase.RUNNING}
    await cloud.commands.cancel(id)
    (invocation,) = (await finished(cloud, id)).invocations
    assert (invocation.phase, invocation.exit_code) == (Phase.CANCELLED, None)
    await cloud.commands.cancel(id)
    assert (await cloud.commands.state(id)).invocations[0].phase is Phase.CANCELLED


async def test_cancelling_what_has_ended_changes_nothing(cloud: Cloud) -> None:
    id = await send(cloud, [await cloud.named("api-01")], "echo done")
    await finished(cloud, id)
    await cloud.commands.cancel(id)
    assert (await cloud.commands.state(id)).invocations[0].phase is Phase.SUCCESS


async def test_a_command_that_takes_too_long_times_out(cloud: Cloud) -> None:
    id = await send(cloud, [await cloud.named("api-02")], "sleep 30", seconds=1)
    (invocation,) = (await finished(cloud, id)).invocations
    assert (invocation.phase, invocation.exit_code) == (Phase.TIMED_OUT, None)


async def test_output_has_at_least_one_page(cloud: Cloud) -> None:
    api = await cloud.named("api-01")
    loud, quiet = await send(cloud, [api], "echo hello"), await send(cloud, [api], "true")
    await finished(cloud, loud)
    await finished(cloud, quiet)
    assert await cloud.commands.output(loud, api.id, 1) == ("hello\n", 1)
    assert await cloud.commands.output(quiet, api.id, 1) == ("", 1)
    for page in (0, 2):
        with pytest.raises(Invalid):
            await cloud.commands.output(loud, api.id, page)


async def test_what_is_not_there_is_not_found(cloud: Cloud) -> None:
    api, other = await cloud.named("api-01"), await cloud.named("api-02")
    with pytest.raises(NotFound):
        await cloud.commands.state(NOBODY)
    with pytest.raises(NotFound):
        await cloud.commands.cancel(NOBODY)
    with pytest.raises(NotFound):
        await cloud.commands.output(NOBODY, api.id, 1)
    id = await send(cloud, [api], "true")
    with pytest.raises(NotFound):
        await cloud.commands.output(id, other.id, 1)


async def test_an_instance_without_agent_is_unavailable(cloud: Cloud) -> None:
    with pytest.raises(Unavailable) as caught:
        await send(cloud, [await cloud.named("bastion-01")], "uptime")
    assert caught.value.part == "ssm"


async def test_the_wrong_shell_for_the_platform_is_invalid(cloud: Cloud) -> None:
    with pytest.raises(Invalid):
        await send(cloud, [await cloud.named("report-01")], "uptime")
    with pytest.raises(Invalid):
        await send(cloud, [await cloud.named("api-01")], "Get-Date", shell=Shell.POWERSHELL)
