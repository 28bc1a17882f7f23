"""`instances.list`: what there is, a page at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Literal

from pydantic import Field

import cards.instances
from skills.gaps import Gaps
from skills.instances.filters import in_environment, named, of_type, ordered, split_tag
from skills.instances.models import InstanceList, InstanceSummary
from skills.instances.utilization import latest, listed, measure
from skills.kit import Arguments, skill
from skills.kit.errors import Invalid
from skills.kit.ports.compute import Compute, Instance, InstanceQuery, State
from skills.kit.ports.metrics import Metric, Metrics
from skills.kit.ports.run import Progress

SOON = 0.05
"""Seconds within which everything may arrive before a part of it is shown."""


class ListInstances(Arguments):
    """Which instances to list, and how."""

    state: Literal["running", "stopped", "pending", "stopping", "shutting-down"] | None = Field(
        None, description="Only those in this state."
    )
    environment: str = Field("", max_length=256, description="Only those of this environment, such as production or staging.")
    name: str = Field("", max_length=256, description="Part of the name, or a pattern such as web-*.")
    type: str = Field("", max_length=64, description="An instance type (t3.medium), a family (t3) or a pattern (*.large).")
    region: str = Field("", max_length=64, description="Only those in this region, such as eu-west-1.")
    tags: list[str] = Field(
        default=[], max_length=10, description="Only those with all of these tags, each key=value, or a key alone for any value."
    )
    sort: Literal["name", "state", "type", "launched", "cpu"] = Field(
        "name", description="launched: the newest first; cpu: the busiest first."
    )
    page: int = Field(1, ge=1, description="Which page, from 1.")
    page_size: int = Field(12, ge=1, le=100, description="How many on a page.")


@skill(
    "instances.list",
    permission="instances:read",
    view=cards.instances.listed,
    examples=(
        "list instances",
        "what's {running:state}",
        "show me all servers",
        "show all {running:state} instances",
        "show all {running:state} instances in {staging:environment}",
        "list {stopped:state} instances",
        "which instances are in {production:environment}",
        "list instances named {web:name}",
        "list instances tagged {team=payments:tags}",
        "list {t3.medium:type} instances",
        "list instances by {cpu:sort}",
        "list instances page {2:page}",
    ),
    iam=("ec2:DescribeInstances", "cloudwatch:GetMetricData", "cloudwatch:ListMetrics"),
)
async def list_instances(args: ListInstances, *, compute: Compute, metrics: Metrics, progress: Progress) -> InstanceList:
    """List instances with their state and how busy they are.

    Metrics are read for the page shown only; to sort by cpu, CPU is read for every running one that fits.
    While more is still arriving, what is there is shown. Errors: Invalid for a page that does not exist.
    """
    found: list[Instance] = []
    async with aclosing(_eagerly(compute.pages(_query(args)))) as pages:
        async for page, more in pages:
            first = not found
            found += [instance for instance in page if _fits(args, instance)]
            if more and first and found and args.page == 1:
                await progress.partial(await _page(args, found, None))
    return await _page(args, found, metrics)


def _query(args: ListInstances) -> InstanceQuery:
    states = (State(args.state),) if args.state else ()
    regions = (args.region.lower(),) if args.region else ()
    return InstanceQuery(states=states, regions=regions, tags=dict(split_tag(tag) for tag in args.tags))


def _fits(args: ListInstances, instance: Instance) -> bool:
    return (
        (not args.environment or in_environment(instance, args.environment))
        and (not args.name or named(instance, args.name))
        and (not args.type or of_type(instance, args.type))
    )


async def _eagerly(pages: AsyncIterator[Sequence[Instance]]) -> AsyncGenerator[tuple[Sequence[Instance], bool], None]:
    """Each page with whether another one is awaited; the next one is on its way while this one is dealt with."""
    upcoming = asyncio.ensure_future(anext(pages, None))
    try:
        while (page := await upcoming) is not None:
            upcoming = asyncio.ensure_future(anext(pages, None))
            await asyncio.wait([upcoming], timeout=SOON)
            yield page, not upcoming.done()
    finally:
        upcoming.cancel()


async def _page(args: ListInstances, found: Sequence[Instance], metrics: Metrics | None) -> InstanceList:
    """The page asked for. metrics: None while more instances are arriving: then none are read."""
    pages = max(1, -(-len(found) // args.page_size))
    if args.page > pages:
        raise Invalid(f"There is no page {args.page}: the list has {pages}.", remedy=f"Ask for page {pages}.")
    gaps = Gaps()
    in_order = ordered(found, "name" if args.sort == "cpu" else args.sort)
    if args.sort == "cpu" and metrics:
        cpu = await gaps.fill("CPU", measure(metrics, found, [Metric.CPU]), {})
        in_order.sort(key=lambda one: value if (value := latest(cpu, one.id, Metric.CPU)) is not None else -1, reverse=True)
    shown = in_order[(args.page - 1) * args.page_size : args.page * args.page_size]
    measured = await gaps.fill("Metrics", measure(metrics, shown), {}) if metrics else {}
    return InstanceList(
        instances=tuple(listed(instance, measured) for instance in shown),
        summary=InstanceSummary(
            total=len(found),
            running=sum(instance.state is State.RUNNING for instance in found),
            stopped=sum(instance.state is State.STOPPED for instance in found),
        ),
        page=args.page,
        pages=pages,
        page_size=args.page_size,
        complete=metrics is not None,
        asked=args.model_dump(mode="json", exclude_defaults=True, exclude={"page"}),
        missing=" ".join(gaps.sentences),
    )
