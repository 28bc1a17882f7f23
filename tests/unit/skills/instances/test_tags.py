from __future__ import annotations

from collections.abc import Mapping

import pytest
from pydantic import ValidationError

from providers.memory import Clock, MemoryCompute, instance, sample_fleet
from skills.instances.models import InstancesTagged
from skills.instances.tag import TagInstances, tag_instances
from skills.instances.untag import UntagInstances, untag_instances
from skills.kit.errors import Cancelled, Forbidden
from skills.kit.ports.compute import Instance
from skills.kit.ports.run import StepState
from tests.unit.skills.run import Run

WEB, WEB2 = "i-0a1b2c3d4e5f60001", "i-0a1b2c3d4e5f60002"


class Picky(MemoryCompute):
    """The twin, where single instances cannot be tagged."""

    def __init__(self) -> None:
        super().__init__(sample_fleet())
        self.refusing: set[str] = set()
        self.tagged: list[str] = []

    async def tag(self, instance: Instance, tags: Mapping[str, str]) -> None:
        if instance.id in self.refusing:
            raise Forbidden("AWS refused.", missing="ec2:CreateTags")
        self.tagged.append(instance.id)
        await super().tag(instance, tags)


async def tag(compute: MemoryCompute, *tags: str, ids: tuple[str, ...] = (WEB,), run: Run | None = None) -> InstancesTagged:
    args = TagInstances.model_validate({"instances": list(ids), "tags": list(tags)})
    return await tag_instances.run(args, compute=compute, progress=run or Run(Clock()))


async def untag(compute: MemoryCompute, *keys: str, ids: tuple[str, ...] = (WEB,)) -> InstancesTagged:
    args = UntagInstances.model_validate({"instances": list(ids), "keys": list(keys)})
    return await untag_instances.run(args, compute=compute, progress=Run(Clock()))


async def test_tags_are_set_and_the_old_values_kept_for_going_back() -> None:
    compute = Picky()
    (outcome,) = (await tag(compute, "Environment=staging", "owner = platform")).outcomes
    assert outcome.ok
    assert outcome.before == {"Environment": "production", "owner": None}
    assert outcome.after == {"Environment": "staging", "owner": "platform"}
    (now,) = await compute.get([WEB])
    assert now.tags["Name"] == "web-server-01"


async def test_tagging_what_is_so_already_does_nothing() -> None:
    compute = Picky()
    (outcome,) = (await tag(compute, "Environment=production")).outcomes
    assert (outcome.ok, outcome.changed) == (True, False)
    assert compute.tagged == []


async def test_one_that_refuses_does_not_stop_the_others() -> None:
    compute = Picky()
    compute.refusing = {WEB}
    refused, done, gone = (await tag(compute, "a=b", ids=(WEB, WEB2, "i-none"))).outcomes
    assert (refused.ok, refused.code, refused.after) == (False, "FORBIDDEN", {"a": None})
    assert (done.ok, done.after) == (True, {"a": "b"})
    assert (gone.ok, gone.code) == (False, "NOT_FOUND")


async def test_fifty_tags_are_the_most_and_aws_own_do_not_count() -> None:
    tags = {f"key-{number}": "x" for number in range(49)} | {"aws:autoscaling:groupName": "web"}
    compute = MemoryCompute([instance("web", WEB, tags=tags)])
    assert (await tag(compute, "fiftieth=x")).ok
    (outcome,) = (await tag(compute, "one-more=x")).outcomes
    assert (outcome.ok, outcome.code, outcome.changed) == (False, "INVALID", False)
    assert (await tag(compute, "key-1=changed")).ok


async def test_tags_are_removed_with_their_old_values_told() -> None:
    compute = Picky()
    (outcome,) = (await untag(compute, "Environment", "nothing")).outcomes
    assert (outcome.ok, outcome.changed) == (True, True)
    assert outcome.before == {"Environment": "production", "nothing": None}
    (again,) = (await untag(compute, "Environment")).outcomes
    assert (again.ok, again.changed) == (True, False)


async def test_cancelling_says_which_were_changed() -> None:
    class Impatient(Run):
        async def wait(self, seconds: float) -> None:
            self.waits += 1
            if self.waits > 1:
                raise Cancelled("It was cancelled.")

    compute, run = Picky(), Impatient(Clock())
    with pytest.raises(Cancelled) as caught:
        await tag(compute, "a=b", ids=(WEB, WEB2), run=run)
    assert compute.tagged == [WEB]
    assert "web-server-01" in caught.value.what
    assert caught.value.unchanged == "Not changed: web-server-02."
    assert run.states("tag")["web-server-01"] is StepState.DONE


@pytest.mark.parametrize("said", ["aws:name=x", "AWS:x=y", "=x", "owner", "k" * 129 + "=x", "k=" + "v" * 257, " = x"])
def test_tags_ec2_refuses_are_refused_before_anyone_is_asked(said: str) -> None:
    with pytest.raises(ValidationError):
        TagInstances.model_validate({"instances": [WEB], "tags": [said]})


@pytest.mark.parametrize(
    ("said", "kept"),
    [("k=v", "k=v"), ("k:v", "k=v"), ("k=a=b", "k=a=b"), ("k=", "k="), ("a:b=c", "a:b=c"), ("k" * 128 + "=" + "v" * 256, None)],
)
def test_tags_are_read_as_people_write_them(said: str, kept: str | None) -> None:
    args = TagInstances.model_validate({"instances": [WEB], "tags": [said]})
    assert args.tags == [kept or said]


@pytest.mark.parametrize("key", ["aws:cloudformation:stack-name", "", "k" * 129])
def test_keys_ec2_refuses_are_refused(key: str) -> None:
    with pytest.raises(ValidationError):
        UntagInstances.model_validate({"instances": [WEB], "keys": [key]})


def test_more_than_fifty_at_once_are_refused() -> None:
    with pytest.raises(ValidationError):
        TagInstances.model_validate({"instances": [WEB], "tags": [f"k{n}=v" for n in range(51)]})
