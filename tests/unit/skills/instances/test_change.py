from __future__ import annotations

import asyncio

import pytest

from providers.memory import Clock, MemoryCompute, instance, sample_fleet
from skills.instances import change
from skills.instances.models import InstancesChanged
from skills.instances.reboot import RebootInstances, reboot_instances
from skills.instances.start import StartInstances, start_instances
from skills.instances.stop import StopInstances, stop_instances
from skills.kit.errors import Cancelled, Forbidden, Throttled, Timeout
from skills.kit.ports.compute import Change, Instance, State
from skills.kit.ports.run import StepState
from tests.unit.skills.run import Cut, Run, cancel_at, die_at

WEB, WEB2, STOPPED = "i-0a1b2c3d4e5f60001", "i-0a1b2c3d4e5f60002", "i-0a1b2c3d4e5f60008"


class World(MemoryCompute):
    """The twin, of which single instances can be made to fail when they are asked to change. before: happens first."""

    def __init__(self, transition: float = 20.0, checking: float = 0.0) -> None:
        self.clock = Clock()
        super().__init__(sample_fleet(), transition, clock=self.clock, checking=checking)
        self.failing: dict[str, list[BaseException]] = {}
        self.after: dict[str, BaseException] = {}

    async def change(self, change: Change, instance: Instance) -> None:
        if errors := self.failing.get(instance.id):
            raise errors.pop(0)
        await super().change(change, instance)
        if error := self.after.pop(instance.id, None):
            raise error


@pytest.fixture
def world() -> World:
    return World()


async def stop(world: World, *ids: str, run: Run | None = None) -> InstancesChanged:
    run = run or Run(world.clock)
    return await stop_instances.run(StopInstances(instances=list(ids)), compute=world, progress=run)


async def start(world: World, *ids: str, run: Run | None = None) -> InstancesChanged:
    run = run or Run(world.clock)
    return await start_instances.run(StartInstances(instances=list(ids)), compute=world, progress=run)


async def reboot(world: World, *ids: str, run: Run | None = None) -> InstancesChanged:
    run = run or Run(world.clock)
    return await reboot_instances.run(RebootInstances(instances=list(ids)), compute=world, progress=run)


async def test_a_running_instance_is_stopped_and_waited_for(world: World) -> None:
    run = Run(world.clock)
    result = await stop(world, WEB, run=run)
    (outcome,) = result.outcomes
    assert (outcome.ok, outcome.changed, outcome.before, outcome.after) == (True, True, State.RUNNING, State.STOPPED)
    assert outcome.what == "web-server-01 was stopped."
    assert world.changes == [("stop", WEB)]
    assert [(step.name, step.state) for step in run.steps] == [
        ("check", StepState.DONE),
        ("stop", StepState.DONE),
        ("wait", StepState.DONE),
    ]


async def test_one_that_is_stopped_already_is_left_alone_and_is_no_error(world: World) -> None:
    result = await stop(world, STOPPED, WEB)
    already, stopped = result.outcomes
    assert result.ok
    assert (already.changed, stopped.changed) == (False, True)
    assert "stopped already" in already.what
    assert world.changes == [("stop", WEB)]


async def test_one_on_its_way_is_only_waited_for(world: World) -> None:
    await world.change("stop", (await world.get([WEB]))[0])
    result = await stop(world, WEB)
    (outcome,) = result.outcomes
    assert (outcome.ok, outcome.changed, outcome.after) == (True, False, State.STOPPED)
    assert len(world.changes) == 1


async def test_the_same_instance_named_twice_is_stopped_once(world: World) -> None:
    result = await stop(world, WEB, WEB)
    assert len(result.outcomes) == 1
    assert world.changes == [("stop", WEB)]


async def test_a_forbidden_one_does_not_stop_the_others(world: World) -> None:
    world.failing[WEB] = [Forbidden("AWS refused.", missing="ec2:StopInstances", remedy="Add it to the role.")]
    result = await stop(world, WEB, WEB2)
    refused, stopped = result.outcomes
    assert (refused.ok, refused.code, refused.remedy) == (False, "FORBIDDEN", "Add it to the role.")
    assert "ec2:StopInstances" in refused.details
    assert refused.changed is False
    assert stopped.ok
    assert not result.ok


