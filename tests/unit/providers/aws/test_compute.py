from __future__ import annotations

import time
from contextlib import aclosing

import pytest

from providers.aws.compute import AwsCompute
from skills.kit.errors import Conflict, Forbidden, NotFound, Timeout, Unavailable
from skills.kit.ports.compute import Change, Instance, InstanceQuery, State
from tests.unit.providers.aws.conftest import Connect
from tests.unit.providers.aws.endpoint import Answer, Asked, Drop, Endpoint, instances, refusal

ROLES = ["arn:aws:iam::111111111111:role/bot", "arn:aws:iam::222222222222:role/bot"]


def running(id: str = "i-1", **fields: object) -> Instance:
    return Instance.model_validate({"id": id, "name": "web-1", "state": State.RUNNING, "region": "us-east-1", **fields})


async def listed(compute: AwsCompute, query: InstanceQuery | None = None) -> list[list[str]]:
    return [[instance.id for instance in page] async for page in compute.pages(query or InstanceQuery())]


async def test_pages_follow_the_token_and_arrive_one_by_one(endpoint: Endpoint, connect: Connect) -> None:
    following = {"": ("i-1", "t1"), "t1": ("i-2", "t2"), "t2": ("i-3", "")}

    def answer(asked: Asked) -> Answer:
        id, token = following[asked.params.get("NextToken", "")]
        return 200, instances(id, token=token)

    endpoint.answer = answer
    assert await listed(AwsCompute(connect())) == [["i-1"], ["i-2"], ["i-3"]]
    assert {asked.params["MaxResults"] for asked in endpoint.asked} == {"200"}


