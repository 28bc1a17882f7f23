"""`instances.reboot`."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

import cards.instances
from skills.instances.change import REBOOT, change_instances
from skills.instances.models import InstancesChanged
from skills.kit import Arguments, InstanceRef, Risk, skill
from skills.kit.ports.compute import Compute
from skills.kit.ports.run import Progress


class RebootInstances(Arguments):
    """Which instances to reboot."""

    instances: list[InstanceRef] = Field(min_length=1, max_length=50, description="Ids or names, as the user said them.")


@skill(
    "instances.reboot",
    risk=Risk.CHANGE,
    permission="instances:reboot",
    confirm="Reboot {instances}?",
    consequences="What runs on them is interrupted for some minutes. Addresses and volumes stay.",
    view=cards.instances.changed,
    examples=(
        "reboot {web-server-01:instances}",
        "restart {web-server-01:instances}",
        "bounce {the staging boxes:instances}",
        "reboot {i-0abc123def and i-0def456ghi:instances}",
        "power cycle {db-2:instances}",
    ),
    iam=("ec2:RebootInstances", "ec2:DescribeInstances", "ec2:DescribeInstanceStatus"),
    timeout=timedelta(minutes=15),
)
async def reboot_instances(args: RebootInstances, *, compute: Compute, progress: Progress) -> InstancesChanged:
    """Reboot running instances and wait until EC2's checks are ok.

    EC2 tells nothing of a reboot but its checks, once a minute: a quick one is verified no further than that.
    What fails on one does not stop the others. Errors: Cancelled.
    """
    return await change_instances(REBOOT, args.instances, compute=compute, progress=progress)
