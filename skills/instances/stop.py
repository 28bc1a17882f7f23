"""`instances.stop`."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

import cards.instances
from skills.instances.change import STOP, change_instances
from skills.instances.models import InstancesChanged
from skills.kit import Arguments, InstanceRef, Risk, skill
from skills.kit.ports.compute import Compute
from skills.kit.ports.run import Progress


class StopInstances(Arguments):
    """Which instances to stop."""

    instances: list[InstanceRef] = Field(min_length=1, max_length=50, description="Ids or names, as the user said them.")


@skill(
    "instances.stop",
    risk=Risk.CHANGE,
    permission="instances:stop",
    confirm="Stop {instances}?",
    consequences="What runs on them ends. Memory and instance-store disks are lost; volumes stay and go on costing money.",
    undo="instances.start",
    view=cards.instances.changed,
    examples=(
        "stop {web-server-01:instances}",
        "shut down {the staging boxes:instances}",
        "stop {i-0abc123def and i-0def456ghi:instances}",
        "turn off {db-2:instances}",
        "power down {web-1, web-2:instances}",
        "halt {the bastion:instances}",
        "please stop {web-server-01:instances}",
    ),
    iam=("ec2:StopInstances", "ec2:DescribeInstances"),
    timeout=timedelta(minutes=15),
)
async def stop_instances(args: StopInstances, *, compute: Compute, progress: Progress) -> InstancesChanged:
    """Stop running instances and wait until they are stopped.

    One that is stopped already is left as it is; what fails on one does not stop the others. Errors: Cancelled.
    """
    return await change_instances(STOP, args.instances, compute=compute, progress=progress)
