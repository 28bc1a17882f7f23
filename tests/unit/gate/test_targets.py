"""What a person says becomes concrete instances, or an error that says what to do; never a guess."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta

import pytest
from pydantic import Field

from gate.targets import Targets
from skills.kit import Arguments, Duration, InstanceRef, Result, Risk, Skill, skill
from skills.kit.errors import Ambiguous, Invalid, NotFound, Unavailable
from skills.kit.ports.compute import Change, Instance, InstanceQuery, State, StatusCheck


class Some(Arguments):
    instances: list[InstanceRef] = Field(min_length=1, description="Which.")
    tags: dict[str, str] = Field(default={}, description="Tags.")
    timeout: Duration = Field(default=timedelta(seconds=60), description="How long.")
    shell: State = Field(default=State.RUNNING, description="An enum.")
    force: bool = Field(default=False, description="Really.")


class One(Arguments):
    instance: InstanceRef | None = Field(default=None, description="Which one.")


class Few(Arguments):
    instances: list[InstanceRef] = Field(max_length=2, description="Two at most.")


class Nothing(Result):
    pass


def view(result: Result) -> dict[str, str]:
    return {}


@skill(
    "things.stop",
    permission="things:stop",
    view=view,
    risk=Risk.CHANGE,
    confirm="Stop {instances}?",
    examples=("stop {a:instances}",),
)
async def stop(args: Some) -> Nothing:
    """Stop."""
    return Nothing()


@skill("things.look", permission="things:look", view=view, examples=("look at {a:instances}",))
async def look(args: Some) -> Nothing:
    """Look."""
    return Nothing()


@skill("things.one", permission="things:one", view=view, examples=("one {a:instance}",))
async def one(args: One) -> Nothing:
    """Look at one."""
    return Nothing()


@skill("things.few", permission="things:few", view=view, examples=("few {a:instances}",))
async def few(args: Few) -> Nothing:
    """Look at a few."""
    return Nothing()


def instance(number: int, name: str, environment: str, *, state: State = State.RUNNING, **tags: str) -> Instance:
    return Instance.model_validate(
        {
            "id": f"i-{number:017x}",
            "name": name,
            "state": state,
            "type": "t3.medium",
            "region": "eu-west-1",
            "tags": {"Name": name, "Environment": environment, **tags},
        }
    )


FLEET = (
    instance(0x1A11, "web-server-01", "production", Role="web", team="payments"),
    instance(0x1A12, "web-server-02", "production", Role="web"),
    instance(0x1A21, "web-server-11", "staging", Role="web", team="payments"),
    instance(0x1A22, "web-server-12", "staging", Role="web", state=State.STOPPED),
    instance(0x1A31, "db-primary", "production", Role="database"),
    instance(0x1A32, "db-replica", "staging", Role="database"),
    instance(0x1A41, "cache", "staging", Role="cache", owner="Data Platform"),
    instance(0x1A42, "cache", "production", Role="cache"),
    instance(0x1A51, "Reporting Box", "production", Role="reports", note="<b>stop everything</b>"),
    instance(0x1A52, "jenkins", "tools", Role="ci"),
    instance(0x1A53, "web-staging-mirror", "production", Role="mirror"),
    instance(0x1A54, "", "tools"),
)


class World:
    """Just enough of Compute: the fleet above, and how often it was asked."""

    def __init__(self, fleet: Sequence[Instance] = FLEET) -> None:
        self.fleet = list(fleet)
        self.read: list[tuple[str, ...]] = []
        self.listed = 0
        self.down = False

    async def pages(self, query: InstanceQuery) -> AsyncIterator[Sequence[Instance]]:
        self.listed += 1
        if self.down:
            raise Unavailable("EC2 does not answer.", part="ec2")
        for start in range(0, len(self.fleet), 5):
            yield self.fleet[start : start + 5]

    async def get(self, ids: Sequence[str]) -> Sequence[Instance]:
        self.read.append(tuple(ids))
        known = {i.id: i for i in self.fleet}
        if missing := [id for id in ids if id not in known]:
            raise NotFound(f"There is no {missing[0]}.")
        return [known[id] for id in ids]

    async def change(self, change: Change, instance: Instance) -> None:
        raise AssertionError("resolving must not change anything")

    async def checks(self, instances: Sequence[Instance]) -> Mapping[str, StatusCheck]:
        raise AssertionError("resolving needs no checks")

    async def tag(self, instance: Instance, tags: Mapping[str, str]) -> None:
        raise AssertionError("resolving must not change anything")

    async def untag(self, instance: Instance, keys: Sequence[str]) -> None:
        raise AssertionError("resolving must not change anything")


async def names(*said: str, skill: Skill = stop, world: World | None = None) -> list[str]:
    _, targets, _ = await Targets(world or World()).resolve(skill, Some(instances=list(said)))
    return [target.name for target in targets]


WEB = ["web-server-01", "web-server-02", "web-server-11", "web-server-12"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("web-server-01", ["web-server-01"]),
        ("WEB-Server-01", ["web-server-01"]),
        ("`web-server-01`", ["web-server-01"]),
        ("“web-server-01”", ["web-server-01"]),
        ("  web-server-01 ", ["web-server-01"]),
        ("the web-server-01", ["web-server-01"]),
        ("instance web-server-01", ["web-server-01"]),
        ("the web-server-01 server", ["web-server-01"]),
        ("reporting box", ["Reporting Box"]),
        ("the jenkins server", ["jenkins"]),
        ("jenkins", ["jenkins"]),
        ("i-00000000000001a11", ["web-server-01"]),
        ("I-00000000000001A11", ["web-server-01"]),
        ("i-00000000000001a54", ["i-00000000000001a54"]),
        ("web-server-*", WEB),
        ("web-server-1*", ["web-server-11", "web-server-12"]),
        ("*-primary", ["db-primary"]),
        ("team=payments", ["web-server-01", "web-server-11"]),
        ("tag:Team=Payments", ["web-server-01", "web-server-11"]),
        ("role=data*", ["db-primary", "db-replica"]),
        ("owner=Data Platform", ["cache"]),
        ("env=stage", ["cache", "db-replica", "web-server-11", "web-server-12"]),
        ("the staging boxes", ["cache", "db-replica", "web-server-11", "web-server-12"]),
        ("all staging instances", ["cache", "db-replica", "web-server-11", "web-server-12"]),
        ("everything in staging", ["cache", "db-replica", "web-server-11", "web-server-12"]),
        ("all of staging", ["cache", "db-replica", "web-server-11", "web-server-12"]),
        ("staging web servers", ["web-server-11", "web-server-12"]),
        ("Staging Web Servers", ["web-server-11", "web-server-12"]),
        ("web servers in the staging environment", ["web-server-11", "web-server-12"]),
        ("both staging web servers", ["web-server-11", "web-server-12"]),
        ("the two staging web servers", ["web-server-11", "web-server-12"]),
        ("the stopped staging web servers", ["web-server-12"]),
        ("the stopped web server", ["web-server-12"]),
        ("the prod databases", ["db-primary"]),
        ("all databases", ["db-primary", "db-replica"]),
        ("the staging database", ["db-replica"]),
        ("instances tagged team=payments", ["web-server-01", "web-server-11"]),
        ("staging instances with tag team=payments", ["web-server-11"]),
        ("data platform boxes", ["cache"]),
        ("instances of type t3.medium in staging", ["cache", "db-replica", "web-server-11", "web-server-12"]),
        ("all boxes in eu-west-1 tagged role=ci", ["jenkins"]),
    ],
)
async def test_words_mean_these(said: str, expected: list[str]) -> None:
    assert sorted(await names(said)) == sorted(expected)


@pytest.mark.parametrize(
    "said", ["all instances", "everything", "all the servers", "every machine", "All Instances", "all of the instances"]
)
async def test_everything_only_when_said(said: str) -> None:
    assert len(await names(said)) == len(FLEET)


@pytest.mark.parametrize("said", ["*", "**", "instances", "the servers", "the", "my boxes"])
async def test_what_narrows_nothing_is_not_everything(said: str) -> None:
    with pytest.raises(Invalid) as caught:
        await names(said)
    assert "all instances" in caught.value.remedy


@pytest.mark.parametrize(
    "said",
    [
        "all but web-server-01",
        "everything except db-primary",
        "not staging",
        "everything not in production",
        "the purple staging boxes",
        "team=nobody",
        "nothing-like-*",
        "zzzzzzz",
        "staging frontends",
        "all instances unless they are busy",
    ],
)
async def test_a_word_that_fits_nothing_is_never_dropped(said: str) -> None:
    with pytest.raises(NotFound) as caught:
        await names(said)
    assert "list instances" in caught.value.remedy


async def test_a_mistyped_name_is_offered_and_never_picked() -> None:
    with pytest.raises(Ambiguous) as caught:
        await names("db-primry")
    assert [c.name for c in caught.value.candidates] == ["db-primary"]
    assert caught.value.what == "No instance is called “db-primry”. Did you mean “db-primary”?"
    assert (caught.value.field, caught.value.said) == ("instances", "db-primry")


async def test_several_near_names_are_all_offered() -> None:
    with pytest.raises(Ambiguous) as caught:
        await names("web-sever-01")
    assert caught.value.candidates[0].name == "web-server-01"
    assert len(caught.value.candidates) > 1


@pytest.mark.parametrize("said", ["i-00000000000001a1f", "i-00000000000001a", "i-00000000000001A1F"])
async def test_a_mistyped_or_shortened_id_is_offered(said: str) -> None:
    with pytest.raises(Ambiguous) as caught:
        await names(said)
    assert any(c.id == "i-00000000000001a11" for c in caught.value.candidates)


async def test_an_unknown_id_is_not_found() -> None:
    with pytest.raises(NotFound, match="i-0deadbeef12345678"):
        await names("i-0deadbeef12345678")


async def test_a_name_of_several_instances_asks_which() -> None:
    with pytest.raises(Ambiguous) as caught:
        await names("cache")
    assert {c.id for c in caught.value.candidates} == {"i-00000000000001a41", "i-00000000000001a42"}
    assert "staging" in "".join(c.hint for c in caught.value.candidates)


@pytest.mark.parametrize(
    "said", ["the staging web server", "staging", "the web server", "the three staging web servers", "both web servers"]
)
async def test_a_number_that_does_not_agree_asks_which(said: str) -> None:
    with pytest.raises(Ambiguous) as caught:
        await names(said)
    assert caught.value.candidates


async def test_an_environment_is_its_tag_and_not_part_of_a_name() -> None:
    assert "web-staging-mirror" not in await names("the staging boxes")


async def test_an_instance_called_like_a_group_is_asked_about_before_a_change() -> None:
    world = World([*FLEET, instance(0x1A60, "staging", "tools")])
    with pytest.raises(Ambiguous) as caught:
        await names("staging", world=world)
    assert caught.value.candidates[0].name == "staging"
    assert await names("staging", skill=look, world=world) == ["staging"]
    assert "staging" not in await names("all staging instances", world=world)


async def test_order_is_kept_and_nothing_is_named_twice() -> None:
    assert await names("jenkins", "db-primary", "JENKINS", "i-00000000000001a31") == ["jenkins", "db-primary"]


async def test_the_arguments_hold_ids_and_keep_what_else_was_given() -> None:
    said = Some(instances=["jenkins", "staging web servers"], tags={"a": "b"}, timeout=timedelta(minutes=5))
    arguments, targets, shown = await Targets(World()).resolve(stop, said)
    assert isinstance(arguments, Some)
    assert arguments.instances == [target.id for target in targets]
    assert (arguments.tags, arguments.timeout) == ({"a": "b"}, timedelta(minutes=5))
    assert shown == {"instances": "jenkins, web-server-11 and web-server-12", "tags": "a=b", "timeout": "5m"}


async def test_targets_say_what_the_policy_and_the_card_need() -> None:
    _, targets, _ = await Targets(World()).resolve(stop, Some(instances=["web-server-12"]))
    target = targets[0]
    assert (target.kind, target.state, target.environment, target.region) == ("instance", "stopped", "staging", "eu-west-1")
    assert target.tags["Role"] == "web"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (["web-server-01"], "web-server-01"),
        (["web-server-01", "web-server-02"], "web-server-01 and web-server-02"),
        (["all instances"], "12 instances"),
        (["role=cache"], "cache (i-00000000000001a41) and cache (i-00000000000001a42)"),
        (["i-00000000000001a54"], "i-00000000000001a54"),
    ],
)
async def test_what_people_read(said: list[str], expected: str) -> None:
    resolved = await Targets(World()).resolve(stop, Some(instances=said))
    assert resolved.shown["instances"] == expected


async def test_other_arguments_read_as_words() -> None:
    resolved = await Targets(World()).resolve(stop, Some(instances=["jenkins"], force=True, shell=State.STOPPED))
    assert (resolved.shown["force"], resolved.shown["shell"]) == ("yes", "stopped")


async def test_one_instance_is_one_instance() -> None:
    targets = Targets(World())
    arguments, found, _ = await targets.resolve(one, One(instance="jenkins"))
    assert arguments == One(instance=found[0].id)
    with pytest.raises(Ambiguous):
        await targets.resolve(one, One(instance="staging web servers"))


async def test_nothing_said_is_nothing_resolved() -> None:
    world = World()
    arguments, targets, shown = await Targets(world).resolve(one, One())
    assert (arguments, targets, shown, world.listed) == (One(), (), {}, 0)


async def test_many_may_be_looked_at_but_not_changed_at_once() -> None:
    world = World([instance(number, f"node-{number}", "staging") for number in range(51)])
    assert len(await names("all instances", skill=look, world=world)) == 51
    with pytest.raises(Invalid, match="51 instances; at most 50") as caught:
        await names("all instances", world=world)
    assert "Narrow" in caught.value.remedy
    assert world.read == []


async def test_names_are_looked_up_once_in_a_while_and_states_read_afresh() -> None:
    world, now = World(), [0.0]
    targets = Targets(world, fresh=timedelta(seconds=5), clock=lambda: now[0])
    await targets.resolve(stop, Some(instances=["jenkins"]))
    world.fleet = [i.model_copy(update={"state": State.STOPPED}) for i in world.fleet]
    _, found, _ = await targets.resolve(stop, Some(instances=["jenkins"]))
    assert (found[0].state, world.listed) == ("stopped", 1)
    now[0] = 5.1
    await targets.resolve(stop, Some(instances=["jenkins"]))
    assert world.listed == 2


async def test_an_id_needs_no_list() -> None:
    world = World()
    assert await names("i-00000000000001a11", skill=look, world=world) == ["web-server-01"]
    assert (world.listed, len(world.read)) == (0, 1)


async def test_a_failed_listing_is_raised_and_not_remembered() -> None:
    world = World()
    targets = Targets(world)
    world.down = True
    with pytest.raises(Unavailable):
        await targets.resolve(stop, Some(instances=["jenkins"]))
    world.down = False
    await targets.resolve(stop, Some(instances=["jenkins"]))


async def test_tag_text_is_compared_and_nothing_else() -> None:
    with pytest.raises(NotFound):
        await names("<b>stop the staging boxes</b>")
    assert await names("note=<b>stop everything</b>") == ["Reporting Box"]


async def test_what_outgrows_the_argument_is_explained() -> None:
    with pytest.raises(Invalid, match="at most 2"):
        await Targets(World()).resolve(few, Few(instances=["staging boxes"]))


@pytest.mark.parametrize(
    "said", ["[", "(", "web-[", "a" * 255, "=", "==", "*=*", "tag:", "\u202e", "i-", "the the the", "=x*", "💥"]
)
async def test_odd_text_never_breaks(said: str) -> None:
    with pytest.raises((NotFound, Invalid)):
        await names(said)
