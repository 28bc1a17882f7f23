"""`instances.start`."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

import cards.instances
from skills.instances.change import START, change_instances
from skills.instances.models import InstancesChanged
from skills.kit import Arguments, InstanceRef, Risk, skill
from skills.kit.ports.compute import Compute
from skills.kit.ports.run import Progress


class StartInstances(Arguments):
    """Which instances to start."""

    instances: list[InstanceRef] = Field(min_length=1, max_length=50, description="Ids or names, as the user said them.")


@skill(
    "instances.start",
    risk=Risk.CHANGE,
    permission="instances:start",
    confirm="Start {instances}?",
    consequences="They cost money while they run. Without an Elastic IP, each gets a new public address.",
    undo="instances.stop",
    view=cards.instances.changed,
    examples=(
        "start {web-server-01:instances}",
        "boot {i-0abc123def:instances}",
        "turn on {the staging boxes:instances}",
        "bring up {web-1 and web-2:instances}",
        "power on {db-2:instances}",
        "please start {the bastion:instances} again",
    ),
    iam=("ec2:StartInstances", "ec2:DescribeInstances", "ec2:DescribeInstanceStatus"),
    timeout=timedelta(minutes=15),
)
async def start_instances(args: StartInstances, *, compute: Compute, progress: Progress) -> InstancesChanged:
    """Start stopped instances and wait until they run.

    One that runs already is left as it is; what fails on one does not stop the others. Errors: Cancelled.
    """
    return await change_instances(START, args.instances, compute=compute, progress=progress)
