"""Acting under a role before moto with IAM enforced: it judges actions and trust, but neither session policies nor resources.

Those are proven in tests/unit/providers/aws/test_people.py before a stub of ours that judges nothing else, and here with that
stub in front of the simulated AWS: what the skills that change something declare is what they need.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

import skills
from gate.run import Run
from providers.aws import Aws, AwsSettings
from providers.aws.doctor import probe
from skills.kit.catalogue import discover
from skills.kit.declaration import Risk
from skills.kit.errors import Forbidden, OpsError
from skills.kit.ports.acting import Acting, On, acting_as
from skills.kit.ports.commands import Commands
from skills.kit.ports.compute import Compute, Instance, InstanceQuery, State
from skills.kit.ports.probe import Finding
from skills.kit.ports.run import Progress
from tests.unit.providers.aws.endpoint import Endpoint
from tests.unit.providers.aws.enforcing import OWN, Enforcing

pytestmark = pytest.mark.demo

ACCOUNT, REGION = "123456789012", "us-east-1"
ACTIONS = ("ec2:DescribeInstances", "ec2:StopInstances")


@dataclass(frozen=True)
class Enforced:
    """A moto that judges what its user `bot` asks: it may look at instances and assume `ops-actions`, which may stop them."""

    url: str
    key: str
    secret: str
    instances: tuple[str, ...]


@pytest.fixture(scope="module")
def enforced() -> Iterator[Enforced]:
    """Set up while moto judges nothing, then told to judge."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "MOTO_", "INITIAL_NO_AUTH"))}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=kept, stdout=quiet, stderr=quiet) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            _until_up(url)
            made = _account(url)
            judge = urllib.request.Request(f"{url}/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"})
            urllib.request.urlopen(judge, timeout=5).close()
            yield made
        finally:
            process.terminate()


def _until_up(url: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{url}/moto-api/data.json", timeout=5).close()
        except urllib.error.URLError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("moto did not start")


def _account(url: str) -> Enforced:
    import boto3

    session = boto3.Session(aws_access_key_id="root", aws_secret_access_key="root", region_name=REGION)
    client: Any = session.client
    iam, ec2 = client("iam", endpoint_url=url), client("ec2", endpoint_url=url)
    user = iam.create_user(UserName="bot")["User"]["Arn"]
    roles = [f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("ops-actions", "ops-strangers")]
    own = [_allow("sts:AssumeRole", *roles), _allow("ec2:DescribeInstances", "*")]
    iam.put_user_policy(UserName="bot", PolicyName="own", PolicyDocument=_document(*own))
    trusted = {"ops-actions": user, "ops-strangers": f"arn:aws:iam::{ACCOUNT}:user/somebody-else", "ops-unmentioned": user}
    for role, who in trusted.items():
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": who}}
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=_document(trust))
        iam.put_role_policy(RoleName=role, PolicyName="actions", PolicyDocument=_document(_allow(list(ACTIONS), "*")))
    key = iam.create_access_key(UserName="bot")["AccessKey"]
    ran = ec2.run_instances(ImageId="ami-12c6146b", MinCount=3, MaxCount=3)["Instances"]
    for client in (iam, ec2):
        client.close()
    return Enforced(url, key["AccessKeyId"], key["SecretAccessKey"], tuple(instance["InstanceId"] for instance in ran))


