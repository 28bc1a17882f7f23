"""What Compute promises."""

from __future__ import annotations

from contextlib import aclosing

import pytest

from skills.kit.errors import Conflict, NotFound
from skills.kit.ports.compute import Change, Instance, InstanceQuery, State
from tests.conformance.conftest import Cloud

MISSING = "i-0123456789abcdef0"


async def listed(cloud: Cloud, **query: object) -> list[Instance]:
    pages = cloud.compute.pages(InstanceQuery.model_validate(query))
    return [instance async for page in pages for instance in page]


async def reach(cloud: Cloud, instance: Instance, change: Change, state: State) -> None:
    await cloud.compute.change(change, instance)
    await arrive(cloud, instance, state)


async def arrive(cloud: Cloud, instance: Instance, state: State) -> None:
    async def there() -> bool:
        return (await cloud.compute.get([instance.id]))[0].state is state

    await cloud.until(there)


async def test_every_instance_is_listed_once_with_its_fields(cloud: Cloud) -> None:
    found = await listed(cloud)
    assert len({instance.id for instance in found}) == len(found) >= 8
    web = next(instance for instance in found if instance.name == "web-server-01")
    assert web.id.startswith("i-")
    assert web.tags["Name"] == "web-server-01"
    assert web.environment == "production"
    assert web.region == "us-east-1"
    assert web.account.isdigit()
    assert web.zone.startswith(web.region)
    assert web.launched_at is not None
    assert web.launched_at.utcoffset() is not None
    assert web.private_ip
    assert {instance.platform for instance in found} == {"linux", "windows"}


async def test_a_listing_can_be_left_early(cloud: Cloud) -> None:
    async with aclosing(cloud.compute.pages(InstanceQuery())) as pages:  # pyright: ignore[reportArgumentType]  # the port promises less than both have
        assert await anext(pages)


async def test_queries_narrow(cloud: Cloud) -> None:
    everything = await listed(cloud)
    by_state = await listed(cloud, states=(State.STOPPED,))
    assert by_state
    assert {i.id for i in by_state} == {i.id for i in everything if i.state is State.STOPPED}
    by_name = await listed(cloud, name="web-server-*")
    assert {i.name for i in by_name} == {i.name for i in everything if i.name.startswith("web-server-")}
    by_tag = await listed(cloud, tags={"Environment": "staging"})
    assert {i.id for i in by_tag} == {i.id for i in everything if i.environment == "staging"}
    any_value = await listed(cloud, tags={"Environment": "*"})
    assert len(any_value) == len(everything)
    by_type = await listed(cloud, types=("t3.medium",), name="web-server-01")
    assert [i.name for i in by_type] == ["web-server-01"]
    assert await listed(cloud, regions=("us-east-1",)) == everything
    assert await listed(cloud, regions=("xx-nowhere-1",)) == []
    ids = tuple(i.id for i in everything[:2])
    assert {i.id for i in await listed(cloud, ids=ids)} == set(ids)


@pytest.mark.parametrize(
    "query",
    [
        {"name": "WEB-SERVER-01"},
        {"name": "web-server-0?"},
        {"name": "web"},
        {"tags": {"Environment": "prod*"}},
        {"tags": {"environment": "production"}},
        {"tags": {"Nobody": "*"}},
        {"ids": (MISSING,)},
        {"states": (State.TERMINATED,)},
    ],
)
async def test_queries_that_fit_nothing_list_nothing(query: dict[str, object], cloud: Cloud) -> None:
    assert await listed(cloud, **query) == []


async def test_get_keeps_the_order_asked(cloud: Cloud) -> None:
    ids = [instance.id for instance in await listed(cloud)][:4]
    assert [instance.id for instance in await cloud.compute.get(ids[::-1])] == ids[::-1]
    assert list(await cloud.compute.get([])) == []


async def test_get_names_what_is_not_there(cloud: Cloud) -> None:
    known = await cloud.named("web-server-01")
    with pytest.raises(NotFound, match=MISSING) as caught:
        await cloud.compute.get([known.id, MISSING])
    assert known.id not in caught.value.what


async def test_stop_and_start_take_their_time(cloud: Cloud) -> None:
    instance = await cloud.named("web-server-01")
    await cloud.compute.change("stop", instance)
    assert (await cloud.compute.get([instance.id]))[0].state is State.STOPPING
    await cloud.compute.change("stop", instance)  # as in EC2, asking again is no error
    await arrive(cloud, instance, State.STOPPED)
    await cloud.compute.change("stop", instance)
    with pytest.raises(Conflict):
        await cloud.compute.change("reboot", instance)
    await cloud.compute.change("start", instance)
    assert (await cloud.compute.get([instance.id]))[0].state is State.PENDING
    await arrive(cloud, instance, State.RUNNING)
    await cloud.compute.change("start", instance)


async def test_an_instance_that_is_stopping_cannot_start(cloud: Cloud) -> None:
    instance = await cloud.named("web-server-02")
    await cloud.compute.change("stop", instance)
    with pytest.raises(Conflict):
        await cloud.compute.change("start", instance)
    await arrive(cloud, instance, State.STOPPED)
    await reach(cloud, instance, "start", State.RUNNING)


async def test_a_reboot_leaves_it_running(cloud: Cloud) -> None:
    instance = await cloud.named("api-01")
    await cloud.compute.change("reboot", instance)
    assert (await cloud.compute.get([instance.id]))[0].state is State.RUNNING


@pytest.mark.parametrize("change", ["start", "stop", "reboot"])
async def test_changing_what_is_not_there_is_not_found(change: Change, cloud: Cloud) -> None:
    ghost = (await cloud.named("api-01")).model_copy(update={"id": MISSING})
    with pytest.raises(NotFound):
        await cloud.compute.change(change, ghost)


async def test_tags_are_set_and_removed_beside_others(cloud: Cloud) -> None:
    instance = await cloud.named("api-02")
    await cloud.compute.tag(instance, {"Owner": "dana", "Note": "a=b <b>&"})
    await cloud.compute.tag(instance, {"Owner": "amir"})
    tagged = (await cloud.compute.get([instance.id]))[0]
    assert tagged.tags == {**instance.tags, "Owner": "amir", "Note": "a=b <b>&"}
    await cloud.compute.untag(instance, ["Note", "NeverThere"])
    left = (await cloud.compute.get([instance.id]))[0]
    assert left.tags == {**instance.tags, "Owner": "amir"}


async def test_checks_leave_out_what_is_stopped(cloud: Cloud) -> None:
    instances = await listed(cloud)
    checks = await cloud.compute.checks(instances)
    assert set(checks) == {i.id for i in instances if i.state is State.RUNNING}
    assert {check.system for check in checks.values()} <= {"ok", "initializing"}
    assert await cloud.compute.checks([]) == {}