async def test_the_first_page_is_there_before_the_last_is_asked_for(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = lambda asked: (200, instances("i-1", token=f"{asked.params.get('NextToken', '')}x"))
    async with aclosing(AwsCompute(connect()).pages(InstanceQuery())) as pages:
        first = await anext(pages)
        assert [instance.id for instance in first] == ["i-1"]
    assert len(endpoint.asked) <= 2


async def test_filters_are_pushed_to_ec2_and_wildcards_escaped(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = lambda _: (200, instances())
    query = InstanceQuery(states=(State.STOPPED,), types=("t3.micro",), name="web?*", tags={"Team": "a*b", "Env": "*"})
    await listed(AwsCompute(connect()), query)
    params = endpoint.asked[0].params
    sent = {value: params[name.replace("Name", "Value.1")] for name, value in params.items() if name.endswith(".Name")}
    assert sent == {
        "instance-state-name": "stopped",
        "instance-type": "t3.micro",
        "tag:Name": "web\\?*",
        "tag:Team": "a\\*b",
        "tag:Env": "*",
    }


async def test_only_the_regions_asked_about_are_asked(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = lambda _: (200, instances("i-1"))
    compute = AwsCompute(connect(regions=["us-east-1", "eu-west-1"]))
    assert await listed(compute, InstanceQuery(regions=("eu-west-1",))) == [["i-1"]]
    assert len(endpoint.asked) == 1
    assert await listed(compute, InstanceQuery(regions=("ap-south-1",))) == []


async def test_terminated_is_never_asked_for(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = lambda _: (200, instances())
    compute = AwsCompute(connect())
    assert await listed(compute, InstanceQuery(states=(State.TERMINATED,))) == []
    assert endpoint.asked == []
    await listed(compute)
    assert "terminated" not in endpoint.asked[0].params.values()


async def test_more_than_200_ids_are_asked_for_in_several_requests(endpoint: Endpoint, connect: Connect) -> None:
    def answer(asked: Asked) -> Answer:
        return 200, instances(*[v for k, v in asked.params.items() if ".Value." in k and v.startswith("i-")])

    endpoint.answer = answer
    ids = [f"i-{n}" for n in range(450)]
    assert [instance.id for instance in await AwsCompute(connect()).get(ids)] == ids
    assert len(endpoint.asked) == 3


async def test_get_names_the_ids_that_are_not_there(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = lambda _: (200, instances("i-1"))
    with pytest.raises(NotFound, match="i-2, i-3"):
        await AwsCompute(connect()).get(["i-1", "i-2", "i-3"])


async def test_every_region_of_every_account_is_asked_as_that_account(endpoint: Endpoint, connect: Connect) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.action == "AssumeRole":
            key = asked.params["RoleArn"].split(":")[4]
            return 200, (
                '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>'
                f"<AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
                "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
            )
        return 200, instances(f"i-{asked.region}-{asked.key}", owner=asked.key)

    endpoint.answer = answer
    compute = AwsCompute(connect(accounts=ROLES, regions=["us-east-1", "eu-west-1"]))
    found = [instance async for page in compute.pages(InstanceQuery()) for instance in page]
    assert {(i.account, i.region, i.id) for i in found} == {
        (account, region, f"i-{region}-{account}")
        for account in ("111111111111", "222222222222")
        for region in ("us-east-1", "eu-west-1")
    }
    assert {asked.key for asked in endpoint.actions("AssumeRole")} == {"OWN"}
    assert len(endpoint.actions("AssumeRole")) == 2

    endpoint.answer = lambda _: (200, "<StopInstancesResponse/>")
    await compute.change("stop", next(i for i in found if (i.account, i.region) == ("222222222222", "eu-west-1")))
    assert [(asked.key, asked.region) for asked in endpoint.actions("StopInstances")] == [("222222222222", "eu-west-1")]


async def test_one_region_that_fails_is_not_silently_left_out(endpoint: Endpoint, connect: Connect) -> None:
    def answer(asked: Asked) -> Answer:
        return (403, refusal("UnauthorizedOperation")) if asked.region == "eu-west-1" else (200, instances("i-1"))

    endpoint.answer = answer
    with pytest.raises(Forbidden, match="ec2:DescribeInstances") as caught:
        await listed(AwsCompute(connect(regions=["us-east-1", "eu-west-1"])))
    assert "eu-west-1" in caught.value.details


@pytest.mark.parametrize(("change", "state"), [("stop", "stopping"), ("start", "pending")])
async def test_a_lost_answer_is_settled_by_looking(change: Change, state: str, endpoint: Endpoint, connect: Connect) -> None:
    """The connection drops after the request was accepted: the state tells that it was."""
    endpoint.answer = lambda asked: (200, instances("i-1", state=state)) if asked.action == "DescribeInstances" else Drop()
    await AwsCompute(connect(), settle=(0,)).change(change, running())
    assert [asked.action for asked in endpoint.asked] == [f"{change.capitalize()}Instances", "DescribeInstances"]


@pytest.mark.parametrize("lost", [Drop(), (500, "<html>"), (500, refusal("InternalError"))])
async def test_a_lost_change_is_never_sent_twice(lost: Answer, endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = lambda asked: (200, instances("i-1")) if asked.action == "DescribeInstances" else lost
    with pytest.raises(Timeout) as caught:
        await AwsCompute(connect(), settle=(0, 0.01)).change("stop", running())
    assert len(endpoint.actions("StopInstances")) == 1
    assert len(endpoint.actions("DescribeInstances")) == 2
    assert "was running when last looked at" in caught.value.unchanged


async def test_a_lost_reboot_is_not_claimed_to_have_happened(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = lambda asked: (200, instances("i-1")) if asked.action == "DescribeInstances" else Drop()
    with pytest.raises(Timeout):
        await AwsCompute(connect(), settle=(0,)).change("reboot", running())
    assert len(endpoint.actions("RebootInstances")) == 1


async def test_when_even_looking_fails_the_outcome_is_unknown(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = lambda _: Drop()
    with pytest.raises(Timeout) as caught:
        await AwsCompute(connect(), settle=(0,)).change("stop", running())
    assert len(endpoint.actions("StopInstances")) == 1
    assert "not known" in caught.value.unchanged


async def test_a_lost_change_is_looked_at_in_its_own_region_only(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = lambda asked: (
        (200, instances("i-1", state="stopping"))
        if (asked.action, asked.region) == ("DescribeInstances", "us-east-1")
        else Drop()
    )
    await AwsCompute(connect(regions=["eu-west-1", "us-east-1"]), settle=(0,)).change("stop", running())
    assert {asked.region for asked in endpoint.asked} == {"us-east-1"}


async def test_a_slow_change_is_looked_at_after_the_deadline(endpoint: Endpoint, connect: Connect) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.action == "DescribeInstances":
            return 200, instances("i-1", state="stopping")
        time.sleep(0.8)
        return 200, "<StopInstancesResponse/>"

    session = connect(deadline=0.4)
    await session.prepare()
    endpoint.answer = answer
    await AwsCompute(session, settle=(0,)).change("stop", running())
    assert len(endpoint.actions("StopInstances")) == 1


async def test_a_refused_change_is_a_conflict_and_not_looked_at(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = lambda _: (400, refusal("IncorrectInstanceState", "The instance 'i-1' is not in a state to be started."))
    with pytest.raises(Conflict, match="i-1"):
        await AwsCompute(connect(), settle=(0,)).change("start", running())
    assert len(endpoint.asked) == 1


async def test_a_change_that_never_left_is_unavailable(connect: Connect) -> None:
    with pytest.raises(Unavailable):
        await AwsCompute(connect(endpoint_url="http://127.0.0.1:9"), settle=(0,)).change("stop", running())


async def test_lost_tags_are_settled_by_looking(endpoint: Endpoint, connect: Connect) -> None:
    tags = "<item><key>Env</key><value>prod</value></item>"
    endpoint.answer = lambda asked: (200, instances("i-1", tags=tags)) if asked.action == "DescribeInstances" else Drop()
    compute = AwsCompute(connect(), settle=(0,))
    await compute.tag(running(), {"Env": "prod"})
    await compute.untag(running(), ["Other"])
    with pytest.raises(Timeout):
        await compute.untag(running(), ["Env"])
    assert len(endpoint.actions("CreateTags")) == 1
    assert len(endpoint.actions("DeleteTags")) == 2


async def test_checks_are_asked_for_by_the_hundred_and_leave_the_stopped_out(endpoint: Endpoint, connect: Connect) -> None:
    def answer(asked: Asked) -> Answer:
        items = "".join(
            f"<item><instanceId>{id}</instanceId>"
            f"<instanceState><name>{'stopped' if id == 'i-7' else 'running'}</name></instanceState>"
            "<systemStatus><status>ok</status></systemStatus><instanceStatus><status>impaired</status></instanceStatus><eventsSet>"
            "<item><code>system-reboot</code><description>patch</description><notBefore>2026-02-01T10:00:00Z</notBefore></item>"
            "<item><code>system-reboot</code><description>[Completed] old</description></item></eventsSet></item>"
            for id in asked.values("InstanceId")
        )
        return (
            200,
            f"<DescribeInstanceStatusResponse><instanceStatusSet>{items}</instanceStatusSet></DescribeInstanceStatusResponse>",
        )

    endpoint.answer = answer
    checks = await AwsCompute(connect()).checks([running(f"i-{n}") for n in range(250)])
    assert len(checks) == 249
    assert "i-7" not in checks
    assert checks["i-0"].instance == "impaired"
    assert checks["i-0"].events == ("system-reboot: patch (2026-02-01 10:00 UTC)",)
    assert sorted(len(asked.values("InstanceId")) for asked in endpoint.asked) == [50, 100, 100]
    assert {asked.params["IncludeAllInstances"] for asked in endpoint.asked} == {"true"}