def _allow(actions: str | list[str], *resources: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": list(resources)}


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.fixture
async def connect(enforced: Enforced) -> AsyncIterator[Any]:
    """Makes Aws over the enforcing moto, as its user `bot`; role: the action role's name."""
    opened: list[Aws] = []

    def make(role: str = "") -> Aws:
        given = {"endpoint_url": enforced.url, "regions": [REGION], "access_key_id": enforced.key, "threads": 4}
        arn = f"arn:aws:iam::{{account}}:role/{role}" if role else ""
        opened.append(Aws(AwsSettings.model_validate({**given, "secret_access_key": enforced.secret, "action_role": arn})))
        return opened[-1]

    yield make
    for aws in opened:
        await aws.close()


def confirmed(*ids: str, iam: tuple[str, ...] = ACTIONS) -> Any:
    on = tuple(On(id, REGION, ACCOUNT) for id in ids)
    return acting_as(Acting("teams:t1/ada", "Ada Admin", "instances.stop", True, iam, on, "action-1"))


async def states(aws: Aws) -> dict[str, State]:
    """As the bot itself sees them."""
    return {i.id: i.state async for page in aws.compute.pages(InstanceQuery()) for i in page}


async def one(aws: Aws, id: str) -> Instance:
    return (await aws.compute.get([id]))[0]


async def test_the_bot_itself_may_look_and_may_not_stop(enforced: Enforced, connect: Any) -> None:
    aws = connect()
    instance = await one(aws, enforced.instances[0])
    with pytest.raises(Forbidden) as refused:
        await aws.compute.change("stop", instance)
    assert refused.value.missing == "ec2:StopInstances"
    assert (await states(aws))[instance.id] is State.RUNNING


async def test_a_confirmed_stop_is_allowed_by_the_role(enforced: Enforced, connect: Any) -> None:
    aws = connect("ops-actions")
    instance = await one(aws, enforced.instances[1])
    with confirmed(instance.id):
        await aws.compute.change("stop", instance)
    assert (await states(aws))[instance.id] is State.STOPPED


async def test_what_the_role_may_not_do_is_refused_by_name(enforced: Enforced, connect: Any) -> None:
    aws = connect("ops-actions")
    instance = await one(aws, enforced.instances[2])
    with confirmed(instance.id, iam=("ec2:CreateTags",)), pytest.raises(Forbidden) as refused:
        await aws.compute.tag(instance, {"Owner": "ada"})
    assert refused.value.missing == "ec2:CreateTags"
    assert f"arn:aws:iam::{ACCOUNT}:role/ops-actions" in refused.value.remedy
    assert "Owner" not in (await one(aws, instance.id)).tags


@pytest.mark.parametrize("role", ["ops-strangers", "ops-absent"])
async def test_a_role_that_does_not_trust_the_bot_does_nothing(role: str, enforced: Enforced, connect: Any) -> None:
    aws = connect(role)
    instance = await one(aws, enforced.instances[0])
    with confirmed(instance.id), pytest.raises(Forbidden) as refused:
        await aws.compute.change("stop", instance)
    assert refused.value.missing == "sts:AssumeRole"
    assert (await states(aws))[instance.id] is State.RUNNING


async def test_doctor_says_whether_the_role_can_be_assumed_and_tries_in_it(enforced: Enforced, connect: Any) -> None:
    found = {each.name: each for each in await probe(connect("ops-actions").session, ACTIONS, acted=ACTIONS)}
    assert found["aws action role"].finding is Finding.OK
    assert "assumed-role/ops-actions/doctor-" in found["aws action role"].what
    assert found["aws ec2:StopInstances as action role"].finding is Finding.OK
    found = {each.name: each for each in await probe(connect("ops-strangers").session, ACTIONS, acted=ACTIONS)}
    assert found["aws action role"].finding is Finding.FAIL
    assert "sts:AssumeRole" in found["aws action role"].remedy
    assert found["aws ec2:DescribeInstances"].finding is Finding.OK


CHANGES: dict[str, dict[str, Any]] = {
    "instances.stop": {},
    "instances.start": {},
    "instances.reboot": {},
    "instances.tag": {"tags": ["Owner=ada"]},
    "instances.untag": {"keys": ["Owner"]},
    "commands.run": {"command": "uptime"},
}


def test_every_skill_that_changes_something_is_tried() -> None:
    assert {skill.name for skill in discover(skills) if skill.risk is not Risk.READ} == set(CHANGES)


@pytest.mark.parametrize("name", CHANGES)
async def test_a_skill_can_do_its_work_with_what_it_declares_and_on_nothing_else(name: str, simulated: str) -> None:
    skill, endpoint = discover(skills).get(name), Endpoint()
    endpoint.answer = judge = Enforcing(behind=simulated)
    role = f"arn:aws:iam::{ACCOUNT}:role/ops-actions"
    given = {"endpoint_url": endpoint.url, "regions": [REGION], "access_key_id": OWN, "secret_access_key": "s", "threads": 4}
    aws = Aws(AwsSettings.model_validate({**given, "action_role": role}))
    ports: dict[type, Any] = {Compute: aws.compute, Commands: aws.commands, Progress: Run(f"run-{name}")}
    wanted = State.STOPPED if name == "instances.start" else State.RUNNING
    fleet = [i async for page in aws.compute.pages(InstanceQuery(states=(wanted,))) for i in page]
    mine, other = [i for i in fleet if i.platform == "linux" and "bastion" not in i.name][-2:]
    own = len(endpoint.asked)

    async def run(on: Instance) -> str:
        """What it came to: its result, or the code of the error that ended it."""
        arguments = skill.arguments.model_validate({**CHANGES[name], "instances": [on.id]})
        who = Acting("teams:t1/ada", "Ada", name, True, skill.iam, (On(mine.id, REGION, ACCOUNT),), "action-1")
        with acting_as(who):
            try:
                result = await skill.run(arguments, **{port: ports[kind] for port, kind in skill.ports.items()})
            except OpsError as error:
                return error.code
            return result.model_dump_json(by_alias=True)

    try:
        assert '"ok":true' in await run(mine)
        assert "FORBIDDEN" in await run(other)
        assert {asked.key for asked in endpoint.asked[own:] if asked.action != "AssumeRole"} <= set(judge.sessions)
    finally:
        await aws.close()
        endpoint.close()
