from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from pydantic import ValidationError

from providers.memory import Clock, MemoryCommands, MemoryCompute, instance, sample_fleet
from skills.commands.models import CommandReport
from skills.commands.run import RunCommand, run_command
from skills.commands.status import CommandStatus, command_status
from skills.kit.errors import Cancelled, Conflict, Forbidden, Invalid, NotFound, Throttled, Unavailable
from skills.kit.ports.commands import Phase, Shell
from skills.kit.ports.compute import Instance, State
from skills.kit.ports.run import StepState
from tests.unit.skills.run import Cut, Run, cancel_at, die_at

WEB, WEB2, WINDOWS, STOPPED = "i-0a1b2c3d4e5f60001", "i-0a1b2c3d4e5f60002", "i-0a1b2c3d4e5f60006", "i-0a1b2c3d4e5f60008"


class World:
    def __init__(self, *, duration: float = 4.0, unmanaged: Sequence[str] = ()) -> None:
        self.clock = Clock()
        self.compute = MemoryCompute(sample_fleet(), clock=self.clock)
        self.commands = MemoryCommands(
            self.compute, delay=1, pace=lambda command: duration, unmanaged=unmanaged, clock=self.clock
        )

    async def run(self, command: str, *ids: str, run: Run | None = None, **asked: object) -> CommandReport:
        args = RunCommand.model_validate({"command": command, "instances": list(ids), **asked})
        progress = run or Run(self.clock)
        return await run_command.run(args, compute=self.compute, commands=self.commands, progress=progress)

    async def status(self, id: str, **asked: object) -> CommandReport:
        args = CommandStatus.model_validate({"command_id": id, **asked})
        return await command_status.run(args, compute=self.compute, commands=self.commands)


@pytest.fixture
def world() -> World:
    return World()


async def test_the_json_of_one_instance_has_the_documented_shape(world: World) -> None:
    shown = (await world.run("echo hello", WEB)).model_dump(mode="json", by_alias=True)
    (sent,) = world.commands.sent
    documented = {key: shown[key] for key in ("command", "instanceId", "executionTime", "output", "exitCode", "commandId")}
    assert documented == {
        "command": "echo hello",
        "instanceId": WEB,
        "executionTime": 4.0,
        "output": "hello\n",
        "exitCode": 0,
        "commandId": sent.id,
    }


async def test_several_instances_are_told_one_by_one(world: World) -> None:
    report = await world.run("hostname", WEB, WEB2)
    assert report.ok
    assert report.instance_id is None
    assert [(one.name, one.output) for one in report.invocations] == [
        ("web-server-01", "web-server-01\n"),
        ("web-server-02", "web-server-02\n"),
    ]


async def test_a_failing_command_is_an_outcome_with_its_exit_code(world: World) -> None:
    report = await world.run("exit 3", WEB)
    assert (report.ok, report.exit_code) == (False, 3)
    assert report.invocations[0].what == "It ended with exit code 3."


async def test_windows_gets_powershell_and_the_others_bash(world: World) -> None:
    report = await world.run("hostname", WEB, WINDOWS)
    assert set(report.shells) == {Shell.BASH, Shell.POWERSHELL}
    assert len(report.command_ids) == 2
    assert all(one.ok for one in report.invocations)


async def test_bash_on_windows_is_refused_there_only(world: World) -> None:
    report = await world.run("hostname", WEB, WINDOWS, shell="bash")
    linux, windows = report.invocations
    assert linux.ok
    assert (windows.ok, windows.code, windows.status) == (False, "INVALID", None)


async def test_powershell_where_the_provider_has_none_does_not_stop_windows(world: World) -> None:
    report = await world.run("hostname", WEB, WINDOWS, shell="powershell")
    linux, windows = report.invocations
    assert (linux.ok, linux.code, linux.status) == (False, "INVALID", None)
    assert windows.ok


async def test_what_cannot_be_reached_does_not_stop_the_others() -> None:
    world = World(unmanaged=[WEB2])
    run = Run(world.clock)
    report = await world.run("hostname", WEB, WEB2, STOPPED, "i-none", run=run)
    assert [(one.ok, one.code) for one in report.invocations] == [
        (True, ""),
        (False, "UNAVAILABLE"),
        (False, "CONFLICT"),
        (False, "NOT_FOUND"),
    ]
    assert "AmazonSSMManagedInstanceCore" in report.invocations[1].remedy
    assert run.states("run") == {"web-server-01": StepState.DONE}


