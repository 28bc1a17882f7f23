"""CloudWatch for the fleet's own metrics, computed from `load`; what clients put themselves stays moto's."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from moto.cloudwatch.exceptions import CloudWatchException
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from providers.demo.load import Gauge
from providers.demo.machine import Machine
from providers.demo.world import World

EC2, AGENT = "AWS/EC2", "CWAgent"
NAMESPACE = {Gauge.CPU: EC2, Gauge.RECEIVED: EC2, Gauge.SENT: EC2, Gauge.MEMORY: AGENT, Gauge.DISK: AGENT}
UNIT = {Gauge.RECEIVED: "Bytes", Gauge.SENT: "Bytes"}
MOST_QUERIES, MOST_POINTS, LISTED = 500, 100_800, 500
RECENT = 14 * 86400
"""A metric is listed while it had data in the last two weeks, as CloudWatch does."""

Dimensions = Mapping[str, str]


class CloudWatch(CloudWatchResponse):
    """Handles CloudWatch requests; the world is set once, before the server starts."""

    world: ClassVar[World]

    def call_action(self) -> Any:
        """Answer from a settled world."""
        self.world.settle()
        return super().call_action()

    def get_metric_data(self) -> ActionResult:
        """Any number of queries up to 500; ours are computed, others are moto's. Metric math is not simulated."""
        params = self._get_params()
        queries: list[dict[str, Any]] = params.get("MetricDataQueries", [])
        if len(queries) > MOST_QUERIES:
            raise CloudWatchException(
                "ValidationError", f"The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}."
            )
        start, end = _seconds(params["StartTime"]), _seconds(params["EndTime"])
        if start >= end:
            raise CloudWatchException("ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
        newest = params.get("ScanBy") != "TimestampAscending"
        ours = {query["Id"]: found for query in queries if (found := self._ours(query))}
        others = [query for query in queries if query["Id"] not in ours]
        theirs: dict[str, Any] = {}
        if others:
            rows = self.cloudwatch_backend.get_metric_data(
                others, params["StartTime"], params["EndTime"], params.get("ScanBy") or ""
            )
            theirs = {row["id"]: row for row in rows}
        results = [
            self._result(query, *ours[query["Id"]], start, end, newest) if query["Id"] in ours else theirs[query["Id"]]
            for query in queries
            if query["Id"] in ours or query["Id"] in theirs
        ]
        return ActionResult({"MetricDataResults": results, "Messages": []})

    def get_metric_statistics(self) -> ActionResult:
        """One metric, as points with every statistic asked for."""
        params = self._get_params()
        found = self._match(params["Namespace"], params["MetricName"], _dimensions(params.get("Dimensions", [])))
        if found is None:
            return super().get_metric_statistics()
        machine, gauge = found
        statistics = params.get("Statistics", [])
        points: list[dict[str, Any]] = []
        for moment, samples in self._buckets(
            machine, gauge, _seconds(params["StartTime"]), _seconds(params["EndTime"]), int(params["Period"])
        ):
            point: dict[str, Any] = {name: statistic(name, samples) for name in statistics}
            points.append(point | {"Timestamp": datetime.fromtimestamp(moment, UTC), "Unit": UNIT.get(gauge, "Percent")})
        return ActionResult({"Label": gauge.value, "Datapoints": points})

    def list_metrics(self) -> ActionResult:
        """The metrics of machines that ran in the last two weeks, then moto's; 500 a page."""
        params = self._get_params()
        namespace, name = params.get("Namespace"), params.get("MetricName")
        wanted = params.get("Dimensions", [])
        rows = [
            {
                "Namespace": NAMESPACE[gauge],
                "MetricName": gauge.value,
                "Dimensions": [{"Name": k, "Value": v} for k, v in dimensions.items()],
            }
            for machine in self.world.of(self.region)
            if machine.hours(time.time() - RECENT, time.time()) > 0
            for gauge in Gauge
            if namespace in (None, NAMESPACE[gauge]) and name in (None, gauge.value)
            for dimensions in published(machine, gauge)
            if all(d["Name"] in dimensions and d.get("Value") in (None, dimensions[d["Name"]]) for d in wanted)
        ]
        _, theirs = self.cloudwatch_backend.list_metrics(None, namespace, name, wanted)
        rows += [
            {
                "Namespace": md.namespace,
                "MetricName": md.name,
                "Dimensions": [{"Name": d.name, "Value": d.value} for d in md.dimensions],
            }
            for md in theirs
            if md.namespace not in (EC2,)
        ]
        start = int(params.get("NextToken") or 0)
        more = str(start + LISTED) if start + LISTED < len(rows) else None
        return ActionResult({"Metrics": rows[start : start + LISTED], "NextToken": more})

    def _ours(self, query: Mapping[str, Any]) -> tuple[Machine, Gauge] | None:
        if "MetricStat" not in query:
            return None
        metric = query["MetricStat"]["Metric"]
        return self._match(metric["Namespace"], metric["MetricName"], _dimensions(metric.get("Dimensions", [])))

    def _match(self, namespace: str, name: str, dimensions: Dimensions) -> tuple[Machine, Gauge] | None:
        """The series that exactly these dimensions name: CloudWatch never takes a part of them for the whole."""
        machine = self.world.machines.get(dimensions.get("InstanceId", ""))
        if machine is None or machine.region != self.region or name not in set(Gauge):
            return None
        gauge = Gauge(name)
        return (machine, gauge) if NAMESPACE[gauge] == namespace and dimensions in published(machine, gauge) else None

    def _result(
        self, query: Mapping[str, Any], machine: Machine, gauge: Gauge, start: float, end: float, newest: bool
    ) -> dict[str, Any]:
        stat = query["MetricStat"]
        buckets = list(self._buckets(machine, gauge, start, end, int(stat["Period"])))
        if newest:
            buckets.reverse()
        return {
            "Id": query["Id"],
            "Label": query.get("Label") or gauge.value,
            "Timestamps": [datetime.fromtimestamp(moment, UTC) for moment, _ in buckets],
            "Values": [statistic(stat["Stat"], samples) for _, samples in buckets],
            "StatusCode": "Complete",
        }

    def _buckets(
        self, machine: Machine, gauge: Gauge, start: float, end: float, period: int
    ) -> Iterator[tuple[int, list[float]]]:
        """(start of the period, its samples) for every period that has any, oldest first; periods lie on whole multiples."""
        if period < 60 or period % 60:
            raise CloudWatchException("ValidationError", "The parameter Period must be a multiple of 60.")
        now = time.time()
        first = math.floor(start / period) * period
        if (end - first) / period > MOST_POINTS:
            raise CloudWatchException("ValidationError", f"You have requested more than {MOST_POINTS} data points.")
        for moment in range(first, math.ceil(min(end, now)), period):
            samples = self.world.load.samples(machine, gauge, moment, moment + period, now)
            if samples:
                yield moment, samples


def published(machine: Machine, gauge: Gauge) -> list[Dimensions]:
    """The sets of dimensions a metric is published under: the agent sends its own and one by instance alone.

    An instance that SSM does not manage has no agent. On Windows the real agent has other metric names; the demo has these for all.
    """
    alone = {"InstanceId": machine.id}
    if NAMESPACE[gauge] == EC2:
        return [alone]
    if not machine.plan.managed:
        return []
    full = {**alone, "ImageId": machine.image, "InstanceType": machine.plan.type}
    if gauge is Gauge.DISK:
        linux = machine.plan.platform == "linux"
        full |= (
            {"path": "/", "device": "nvme0n1p1", "fstype": "xfs"} if linux else {"path": "C:", "device": "C:", "fstype": "ntfs"}
        )
    return [full, alone]


def statistic(name: str, samples: Sequence[float]) -> float:
    """One statistic of some samples. Errors: ValidationError for one CloudWatch has not."""
    match name:
        case "Average":
            return sum(samples) / len(samples)
        case "Sum":
            return sum(samples)
        case "Minimum":
            return min(samples)
        case "Maximum":
            return max(samples)
        case "SampleCount":
            return float(len(samples))
        case _ if name.startswith("p") and name[1:].replace(".", "", 1).isdigit():
            ordered = sorted(samples)
            return ordered[min(len(ordered) - 1, math.floor(len(ordered) * float(name[1:]) / 100))]
        case _:
            raise CloudWatchException("ValidationError", f"The value {name} for parameter Stat is not supported.")


def _dimensions(rows: Sequence[Mapping[str, str]]) -> Dimensions:
    return {row["Name"]: row["Value"] for row in rows}


def _seconds(moment: datetime) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
