"""In whose session a request is made, before STS, EC2 and SSM that enforce the session's policy."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from providers.aws.commands import AwsCommands
from providers.aws.compute import AwsCompute
from providers.aws.people import KEPT
from providers.aws.session import Scope, Session
from skills.kit.errors import Forbidden, NotFound, OpsError, Throttled, Unavailable
from skills.kit.ports.acting import Acting, On, acting, acting_as
from skills.kit.ports.commands import Shell
from skills.kit.ports.compute import Instance, State
from tests.unit.providers.aws.conftest import Connect
from tests.unit.providers.aws.endpoint import Answer, Drop, Endpoint
from tests.unit.providers.aws.enforcing import ACCOUNT, OWN, Enforcing

ROLE = "arn:aws:iam::{account}:role/ops-actions"
STOP = ("ec2:StopInstances", "ec2:DescribeInstances")
SEND = ("ssm:SendCommand", "ssm:ListCommands")


@pytest.fixture
def aws(endpoint: Endpoint) -> Enforcing:
    endpoint.answer = aws = Enforcing()
    return aws


@pytest.fixture
def session(aws: Enforcing, connect: Connect) -> Session:
    return connect(action_role=ROLE)


class Clock:
    """Time that moves when told; what AWS and we both read."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


def instance(id: str = "i-a", region: str = "us-east-1", account: str = ACCOUNT) -> Instance:
    return Instance.model_validate({"id": id, "state": State.RUNNING, "region": region, "account": account})


def as_(name: str = "Ada", *ids: str, iam: tuple[str, ...] = STOP, changes: bool = True, key: str = "") -> Any:
    """Act as somebody who confirmed something on those instances; `i-a` when none is named."""
    on = tuple(On(id, "us-east-1", ACCOUNT) for id in ids or ("i-a",))
    return acting_as(Acting(key or f"teams:t1/{name.lower()}", name, "instances.stop", changes, iam, on, "action-1"))


async def stop(session: Session, id: str = "i-a") -> None:
    await AwsCompute(session, settle=(0,)).change("stop", instance(id))


async def refusal_of(work: Any) -> OpsError:
    with pytest.raises(OpsError) as caught:
        await work
    return caught.value


def by_own(endpoint: Endpoint) -> set[str]:
    """The actions asked with the bot's own identity."""
    return {asked.action for asked in endpoint.asked if asked.key == OWN}


async def test_what_was_confirmed_is_done_in_the_persons_session(aws: Enforcing, endpoint: Endpoint, session: Session) -> None:
    with as_("Ada"):
        await stop(session)
    ((key, issued),) = aws.sessions.items()
    assert issued.name.startswith("Ada-")
    assert issued.role == f"arn:aws:iam::{ACCOUNT}:role/ops-actions"
    assert issued.asked["DurationSeconds"] == "900"
    assert {"SourceIdentity", "Tags.member.1.Key"}.isdisjoint(issued.asked)
    assert aws.done == [(issued.name, "StopInstances", "i-a")]
    assert endpoint.actions("StopInstances")[0].key == key
    assert by_own(endpoint) == {"GetCallerIdentity", "AssumeRole"}


async def test_another_instance_is_refused_by_aws_itself(aws: Enforcing, session: Session) -> None:
    with as_("Ada", "i-a"):
        error = await refusal_of(stop(session, "i-b"))
    assert isinstance(error, Forbidden)
    assert error.missing == "ec2:StopInstances"
    assert "Ada-" in error.what
    assert f"arn:aws:iam::{ACCOUNT}:role/ops-actions" in error.remedy
    assert aws.done == []


@pytest.mark.parametrize("change", ["start", "reboot"])
async def test_another_action_is_refused_by_aws_itself(change: Any, aws: Enforcing, session: Session) -> None:
    with as_("Ada", "i-a"):
        error = await refusal_of(AwsCompute(session).change(change, instance("i-a")))
    assert isinstance(error, Forbidden)
    assert error.missing == f"ec2:{change.capitalize()}Instances"
    assert aws.done == []


async def test_two_instances_in_one_request_are_refused_when_one_was_not_confirmed(aws: Enforcing, session: Session) -> None:
    with as_("Ada", "i-a"):
        both = session.call(Scope("us-east-1"), "ec2", "stop_instances", once=True, InstanceIds=["i-a", "i-b"])
        assert isinstance(await refusal_of(both), Forbidden)
    assert aws.done == []