async def test_only_unmanaged_ones_are_an_error_of_ssm() -> None:
    world = World(unmanaged=[WEB])
    with pytest.raises(Unavailable) as caught:
        await world.run("hostname", WEB)
    assert (caught.value.part, caught.value.unchanged) == ("ssm", "Nothing was run.")
    assert "web-server-01" in caught.value.what
    assert world.commands.sent == []


async def test_a_stopped_one_alone_is_a_conflict_and_a_lost_one_not_found(world: World) -> None:
    with pytest.raises(Conflict, match="stopped"):
        await world.run("hostname", STOPPED)
    with pytest.raises(NotFound):
        await world.run("hostname", "i-none")


async def test_a_refused_send_is_an_error_when_nothing_was_sent(world: World) -> None:
    world.commands.faults["send"] = Forbidden("AWS refused.", missing="ssm:SendCommand")
    with pytest.raises(Forbidden) as caught:
        await world.run("hostname", WEB)
    assert (caught.value.missing, caught.value.unchanged) == ("ssm:SendCommand", "Nothing was run.")


async def test_a_throttled_send_is_tried_again_and_sent_once(world: World) -> None:
    world.commands.faults["send"] = Throttled("Slow down.", retry_after=2)
    run = Run(world.clock)

    def on_wait(number: int) -> None:
        if number == 2:
            world.commands.faults.clear()

    run.on_wait = on_wait
    assert (await world.run("hostname", WEB, run=run)).ok
    assert len(world.commands.sent) == 1


async def test_looking_may_fail_for_a_while(world: World) -> None:
    world.commands.faults["state"] = Throttled("Slow down.", retry_after=1)
    run = Run(world.clock)

    def on_wait(number: int) -> None:
        if number == 4:
            world.commands.faults.clear()

    run.on_wait = on_wait
    assert (await world.run("hostname", WEB, run=run)).ok


async def test_a_command_of_which_nothing_can_be_learned_is_no_success(world: World) -> None:
    world.commands.faults["state"] = Throttled("Slow down.", retry_after=1)
    report = await world.run("hostname", WEB, timeout="30s")
    (one,) = report.invocations
    assert (one.ok, one.code) == (False, "TIMEOUT")
    assert not report.final


async def test_a_command_that_takes_too_long_is_stopped_by_its_timeout() -> None:
    world = World(duration=600)
    report = await world.run("hostname", WEB, timeout="30s")
    (one,) = report.invocations
    assert (one.ok, one.status) == (False, Phase.TIMED_OUT)
    assert report.final


async def test_cancelling_stops_the_command_and_says_what_is_known() -> None:
    world = World(duration=60)
    run = Run(world.clock)
    run.on_wait = cancel_at(4)
    with pytest.raises(Cancelled) as caught:
        await world.run("hostname", WEB, WEB2, run=run)
    (sent,) = world.commands.sent
    assert {one.phase for one in sent.invocations} == {Phase.CANCELLED}
    assert "web-server-01: Cancelled" in caught.value.what
    assert sent.id in caught.value.remedy


async def test_cancelling_that_fails_says_so() -> None:
    world = World(duration=60)
    world.commands.faults["cancel"] = Forbidden("AWS refused.", missing="ssm:CancelCommand")
    run = Run(world.clock)
    run.on_wait = cancel_at(3)
    with pytest.raises(Cancelled, match="ssm:CancelCommand"):
        await world.run("hostname", WEB, run=run)


async def test_a_run_that_is_cut_off_and_resumed_sends_once(world: World) -> None:
    ran: list[str] = []

    def counting(one: Instance, command: str) -> tuple[int, str, str]:
        ran.append(one.id)
        return 0, "done", ""

    world.commands.shell = counting
    run = Run(world.clock)
    run.on_wait = die_at(2)
    with pytest.raises(Cut):
        await world.run("reboot-the-app", WEB, run=run)
    report = await world.run("reboot-the-app", WEB, run=run.resumed())
    assert report.output == "done"
    assert len(world.commands.sent) == 1
    assert ran == [WEB]


async def test_a_resumed_run_finds_its_command_though_the_instance_is_down_since(world: World) -> None:
    run = Run(world.clock)
    run.on_wait = die_at(2)
    with pytest.raises(Cut):
        await world.run("echo bye", WEB, run=run)
    world.compute.add(instance("web-server-01", WEB, state=State.STOPPED))
    report = await world.run("echo bye", WEB, run=run.resumed())
    assert report.output == "bye\n"
    assert len(world.commands.sent) == 1


