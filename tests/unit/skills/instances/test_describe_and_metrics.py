from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from providers.memory import MemoryCommands, MemoryCompute, MemoryMetrics, sample_fleet
from skills.instances.describe import DescribeInstance, describe_instance
from skills.instances.metrics import ChartMetrics, chart_metrics
from skills.kit.errors import Forbidden, NotFound, Throttled
from skills.kit.ports.metrics import Metric

WEB, WEB2, STOPPED = "i-0a1b2c3d4e5f60001", "i-0a1b2c3d4e5f60002", "i-0a1b2c3d4e5f60008"


async def test_an_instance_is_described_with_checks_agent_and_measurements() -> None:
    compute = MemoryCompute(sample_fleet())
    args = DescribeInstance.model_validate({"instance": WEB})
    result = await describe_instance.run(args, compute=compute, metrics=MemoryMetrics(), commands=MemoryCommands(compute))
    assert result.instance.name == "web-server-01"
    assert result.instance.metrics.cpu_utilization is not None
    assert result.checks is not None
    assert result.checks.system == "ok"
    assert result.managed is True
    assert {series.metric for series in result.series} == {Metric.CPU, Metric.MEMORY, Metric.DISK}
    assert result.missing == ()


async def test_a_stopped_one_has_no_checks_and_no_present() -> None:
    compute = MemoryCompute(sample_fleet())
    args = DescribeInstance.model_validate({"instance": STOPPED})
    result = await describe_instance.run(args, compute=compute, metrics=MemoryMetrics(), commands=MemoryCommands(compute))
    assert (result.checks, result.managed, result.instance.metrics.cpu_utilization) == (None, None, None)


async def test_what_cannot_be_read_is_said_and_the_rest_shown() -> None:
    compute = MemoryCompute(sample_fleet())
    metrics, commands = MemoryMetrics(), MemoryCommands(compute)
    metrics.faults["series"] = Throttled("CloudWatch asks to slow down.", retry_after=5)
    commands.faults["managed"] = Forbidden("AWS refused.", missing="ssm:DescribeInstanceInformation")
    result = await describe_instance.run(
        DescribeInstance.model_validate({"instance": WEB}), compute=compute, metrics=metrics, commands=commands
    )
    assert result.checks is not None
    assert result.managed is None
    assert any("slow down" in sentence for sentence in result.missing)
    assert any("ssm:DescribeInstanceInformation" in sentence for sentence in result.missing)


async def test_an_instance_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        await describe_instance.run(
            DescribeInstance.model_validate({"instance": "i-none"}),
            compute=MemoryCompute(),
            metrics=MemoryMetrics(),
            commands=MemoryCommands(),
        )


async def test_a_chart_has_a_line_per_instance_and_metric_in_the_order_asked() -> None:
    metrics = MemoryMetrics(lambda one, metric, at: 10 + at.minute / 6)
    args = ChartMetrics.model_validate({"instances": [WEB2, WEB], "window": "6h"})
    result = await chart_metrics.run(args, compute=MemoryCompute(sample_fleet()), metrics=metrics)
    assert [(line.name, line.metric.value) for line in result.lines] == [
        (name, metric) for name in ("web-server-02", "web-server-01") for metric in ("cpu", "memory", "disk")
    ]
    line = result.lines[0]
    assert line.minimum is not None
    assert line.average is not None
    assert line.maximum is not None
    assert line.minimum < line.average < line.maximum
    assert line.latest == line.series.points[-1].value
    assert result.window == timedelta(hours=6)


async def test_network_is_in_bytes_per_second() -> None:
    args = ChartMetrics.model_validate({"instances": [WEB], "metric": "network"})
    result = await chart_metrics.run(args, compute=MemoryCompute(sample_fleet()), metrics=MemoryMetrics())
    assert [(line.metric, line.unit) for line in result.lines] == [(Metric.NETWORK, "B/s")]


async def test_a_metric_nobody_reports_is_said() -> None:
    metrics = MemoryMetrics(lambda one, metric, at: 5.0 if metric is Metric.CPU else None)
    args = ChartMetrics.model_validate({"instances": [WEB]})
    result = await chart_metrics.run(args, compute=MemoryCompute(sample_fleet()), metrics=metrics)
    assert [line.latest for line in result.lines] == [5.0, None, None]
    assert len(result.missing) == 2
    assert "CloudWatch agent" in result.missing[0]


@pytest.mark.parametrize("window", ["1m", "64d", "soon", "-1h"])
def test_windows_that_cannot_be_are_refused(window: str) -> None:
    with pytest.raises(ValidationError):
        ChartMetrics.model_validate({"instances": [WEB], "window": window})