async def test_reading_is_allowed_as_declared_and_not_beyond(aws: Enforcing, endpoint: Endpoint, session: Session) -> None:
    compute = AwsCompute(session)
    with as_("Ada", "i-a"):
        assert [found.id for found in await compute.get(["i-b"])] == ["i-b"]
        error = await refusal_of(compute.checks([instance()]))
    assert isinstance(error, Forbidden)
    assert error.missing == "ec2:DescribeInstanceStatus"
    assert by_own(endpoint) == {"GetCallerIdentity", "AssumeRole"}


async def test_what_the_role_itself_may_not_do_is_refused_by_name(aws: Enforcing, session: Session) -> None:
    aws.role_allows = "ec2:Describe.*"
    with as_("Ada"):
        error = await refusal_of(stop(session))
    assert isinstance(error, Forbidden)
    assert error.missing == "ec2:StopInstances"


async def test_a_change_that_nobody_confirmed_is_not_even_asked(endpoint: Endpoint, session: Session) -> None:
    for nobody in (None, Acting("teams:t1/ada", "Ada", "instances.list", changes=False)):
        token = acting.set(nobody)
        error = await refusal_of(stop(session))
        acting.reset(token)
        assert isinstance(error, Forbidden)
    assert endpoint.asked == []


async def test_the_product_itself_reads_with_its_own_identity(aws: Enforcing, endpoint: Endpoint, session: Session) -> None:
    compute = AwsCompute(session)
    await compute.get(["i-a"])
    with as_("Ada", changes=False):
        await compute.get(["i-a"])
    assert by_own(endpoint) == {"DescribeInstances"}


async def test_reading_skills_run_in_a_session_too_when_configured(aws: Enforcing, endpoint: Endpoint, connect: Connect) -> None:
    session = connect(action_role=ROLE, action_reads=True)
    with as_("Ada", changes=False):
        await AwsCompute(session).get(["i-a"])
    assert [aws.who(asked)[:4] for asked in endpoint.actions("DescribeInstances")] == ["Ada-"]


async def test_without_a_role_nothing_is_assumed(aws: Enforcing, endpoint: Endpoint, connect: Connect) -> None:
    with as_("Ada"):
        await stop(connect())
    assert [asked.action for asked in endpoint.asked] == ["StopInstances"]


async def test_people_who_act_at_once_never_share_credentials(aws: Enforcing, endpoint: Endpoint, session: Session) -> None:
    aws.fleet = tuple(f"i-{n}" for n in range(10))

    async def act(name: str, key: str) -> None:
        with as_(name, *aws.fleet, key=key):
            for id in aws.fleet:
                await asyncio.gather(stop(session, id), AwsCompute(session).get([id]))

    people = {"teams:t1/ada": "Ada", "teams:t1/ben": "Ben", "teams:t2/ada": "Ada"}
    await asyncio.gather(*(act(name, key) for key, name in people.items()))
    names = [issued.name for issued in aws.sessions.values()]
    assert len(set(names)) == len(names) == 3
    done = [(aws.who(asked), asked.params["InstanceId.1"]) for asked in endpoint.actions("StopInstances")]
    assert sorted(done) == sorted((name, id) for name in names for id in aws.fleet)
    assert by_own(endpoint) == {"GetCallerIdentity", "AssumeRole"}


async def test_the_person_is_kept_in_tasks_and_threads_the_run_starts(
    aws: Enforcing, endpoint: Endpoint, connect: Connect
) -> None:
    compute = AwsCompute(connect(action_role=ROLE, regions=["us-east-1", "eu-west-1", "eu-north-1"]))
    with as_("Ada"):
        listed = asyncio.create_task(compute.get(["i-a"]))  # in three regions, a task and a thread each
    assert acting.get() is None
    assert [found.id for found in await listed] == ["i-a"]
    asked = endpoint.actions("DescribeInstances")
    assert {each.region for each in asked} == {"us-east-1", "eu-west-1", "eu-north-1"}
    assert {aws.who(each)[:4] for each in asked} == {"Ada-"}


async def test_a_session_is_renewed_before_it_ends_in_the_middle_of_a_run(aws: Enforcing, endpoint: Endpoint) -> None:
    aws.now = clock = Clock()
    session = Session(settings(endpoint), clock)
    compute = AwsCompute(session)
    with as_("Ada"):
        for _ in range(20):
            await compute.get(["i-a"])
            clock.now += timedelta(minutes=3)
        await stop(session)
    await session.close()
    assert len(aws.sessions) == 6  # of four reads each, the last for the stop; no request was refused as expired
    assert len({json.dumps(issued.policy) for issued in aws.sessions.values()}) == 1
    assert aws.done == [(issued.name, "StopInstances", "i-a") for issued in list(aws.sessions.values())[-1:]]


