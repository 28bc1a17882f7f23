"""`instances.describe`: everything about one instance."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from pydantic import Field

import cards.instances
from skills.gaps import Gaps
from skills.instances.models import InstanceDetail
from skills.instances.utilization import SHOWN, listed
from skills.kit import Arguments, Duration, InstanceRef, skill
from skills.kit.ports.commands import Commands
from skills.kit.ports.compute import Compute, Instance, State, StatusCheck
from skills.kit.ports.metrics import Metrics


class DescribeInstance(Arguments):
    """Which instance to describe."""

    instance: InstanceRef = Field(description="Its id or name.")
    window: Duration = Field(
        timedelta(hours=6), ge=timedelta(minutes=30), le=timedelta(days=30), description="How far back its measurements reach."
    )


@skill(
    "instances.describe",
    permission="instances:read",
    view=cards.instances.described,
    examples=(
        "describe {web-server-01:instance}",
        "details of {i-0abc123def:instance}",
        "tell me about {the bastion:instance}",
        "show {web-server-01:instance}",
        "what is {i-0abc123def:instance}",
        "what's the ip of {db-2:instance}",
    ),
    iam=(
        "ec2:DescribeInstances",
        "ec2:DescribeInstanceStatus",
        "cloudwatch:GetMetricData",
        "cloudwatch:ListMetrics",
        "ssm:DescribeInstanceInformation",
    ),
)
async def describe_instance(args: DescribeInstance, *, compute: Compute, metrics: Metrics, commands: Commands) -> InstanceDetail:
    """Show one instance: state, addresses, tags, checks, measurements, and whether commands can be run on it.

    Errors: NotFound; what else cannot be read is said in `missing`.
    """
    (instance,) = await compute.get([args.instance])
    gaps = Gaps()
    series, check, managed = await asyncio.gather(
        gaps.fill("Metrics", metrics.series([instance], SHOWN, args.window), {}),
        _check(compute, instance, gaps),
        _managed(commands, instance, gaps),
    )
    return InstanceDetail(
        instance=listed(instance, series if instance.state is State.RUNNING else {}),
        checks=check,
        managed=managed,
        series=tuple(series[key] for metric in SHOWN if (key := (instance.id, metric)) in series),
        window=args.window,
        missing=gaps.sentences,
    )


async def _check(compute: Compute, instance: Instance, gaps: Gaps) -> StatusCheck | None:
    if instance.state is not State.RUNNING:
        return None
    checks = await gaps.fill("Status checks", compute.checks([instance]), {})
    return checks.get(instance.id)


async def _managed(commands: Commands, instance: Instance, gaps: Gaps) -> bool | None:
    if instance.state is not State.RUNNING:
        return None
    answering = await gaps.fill("The management agent's state", commands.managed([instance]), {})
    return answering.get(instance.id)
