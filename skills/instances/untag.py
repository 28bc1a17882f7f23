"""`instances.untag`."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

import cards.instances
from skills.instances.models import InstancesTagged
from skills.instances.tagging import Edit, edit_tags
from skills.instances.tags import MOST, TagKey
from skills.kit import Arguments, InstanceRef, Risk, skill
from skills.kit.ports.compute import Compute
from skills.kit.ports.run import Progress


class UntagInstances(Arguments):
    """Which instances to take tags from, and which."""

    instances: list[InstanceRef] = Field(min_length=1, max_length=50, description="Ids or names, as the user said them.")
    keys: list[TagKey] = Field(min_length=1, max_length=MOST, description="The tags' keys.")


@skill(
    "instances.untag",
    risk=Risk.CHANGE,
    permission="instances:tag",
    confirm="Remove the tags {keys} from {instances}?",
    consequences="Tags can decide who may act on an instance, who pays for it, and what automation does with it.",
    undo="instances.tag",
    view=cards.instances.tagged,
    examples=(
        "untag {owner:keys} from {web-server-01:instances}",
        "remove tag {schedule:keys} from {the staging boxes:instances}",
        "remove the tags {team and owner:keys} from {i-0abc123def:instances}",
        "delete the {schedule:keys} tag of {web-1 and web-2:instances}",
    ),
    iam=("ec2:DeleteTags", "ec2:DescribeInstances"),
    timeout=timedelta(minutes=5),
)
async def untag_instances(args: UntagInstances, *, compute: Compute, progress: Progress) -> InstancesTagged:
    """Remove tags from instances; the outcome has the values from before, so that they can be set again.

    What fails on one does not stop the others. Errors: Cancelled.
    """
    edit = Edit("untag", dict.fromkeys(args.keys), lambda instance: compute.untag(instance, args.keys))
    return await edit_tags(edit, args.instances, compute=compute, progress=progress)