async def test_many_targets_are_covered_by_several_sessions_each_asked_for_once(
    aws: Enforcing, endpoint: Endpoint, session: Session
) -> None:
    ids = [f"i-{n:017x}" for n in range(50)]
    with as_("Ada", *ids):
        await asyncio.gather(*(stop(session, id) for id in ids))
        error = await refusal_of(stop(session, "i-0000000000000ffff"))
    assert sorted(id for _, _, id in aws.done) == ids
    assert isinstance(error, Forbidden)
    assert len(aws.sessions) == 2
    assert len(endpoint.actions("GetCallerIdentity")) == 1
    assert all(len(issued.asked["Policy"]) <= 2048 for issued in aws.sessions.values())


async def test_a_command_to_many_goes_out_in_requests_a_session_covers(aws: Enforcing, session: Session) -> None:
    ids = [f"i-{n:017x}" for n in range(50)]
    with as_("Ada", *ids, iam=SEND):
        sent = await send(session, ids)
    assert len(sent) == len(aws.commands) == 2
    assert sorted(id for _, _, id in aws.done) == ids


async def test_a_command_is_not_sent_again_when_fewer_fit_into_a_request_than_before(
    aws: Enforcing, endpoint: Endpoint, connect: Connect
) -> None:
    ids = [f"i-{n:017x}" for n in range(60)]
    before = await send(connect(), ids[:50])  # the process died here, and its settings were changed
    with as_("Ada", *ids, iam=SEND):
        after = await send(connect(action_role=ROLE), ids)
    assert after[:1] == before
    assert sorted(id for _, _, id in aws.done) == ids


async def test_a_command_to_an_unconfirmed_instance_is_refused(aws: Enforcing, session: Session) -> None:
    with as_("Ada", "i-a", iam=SEND):
        error = await refusal_of(send(session, ["i-b"]))
    assert isinstance(error, Forbidden)
    assert error.missing == "ssm:SendCommand"
    assert aws.done == []


NO_ROLE = (
    '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Code>{code}</Code><Message>{message}</Message>'
    "</Error><RequestId>r</RequestId></ErrorResponse>"
)
DENIED = "User: arn:aws:sts::1:assumed-role/bot/x is not authorized to perform: {action} on resource: {role}"


@pytest.mark.parametrize("action", ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])
async def test_a_role_that_may_not_be_assumed_is_named_and_nothing_happens(
    action: str, aws: Enforcing, endpoint: Endpoint, session: Session
) -> None:
    message = DENIED.format(action=action, role="arn:aws:iam::111111111111:role/ops-actions")
    aws.assume = lambda _: (403, NO_ROLE.format(code="AccessDenied", message=message))
    with as_("Ada"):
        error = await refusal_of(stop(session))
    assert isinstance(error, Forbidden)
    assert error.missing == action
    assert action in error.remedy
    assert "trust policy" in error.remedy
    assert {asked.action for asked in endpoint.asked} == {"GetCallerIdentity", "AssumeRole"}
    assert aws.done == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Drop(), Unavailable),
        ((500, "<html>"), Unavailable),
        ((503, NO_ROLE.format(code="ServiceUnavailable", message="down")), Unavailable),
        ((403, NO_ROLE.format(code="InvalidClientTokenId", message="bad")), Unavailable),
        ((400, NO_ROLE.format(code="PackedPolicyTooLarge", message="Packed policy consumes 101%")), Unavailable),
        ((400, NO_ROLE.format(code="MalformedPolicyDocument", message="bad")), Unavailable),
        ((400, NO_ROLE.format(code="Throttling", message="Rate exceeded")), Throttled),
    ],
)
async def test_without_sts_nothing_happens_and_that_is_said(
    answer: Answer, kind: type[OpsError], aws: Enforcing, endpoint: Endpoint, session: Session
) -> None:
    aws.assume = lambda _: answer
    with as_("Ada"):
        error = await refusal_of(stop(session))
    assert type(error) is kind  # not Unclear, nor Timeout: those would say that it may have happened
    assert error.unchanged == "Nothing was changed."
    assert {asked.action for asked in endpoint.asked} == {"GetCallerIdentity", "AssumeRole"}
    assert aws.done == []


@pytest.mark.parametrize("answer", [Drop(), (500, "<html>"), (403, NO_ROLE.format(code="AccessDenied", message="no"))])
async def test_without_knowing_the_account_nothing_happens(
    answer: Answer, aws: Enforcing, endpoint: Endpoint, session: Session
) -> None:
    endpoint.answer = lambda asked: answer if asked.action == "GetCallerIdentity" else aws(asked)
    with as_("Ada"):
        error = await refusal_of(stop(session))
    assert type(error) is Unavailable
    assert {asked.action for asked in endpoint.asked} == {"GetCallerIdentity"}


