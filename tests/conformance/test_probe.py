"""The probes of `doctor` against the simulated AWS: they find out what they can and change nothing."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from providers.aws import Aws, AwsSettings
from skills.kit.ports.compute import Instance, InstanceQuery
from skills.kit.ports.probe import Finding

ACTIONS = [
    "ce:GetCostAndUsage",
    "ce:GetCostForecast",
    "cloudwatch:GetMetricData",
    "cloudwatch:ListMetrics",
    "ec2:CreateTags",
    "ec2:DeleteTags",
    "ec2:DescribeInstanceStatus",
    "ec2:DescribeInstances",
    "ec2:RebootInstances",
    "ec2:StartInstances",
    "ec2:StopInstances",
    "ssm:CancelCommand",
    "ssm:DescribeInstanceInformation",
    "ssm:GetCommandInvocation",
    "ssm:ListCommandInvocations",
    "ssm:ListCommands",
    "ssm:SendCommand",
]
UNTRIED = {"aws ssm:CancelCommand", "aws ssm:SendCommand"}
"""Cannot be tried without an effect, and the simulated AWS does not simulate IAM's simulation."""


@pytest.mark.demo
async def test_every_action_is_probed_and_nothing_changes(simulated: str) -> None:
    settings = AwsSettings(
        regions=["us-east-1"], endpoint_url=simulated, access_key_id="demo", secret_access_key=SecretStr("demo"), threads=4
    )
    aws = Aws(settings)

    async def fleet() -> dict[str, Instance]:
        return {i.id: i async for page in aws.compute.pages(InstanceQuery()) for i in page}

    await aws.prepare()
    before = await fleet()
    found = {probe.name: probe for probe in await aws.probe(ACTIONS)}
    assert await fleet() == before
    await aws.close()
    assert set(found) == {"aws identity", *(f"aws {action}" for action in ACTIONS)}
    assert {name for name, probe in found.items() if probe.finding is not Finding.OK} == UNTRIED
    assert {found[name].finding for name in UNTRIED} == {Finding.WARN}