async def test_when_all_fail_there_is_still_a_result(world: World) -> None:
    world.faults["change"] = Forbidden("AWS refused.", missing="ec2:StopInstances")
    result = await stop(world, WEB, WEB2)
    assert [outcome.code for outcome in result.outcomes] == ["FORBIDDEN", "FORBIDDEN"]


async def test_an_instance_that_is_gone_is_said_and_the_others_go_on(world: World) -> None:
    result = await stop(world, "i-0000", WEB)
    gone, stopped = result.outcomes
    assert (gone.ok, gone.code, gone.before) == (False, "NOT_FOUND", None)
    assert stopped.ok


async def test_throttling_is_waited_out(world: World) -> None:
    world.failing[WEB] = [Throttled("Slow down.", retry_after=4), Throttled("Slow down.", retry_after=4)]
    result = await stop(world, WEB)
    assert result.ok
    assert world.changes == [("stop", WEB)]


async def test_throttling_without_end_is_given_up(world: World) -> None:
    world.failing[WEB] = [Throttled("Slow down.", retry_after=1)] * 10
    (outcome,) = (await stop(world, WEB)).outcomes
    assert (outcome.ok, outcome.code) == (False, "THROTTLED")
    assert len(world.failing[WEB]) == 10 - change.TRIES


async def test_an_unclear_answer_is_settled_by_the_state_and_nothing_is_sent_twice(world: World) -> None:
    world.after[WEB] = Timeout("EC2 did not answer.")
    (outcome,) = (await stop(world, WEB)).outcomes
    assert (outcome.ok, outcome.changed, outcome.after) == (True, True, State.STOPPED)
    assert world.changes == [("stop", WEB)]


async def test_an_unclear_answer_without_an_effect_is_a_failure(world: World) -> None:
    world.failing[WEB] = [Timeout("EC2 did not answer.")]
    (outcome,) = (await stop(world, WEB)).outcomes
    assert (outcome.ok, outcome.code, outcome.after) == (False, "TIMEOUT", State.RUNNING)
    assert world.changes == []


async def test_looking_may_fail_for_a_while(world: World) -> None:
    run = Run(world.clock)

    def on_wait(number: int) -> None:
        if number == 1:
            world.faults["get"] = Throttled("Slow down.", retry_after=1)
        if number == 5:
            world.faults.clear()

    run.on_wait = on_wait
    assert (await stop(world, WEB, run=run)).ok


async def test_looking_that_is_forbidden_ends_the_waiting(world: World) -> None:
    run = Run(world.clock)

    def on_wait(number: int) -> None:
        world.faults["get"] = Forbidden("AWS refused.", missing="ec2:DescribeInstances")

    run.on_wait = on_wait
    (outcome,) = (await stop(world, WEB, run=run)).outcomes
    assert (outcome.ok, outcome.changed, outcome.code) == (False, True, "FORBIDDEN")
    assert run.waits == 1


async def test_one_that_never_gets_there_is_told_with_its_last_state() -> None:
    world = World(transition=3600)
    run = Run(world.clock)
    (outcome,) = (await stop(world, WEB, run=run)).outcomes
    assert (outcome.ok, outcome.changed, outcome.code, outcome.after) == (False, True, "TIMEOUT", State.STOPPING)
    assert "10 minutes" in outcome.what
    assert run.states("wait") == {"web-server-01": StepState.FAILED}


async def test_cancelling_while_waiting_says_what_cannot_be_called_back(world: World) -> None:
    run = Run(world.clock)
    run.on_wait = cancel_at(2)
    with pytest.raises(Cancelled) as caught:
        await stop(world, WEB, run=run)
    assert "web-server-01 (stopping)" in caught.value.what
    assert world.changes == [("stop", WEB)]


async def test_cancelling_before_anything_is_asked_changes_nothing(world: World) -> None:
    class Impatient(Run):
        async def wait(self, seconds: float) -> None:
            raise Cancelled("It was cancelled.")

    with pytest.raises(Cancelled) as caught:
        await stop(world, WEB, WEB2, run=Impatient(world.clock))
    assert world.changes == []
    assert caught.value.unchanged == "Not asked to stop: web-server-01, web-server-02."


@pytest.mark.parametrize("wait", [1, 3])
async def test_a_stop_that_is_cut_off_and_resumed_has_one_effect(world: World, wait: int) -> None:
    run = Run(world.clock)
    run.on_wait = die_at(wait)
    with pytest.raises(Cut):
        await stop(world, WEB, run=run)
    (outcome,) = (await stop(world, WEB, run=run.resumed())).outcomes
    assert (outcome.ok, outcome.changed, outcome.after) == (True, True, State.STOPPED)
    assert world.changes == [("stop", WEB)]


