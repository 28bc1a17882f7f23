"""Where a fleet is heading; what cannot be computed is `n/a` with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from skills.costs.summary import summarise_costs
from skills.gaps import BEARABLE, reason
from skills.instances.models import InstanceHealth, Trends
from skills.instances.readings import halves, percentage, spoken
from skills.kit.ports.costs import Costs
from skills.kit.ports.metrics import Metric
from skills.kit.ports.run import Caller
from skills.pace import in_turns

WEEK = timedelta(days=7)


async def trends(
    judged: Sequence[InstanceHealth], *, window: timedelta, now: datetime, fleet: bool, costs: Costs, caller: Caller
) -> Trends:
    """CPU over the window, cost week against week. fleet: all instances are judged, so the whole cost is theirs."""
    cpu, cpu_reason = await _cpu(judged, window, now)
    cost, cost_reason = await _cost(costs, caller, now) if fleet else ("n/a", "Costs are known by service, not by instance.")
    count_reason = "How many there were before is not recorded." if fleet else "Only the instances that were named are looked at."
    reasons = {"cpu_trend": cpu_reason, "cost_trend": cost_reason, "instance_count_change": count_reason}
    return Trends(cpu_trend=cpu, cost_trend=cost, reasons=reasons)


async def _cpu(judged: Sequence[InstanceHealth], window: timedelta, now: datetime) -> tuple[str, str]:
    """Over the instances that were measured in both halves: others would shift the average by coming or going."""
    series = [reading.series for one in judged for reading in one.readings if reading.metric is Metric.CPU and reading.series]
    pairs = [halves(one.points, now - window / 2) async for one in in_turns(series, 100)]
    both = [(before, after) for before, after in pairs if before is not None and after is not None]
    change = percentage(sum(before for before, _ in both), sum(after for _, after in both)) if both else None
    if change is None:
        return "n/a", f"Too little was measured in the last {spoken(window)} to compare."
    return change, f"The last {spoken(window / 2)} against the {spoken(window / 2)} before, over {len(both)} instances."


async def _cost(costs: Costs, caller: Caller, now: datetime) -> tuple[str, str]:
    if not caller.may(summarise_costs):
        return "n/a", "You may not see costs."
    today = now.date()
    try:
        spend = await costs.daily(today - 2 * WEEK, today)
    except BEARABLE as error:
        return "n/a", f"Costs could not be read: {reason(error)}"
    before = [one.amount for one in spend if one.day < today - WEEK]
    after = [one.amount for one in spend if one.day >= today - WEEK]
    change = percentage(sum(before), sum(after)) if before and after else None
    if change is None:
        return "n/a", "There is no spend in the week before to compare with."
    return change, "The last 7 full days against the 7 before, all services."