async def test_two_runs_of_the_same_command_are_two(world: World) -> None:
    await world.run("true", WEB, run=Run(world.clock, "one"))
    await world.run("true", WEB, run=Run(world.clock, "two"))
    assert len(world.commands.sent) == 2


@pytest.mark.parametrize(("length", "pages"), [(24_000, 1), (24_001, 2), (60_000, 3)])
async def test_long_output_is_paged_at_its_border(world: World, length: int, pages: int) -> None:
    world.commands.shell = lambda one, command: (0, "x" * (length - 1) + "!", "")
    report = await world.run("cat log", WEB)
    (one,) = report.invocations
    assert (one.page, one.pages, len(one.output)) == (1, pages, min(length, 24_000))
    last = await world.status(one.command_id, page=pages)
    assert last.output.endswith("!")
    assert last.invocations[0].page == pages
    with pytest.raises(Invalid):
        await world.status(one.command_id, page=pages + 1)


async def test_output_that_was_not_kept_is_shown_as_far_as_it_goes(world: World) -> None:
    world.commands.shell = lambda one, command: (0, "x" * 30_000, "")
    world.commands.faults["output"] = Unavailable("No output bucket is configured.", part="ssm", remedy="Set one.")
    (one,) = (await world.run("cat log", WEB)).invocations
    assert (one.ok, one.truncated, len(one.output)) == (True, True, 24_000)
    assert "Set one." in one.remedy


async def test_status_later_is_the_same_report(world: World) -> None:
    ran = await world.run("hostname", WEB, WEB2)
    (id,) = ran.command_ids
    later = await world.status(id)
    assert [(one.name, one.output) for one in later.invocations] == [(one.name, one.output) for one in ran.invocations]
    single = await world.status(id, instance=WEB2)
    assert (single.instance_id, single.output) == (WEB2, "web-server-02\n")


async def test_status_of_a_running_command_is_not_final(world: World) -> None:
    (web,) = await world.compute.get([WEB])
    (id,) = await world.commands.send([web], "true", shell=Shell.BASH, timeout=timedelta(minutes=1), token="t")
    report = await world.status(id)
    assert (report.final, report.invocations[0].status, report.exit_code) == (False, Phase.PENDING, None)


async def test_status_without_names_is_still_a_status(world: World) -> None:
    ran = await world.run("hostname", WEB)
    world.compute.faults["get"] = Forbidden("AWS refused.", missing="ec2:DescribeInstances")
    assert (await world.status(ran.command_id)).output == "web-server-01\n"


async def test_status_of_what_is_not_there(world: World) -> None:
    with pytest.raises(NotFound):
        await world.status("none")
    ran = await world.run("hostname", WEB, WEB2)
    with pytest.raises(NotFound):
        await world.status(ran.command_ids[0], instance=STOPPED)
    with pytest.raises(Invalid, match="which instance"):
        await world.status(ran.command_ids[0], page=2)


@pytest.mark.parametrize("id", ["", "../../x", "a b", "x" * 65])
def test_ids_that_are_none_are_refused(id: str) -> None:
    with pytest.raises(ValidationError):
        CommandStatus.model_validate({"command_id": id})


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ('"df -h"', "df -h"),
        ("“df -h”", "df -h"),
        ("`df -h`", "df -h"),
        ("'echo \"a b\"'", 'echo "a b"'),
        ('"a" && "b"', '"a" && "b"'),
        ("echo 'a'", "echo 'a'"),
        ("  uptime  ", "uptime"),
        ('""', '""'),
    ],
)
def test_quotes_around_all_of_it_are_not_part_of_it(said: str, meant: str) -> None:
    assert RunCommand.model_validate({"command": said, "instances": [WEB]}).command == meant


@pytest.mark.parametrize(
    "asked",
    [{"command": ""}, {"command": "   "}, {"command": "x" * 8001}, {"timeout": "29s"}, {"timeout": "2h"}, {"shell": "fish"}],
)
def test_commands_that_cannot_be_are_refused(asked: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RunCommand.model_validate({"command": "true", "instances": [WEB], **asked})


async def test_a_part_is_for_the_card_and_programs_get_the_page_whole(world: World) -> None:
    world.commands.shell = lambda one, command: (0, "x" * 20_000, "")
    ran = await world.run("cat log", WEB, WEB2)
    report = await world.status(ran.command_id, instance=WEB, part=2)
    assert (report.part, len(report.output)) == (2, 20_000)
    assert "part" not in report.model_dump(mode="json", by_alias=True)
    with pytest.raises(Invalid, match="which instance"):
        await world.status(ran.command_id, part=2)