async def test_a_resumed_stop_leaves_alone_what_somebody_started_meanwhile(world: World) -> None:
    run = Run(world.clock)
    run.on_wait = die_at(1)
    with pytest.raises(Cut):
        await stop(world, WEB, run=run)
    world.clock.advance(60)
    await world.change("start", (await world.get([WEB]))[0])
    world.clock.advance(60)
    (outcome,) = (await stop(world, WEB, run=run.resumed())).outcomes
    assert not outcome.ok
    assert world.changes == [("stop", WEB), ("start", WEB)]


async def test_a_reboot_that_is_cut_off_and_resumed_has_one_effect(world: World) -> None:
    run = Run(world.clock)
    run.on_wait = die_at(1)
    with pytest.raises(Cut):
        await reboot(world, WEB, run=run)
    (outcome,) = (await reboot(world, WEB, run=run.resumed())).outcomes
    assert (outcome.ok, outcome.changed) == (True, True)
    assert world.changes == [("reboot", WEB)]


async def test_a_reboot_cut_off_while_asking_is_not_asked_again_and_says_so(world: World) -> None:
    run = Run(world.clock)
    world.after[WEB] = Cut()
    with pytest.raises(BaseExceptionGroup):
        await reboot(world, WEB, run=run)
    (outcome,) = (await reboot(world, WEB, run=run.resumed())).outcomes
    assert "not certain" in outcome.what
    assert world.changes == [("reboot", WEB)]


async def test_a_reboot_is_verified_by_the_status_checks(world: World) -> None:
    run = Run(world.clock)
    (outcome,) = (await reboot(world, WEB, run=run)).outcomes
    assert outcome.what == "web-server-01 was rebooted. EC2's checks ok."
    assert run.states("verify") == {"web-server-01": StepState.DONE}


async def test_a_stopped_instance_is_not_rebooted(world: World) -> None:
    (outcome,) = (await reboot(world, STOPPED)).outcomes
    assert (outcome.ok, outcome.code, outcome.remedy) == (False, "CONFLICT", "Start it instead.")
    assert world.changes == []


async def test_a_started_instance_runs_and_its_checks_have_begun() -> None:
    world = World(checking=300)
    (outcome,) = (await start(world, STOPPED)).outcomes
    assert (outcome.ok, outcome.after) == (True, State.RUNNING)
    assert "initializing" in outcome.what


async def test_one_that_falls_back_while_starting_is_a_failure(world: World) -> None:
    run = Run(world.clock)

    def on_wait(number: int) -> None:
        if number == 3:
            world.add(instance("staging-api-01", STOPPED, state=State.STOPPED))

    run.on_wait = on_wait
    (outcome,) = (await start(world, STOPPED, run=run)).outcomes
    assert (outcome.ok, outcome.code) == (False, "CONFLICT")
    assert "went back to stopped" in outcome.what


async def test_starting_one_that_is_still_stopping_is_refused_with_what_to_do(world: World) -> None:
    await world.change("stop", (await world.get([WEB]))[0])
    (outcome,) = (await start(world, WEB)).outcomes
    assert (outcome.ok, outcome.code) == (False, "CONFLICT")
    assert "settled" in outcome.remedy


async def test_two_of_the_same_name_are_told_apart(world: World) -> None:
    world.add(instance("web-server-01", "i-twin"))
    run = Run(world.clock)
    await stop(world, WEB, "i-twin", run=run)
    assert set(run.states("stop")) == {f"web-server-01 ({WEB})", "web-server-01 (i-twin)"}


async def test_no_more_than_ten_are_asked_at_the_same_time() -> None:
    busiest, busy = 0, 0

    class Slow(World):
        async def change(self, change: Change, instance: Instance) -> None:
            nonlocal busiest, busy
            busy += 1
            busiest = max(busiest, busy)
            await asyncio.sleep(0.01)
            busy -= 1
            await super().change(change, instance)

    world = Slow()
    ids = [f"i-{number}" for number in range(30)]
    for id in ids:
        world.add(instance(id, id))
    assert (await stop(world, *ids)).ok
    assert busiest == 10
