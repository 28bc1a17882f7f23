from __future__ import annotations

import pytest

from providers.aws import Aws
from providers.aws.doctor import probe
from skills.kit.ports.probe import Finding, Probe
from tests.unit.providers.aws.conftest import Connect
from tests.unit.providers.aws.endpoint import Answer, Asked, Endpoint, instances, refusal

IDENTITY = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    "<Arn>arn:aws:sts::1:assumed-role/bot/session</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>"
)
ACTIONS = [
    "ec2:DescribeInstances",
    "ec2:StartInstances",
    "ec2:StopInstances",
    "ssm:GetCommandInvocation",
    "ssm:ListCommands",
    "ssm:SendCommand",
]


def simulated(decision: str) -> str:
    return (
        '<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><SimulatePrincipalPolicyResult>'
        f"<EvaluationResults><member><EvalActionName>a</EvalActionName><EvalDecision>{decision}</EvalDecision></member>"
        "</EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
    )


def answer(asked: Asked) -> Answer:
    match asked.action:
        case "GetCallerIdentity":
            return 200, IDENTITY
        case "DescribeInstances":
            return 200, instances("i-1")
        case "StartInstances":
            return 412, refusal("DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
        case "StopInstances":
            return 403, refusal("UnauthorizedOperation")
        case "SimulatePrincipalPolicy":
            return 200, simulated("implicitDeny")
        case "GetCommandInvocation":
            return 400, {"__type": "InvocationDoesNotExist", "message": ""}
        case _:
            return 400, {"__type": "AccessDeniedException", "message": "no"}


def by_name(probes: list[Probe]) -> dict[str, Probe]:
    return {probe.name.removeprefix("aws "): probe for probe in probes}


async def test_each_action_is_tried_without_effect(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = answer
    found = by_name(await probe(connect(), ACTIONS))
    assert {name: probe.finding for name, probe in found.items()} == {
        "identity": Finding.OK,
        "ec2:DescribeInstances": Finding.OK,
        "ec2:StartInstances": Finding.OK,
        "ec2:StopInstances": Finding.FAIL,
        "ssm:GetCommandInvocation": Finding.OK,
        "ssm:ListCommands": Finding.FAIL,
        "ssm:SendCommand": Finding.FAIL,
    }
    assert "ec2:StopInstances" in found["ec2:StopInstances"].remedy
    changing = [*endpoint.actions("StartInstances"), *endpoint.actions("StopInstances")]
    assert [asked.params["DryRun"] for asked in changing] == ["true", "true"]
    assert endpoint.actions("SendCommand") == []
    assert endpoint.actions("SimulatePrincipalPolicy")[0].params["PolicySourceArn"] == "arn:aws:iam::1:role/bot"


async def test_what_cannot_be_found_out_is_a_warning(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = lambda asked: (403, refusal("AccessDenied")) if asked.service == "iam" else answer(asked)
    found = by_name(await probe(connect(), ["ssm:SendCommand"]))
    assert found["ssm:SendCommand"].finding is Finding.WARN


@pytest.mark.parametrize("reply", [(403, refusal("InvalidClientTokenId")), (500, "<!doctype html>")])
async def test_without_an_identity_nothing_else_is_tried(reply: Answer, endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = lambda _: reply
    (only,) = await probe(connect(), ACTIONS)
    assert (only.name, only.finding) == ("aws identity", Finding.FAIL)
    assert {asked.action for asked in endpoint.asked} == {"GetCallerIdentity"}


async def test_the_cloud_probes_too_and_closes(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = answer
    aws = Aws(connect().settings)
    try:
        assert (await aws.probe([]))[0].finding is Finding.OK
    finally:
        await aws.close()