async def test_a_policy_that_sts_finds_too_large_is_never_widened(aws: Enforcing, endpoint: Endpoint, session: Session) -> None:
    aws.assume = lambda _: (400, NO_ROLE.format(code="PackedPolicyTooLarge", message="101%"))
    with as_("Ada"):
        error = await refusal_of(stop(session))
    assert "fewer" in error.remedy
    assert len({asked.params["Policy"] for asked in endpoint.actions("AssumeRole")}) == 1


async def test_an_sts_that_hangs_cannot_let_the_change_happen_later(aws: Enforcing, connect: Connect) -> None:
    def slow(_: Any) -> Answer:
        time.sleep(0.6)
        aws.assume = None
        return 500, "<html>"

    session = connect(action_role=ROLE.replace("{account}", ACCOUNT), deadline=0.4)
    await session.prepare()
    aws.assume = slow
    with as_("Ada"):
        error = await refusal_of(stop(session))
    assert type(error) is Unavailable
    await asyncio.sleep(1.5)
    assert aws.done == []


async def test_once_sts_answers_again_it_works_again(aws: Enforcing, session: Session) -> None:
    with as_("Ada"):
        aws.assume = lambda _: (403, NO_ROLE.format(code="AccessDenied", message="no"))
        await refusal_of(stop(session))
        aws.assume = None
        await stop(session)
    assert len(aws.done) == 1


async def test_each_account_has_its_own_session_of_its_own_role(aws: Enforcing, endpoint: Endpoint, connect: Connect) -> None:
    accounts = ["222222222222", "333333333333"]
    session = connect(action_role=ROLE, accounts=[f"arn:aws:iam::{account}:role/ops" for account in accounts])
    on = (On("i-a", "us-east-1", "222222222222"), On("i-b", "us-east-1", "333333333333"))
    compute = AwsCompute(session)
    with acting_as(Acting("teams:t1/ada", "Ada", "instances.stop", True, STOP, on, "x")):
        await compute.change("stop", instance("i-a", account="222222222222"))
        await compute.change("stop", instance("i-b", account="333333333333"))
        crossed = await refusal_of(compute.change("stop", instance("i-a", account="333333333333")))
    assert isinstance(crossed, Forbidden)
    acted = [issued for issued in aws.sessions.values() if issued.name.startswith("Ada-")]
    assert [issued.role for issued in acted] == [f"arn:aws:iam::{account}:role/ops-actions" for account in accounts]
    # It is the account's own role that assumes the one for actions: one trust per account, within the account.
    chained = [aws.sessions[asked.key].role for asked in endpoint.actions("AssumeRole") if asked.key != OWN]
    assert chained == [f"arn:aws:iam::{account}:role/ops" for account in accounts]


async def test_the_sessions_kept_are_bounded(aws: Enforcing, endpoint: Endpoint, session: Session) -> None:
    for number in range(KEPT + 2):
        with as_(f"P{number}"):
            await stop(session)
    with as_(f"P{KEPT + 1}"):
        await stop(session)
    assert len(endpoint.actions("AssumeRole")) == KEPT + 2
    with as_("P0"):
        await stop(session)
    assert len(endpoint.actions("AssumeRole")) == KEPT + 3


async def test_one_who_stops_waiting_does_not_stop_another(aws: Enforcing, session: Session) -> None:
    def slowly(asked: Any) -> Answer:
        time.sleep(0.3)
        aws.assume = None
        return aws._sts(asked)  # pyright: ignore[reportPrivateUsage]  # the answer it would have given

    aws.assume = slowly
    with as_("Ada"):
        first, second = asyncio.create_task(stop(session)), asyncio.create_task(stop(session))
        await asyncio.sleep(0.15)
        first.cancel()
        await second
    assert len(aws.done) == 1


async def test_an_instance_of_an_unknown_region_is_not_found_before_anybody_is_assumed(
    endpoint: Endpoint, session: Session
) -> None:
    with as_("Ada"):
        error = await refusal_of(AwsCompute(session).change("stop", instance(region="xx-nowhere-1")))
    assert isinstance(error, NotFound)
    assert endpoint.asked == []


async def send(session: Session, ids: list[str]) -> list[str]:
    commands = AwsCommands(session, settle=(0,))
    group = [instance(id) for id in ids]
    return list(await commands.send(group, "uptime", shell=Shell.BASH, timeout=timedelta(minutes=1), token="t"))


def settings(endpoint: Endpoint) -> Any:
    from providers.aws import AwsSettings

    given = {"endpoint_url": endpoint.url, "regions": ["us-east-1"], "access_key_id": OWN, "secret_access_key": "s"}
    return AwsSettings.model_validate({**given, "threads": 4, "action_role": ROLE})
