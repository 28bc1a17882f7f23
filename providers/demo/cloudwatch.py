"""CloudWatch for the fleet's own metrics, computed from `load`; what clients put themselves stays moto's."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar

from moto.cloudwatch.exceptions import CloudWatchException
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from providers.demo.cbor import encode
from providers.demo.load import Bucket
from providers.demo.published import Published, published
from providers.demo.world import World

MOST_QUERIES, MOST_POINTS, LISTED = 500, 100_800, 500
RECENT = 14 * 86400
"""A metric is listed while it had data in the last two weeks, as CloudWatch does."""


class CloudWatch(CloudWatchResponse):
    """Handles CloudWatch requests; the world is set once, before the server starts."""

    world: ClassVar[World]

    def get_metric_data(self) -> Any:
        """Any number of queries up to 500; ours are computed, others are moto's. Metric math is not simulated."""
        params = self._get_params()
        queries: list[dict[str, Any]] = params.get("MetricDataQueries", [])
        if len(queries) > MOST_QUERIES:
            raise CloudWatchException("ValidationError", f"MetricDataQueries must have at most {MOST_QUERIES} members.")
        start, end = _seconds(params["StartTime"]), _seconds(params["EndTime"])
        if start >= end:
            raise CloudWatchException("ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
        scan = params.get("ScanBy") or "TimestampDescending"
        rows: dict[str, Any] = {}
        for query in queries:
            if series := self._asked(query):
                rows[query["Id"]] = self._result(query, series, start, end, newest=scan == "TimestampDescending")
        others = [query for query in queries if query["Id"] not in rows]
        if others:
            theirs = self.cloudwatch_backend.get_metric_data(others, params["StartTime"], params["EndTime"], scan)
            rows |= {row["id"]: row for row in theirs}
        results = [rows[query["Id"]] for query in queries if query["Id"] in rows]
        if self.headers.get("Content-Type") == "application/cbor" and not others:
            headers = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
            return 200, headers, encode({"MetricDataResults": results})
        return ActionResult({"MetricDataResults": results})

    def get_metric_statistics(self) -> ActionResult:
        """One metric, as points with every statistic asked for."""
        params = self._get_params()
        series = self._find(params["Namespace"], params["MetricName"], _dimensions(params.get("Dimensions", [])))
        if series is None:
            return super().get_metric_statistics()
        span = _seconds(params["StartTime"]), _seconds(params["EndTime"])
        points: list[dict[str, Any]] = []
        for moment, samples in self._buckets(series, *span, int(params["Period"])):
            point: dict[str, Any] = {name: statistic(name, samples) for name in params.get("Statistics", [])}
            points.append(point | {"Timestamp": _moment(moment), "Unit": series.unit})
        return ActionResult({"Label": series.name, "Datapoints": points})

    def list_metrics(self) -> ActionResult:
        """The metrics of machines that ran in the last two weeks, then moto's; 500 a page."""
        params = self._get_params()
        namespace, name, wanted = params.get("Namespace") or "", params.get("MetricName") or "", params.get("Dimensions", [])
        now = time.time()
        rows = [
            _listed(series.namespace, series.name, series.dimensions)
            for machine in self.world.of(self.region)
            if machine.hours(now - RECENT, now) > 0
            for series in published(machine)
            if namespace in ("", series.namespace) and name in ("", series.name) and _has(series.dimensions, wanted)
        ]
        _, theirs = self.cloudwatch_backend.list_metrics(None, namespace, name, wanted)
        rows += [_listed(md.namespace, md.name, {str(d.name): str(d.value) for d in md.dimensions}) for md in theirs]
        start = int(params.get("NextToken") or 0)
        more = str(start + LISTED) if start + LISTED < len(rows) else None
        return ActionResult({"Metrics": rows[start : start + LISTED], "NextToken": more})

    def _asked(self, query: Mapping[str, Any]) -> Published | None:
        if "MetricStat" not in query:
            return None
        metric = query["MetricStat"]["Metric"]
        return self._find(metric["Namespace"], metric["MetricName"], _dimensions(metric.get("Dimensions", [])))

    def _find(self, namespace: str, name: str, dimensions: Mapping[str, str]) -> Published | None:
        """The series that has exactly these dimensions: CloudWatch never takes a part of them for the whole."""
        machine = self.world.machines.get(dimensions.get("InstanceId", ""))
        if machine is None or machine.region != self.region:
            return None
        wanted = (namespace, name, dimensions)
        return next((s for s in published(machine) if (s.namespace, s.name, s.dimensions) == wanted), None)

    def _result(self, query: Mapping[str, Any], series: Published, start: float, end: float, *, newest: bool) -> dict[str, Any]:
        stat = query["MetricStat"]
        buckets = list(self._buckets(series, start, end, int(stat["Period"])))
        if newest:
            buckets.reverse()
        return {
            "Id": query["Id"],
            "Label": query.get("Label") or series.name,
            "Timestamps": [_moment(moment) for moment, _ in buckets],
            "Values": [statistic(stat["Stat"], samples) for _, samples in buckets],
            "StatusCode": "Complete",
        }

    def _buckets(self, series: Published, start: float, end: float, period: int) -> Iterator[Bucket]:
        """(start of the period, its samples) for every period that has any, oldest first; periods lie on whole multiples."""
        if period < 60 or period % 60:
            raise CloudWatchException("ValidationError", "The parameter Period must be a multiple of 60.")
        now = time.time()
        first = math.floor(start / period) * period
        if (end - first) / period > MOST_POINTS:
            raise CloudWatchException("ValidationError", f"You have requested more than {MOST_POINTS} data points.")
        buckets = self.world.load.buckets(series.machine, series.gauge, first, math.ceil(min(end, now)), period, now)
        return ((moment, series.shown(samples)) for moment, samples in buckets)


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


def _listed(namespace: str, name: str, dimensions: Mapping[str, str]) -> dict[str, Any]:
    pairs = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    return {"Namespace": namespace, "MetricName": name, "Dimensions": pairs}


def _has(dimensions: Mapping[str, str], wanted: Sequence[Mapping[str, str]]) -> bool:
    return all(d["Name"] in dimensions and d.get("Value") in (None, dimensions[d["Name"]]) for d in wanted)


def _dimensions(rows: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {row["Name"]: row["Value"] for row in rows}


def _seconds(moment: datetime) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


@lru_cache(20_000)
def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
