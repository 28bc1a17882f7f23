"""A small catalogue for the routing tests, so that they say what the grammar does and not what the product's skills are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

from pydantic import Field

from skills.kit import Arguments, Duration, InstanceRef, Result, Risk, Skill, skill


class Answer(Result):
    """Nothing."""


def view(result: Result) -> dict[str, Any]:
    return {}


class Listing(Arguments):
    state: Literal["running", "stopped"] | None = Field(None, description="State.")
    environment: str = Field("", description="Environment.")
    type: str = Field("", description="Type.")
    name: str = Field("", description="Name.")
    tags: list[str] = Field(default=[], description="Tags.")
    sort: Literal["name", "cpu"] = Field("name", description="Order.")
    page: int = Field(1, ge=1, description="Page.")


class Some(Arguments):
    instances: list[InstanceRef] = Field(min_length=1, description="Which.")


class Watching(Some):
    metric: Literal["cpu", "memory"] | None = Field(None, description="What.")
    window: Duration = Field(timedelta(hours=1), description="How long.")


class Running(Some):
    command: str = Field(min_length=1, description="What to run.")
    timeout: Duration = Field(timedelta(minutes=1), description="How long.")


class One(Arguments):
    instance: InstanceRef = Field(description="Which.")


class Tagging(Some):
    tags: dict[str, str] = Field(description="Tags.")


class Topic(Arguments):
    topic: str = Field("", description="About what.")


@skill(
    "vm.list",
    permission="vm:read",
    view=view,
    examples=(
        "list instances",
        "show {running:state} instances",
        "list {t3.medium:type} instances",
        "list instances page {2:page}",
    ),
)
async def listing(args: Listing) -> Answer:
    """List."""
    return Answer()


@skill("vm.describe", permission="vm:read", view=view, examples=("describe {web-1:instance}", "show {web-1:instance}"))
async def describe(args: One) -> Answer:
    """Describe."""
    return Answer()


@skill(
    "vm.metrics",
    permission="vm:read",
    view=view,
    examples=(
        "{cpu:metric} of {web-1:instances}",
        "show {cpu:metric} of {web-1:instances}",
        "show {cpu:metric} of {web-1:instances} over the last {6h:window}",
    ),
)
async def metrics(args: Watching) -> Answer:
    """Metrics."""
    return Answer()


@skill(
    "vm.stop",
    permission="vm:stop",
    view=view,
    risk=Risk.CHANGE,
    confirm="Stop {instances}?",
    examples=("stop {web-1:instances}",),
)
async def stop(args: Some) -> Answer:
    """Stop."""
    return Answer()


@skill(
    "vm.start",
    permission="vm:start",
    view=view,
    risk=Risk.CHANGE,
    confirm="Start {instances}?",
    examples=("start {web-1:instances}",),
)
async def start(args: Some) -> Answer:
    """Start."""
    return Answer()


@skill(
    "vm.reboot",
    permission="vm:boot",
    view=view,
    risk=Risk.CHANGE,
    confirm="Reboot {instances}?",
    examples=("reboot {web-1:instances}",),
)
async def reboot(args: Some) -> Answer:
    """Reboot."""
    return Answer()


@skill(
    "vm.run",
    permission="vm:run",
    view=view,
    risk=Risk.CHANGE,
    confirm="Run {command}?",
    examples=(
        "run {df -h:command} on {web-1:instances}",
        "run {df -h:command} on {web-1:instances} with a timeout of {30m:timeout}",
        "on {web-1:instances} run {df -h:command}",
        "run this on {web-1:instances}: {df -h:command}",
    ),
)
async def run(args: Running) -> Answer:
    """Run."""
    return Answer()


@skill(
    "vm.tag",
    permission="vm:tag",
    view=view,
    risk=Risk.CHANGE,
    confirm="Tag {instances}?",
    examples=("tag {web-1:instances} with {team=payments:tags}",),
)
async def tag(args: Tagging) -> Answer:
    """Tag."""
    return Answer()


@skill("help", permission="help", view=view, examples=("help", "help me with {stopping things:topic}"))
async def assist(args: Topic) -> Answer:
    """Help."""
    return Answer()


SKILLS: tuple[Skill, ...] = (listing, describe, metrics, stop, start, reboot, run, tag, assist)
