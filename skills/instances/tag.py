"""`instances.tag`."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from pydantic import Field

import cards.instances
from skills.instances.models import InstancesTagged
from skills.instances.tagging import Edit, edit_tags
from skills.instances.tags import MOST, TagPair, pair, too_many
from skills.instances.targets import Failed
from skills.kit import Arguments, InstanceRef, Risk, skill
from skills.kit.ports.compute import Compute, Instance
from skills.kit.ports.run import Progress


class TagInstances(Arguments):
    """Which instances to tag, with what."""

    instances: list[InstanceRef] = Field(min_length=1, max_length=50, description="Ids or names, as the user said them.")
    tags: list[TagPair] = Field(min_length=1, max_length=MOST, description="Each as key=value.")


@skill(
    "instances.tag",
    risk=Risk.CHANGE,
    permission="instances:tag",
    confirm="Set {tags} on {instances}?",
    consequences="Tags can decide who may act on an instance, who pays for it, and what automation does with it.",
    undo="instances.untag",
    view=cards.instances.tagged,
    examples=(
        "tag {web-server-01:instances} with {owner=platform:tags}",
        "tag {web-1:instances} {owner=ops:tags}",
        "tag {the staging boxes:instances} {team=payments:tags}",
        "add tag {environment=staging:tags} to {i-0abc123def:instances}",
        "set the tag {schedule=office-hours:tags} on {web-1 and web-2:instances}",
    ),
    iam=("ec2:CreateTags", "ec2:DescribeInstances"),
    timeout=timedelta(minutes=5),
)
async def tag_instances(args: TagInstances, *, compute: Compute, progress: Progress) -> InstancesTagged:
    """Set tags on instances, leaving their others; the outcome has the values from before.

    What fails on one does not stop the others. Errors: Cancelled.
    """
    tags = dict(pair(tag) for tag in args.tags)
    edit = Edit("tag", tags, lambda instance: compute.tag(instance, tags), partial(_refuse, tags))
    return await edit_tags(edit, args.instances, compute=compute, progress=progress)


def _refuse(tags: dict[str, str], instance: Instance) -> Failed | None:
    if not too_many(instance.tags, tags):
        return None
    return Failed(f"{instance.label} would have more than {MOST} tags.", "INVALID", "Remove some first.")
