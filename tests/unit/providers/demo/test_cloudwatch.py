"""The simulated CloudWatch, driven by boto3."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.providers.demo.conftest import Aws, wait

pytestmark = pytest.mark.demo


def query(number: int, name: str, dimensions: dict[str, str], period: int = 300, stat: str = "Average") -> dict[str, Any]:
    namespace = "CWAgent" if "_" in name or "%" in name else "AWS/EC2"
    pairs = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": pairs}
    return {"Id": f"m{number}", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}


def ask(aws: Aws, *queries: dict[str, Any], hours: float = 6, **more: Any) -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    found = aws.cloudwatch.get_metric_data(
        MetricDataQueries=list(queries), StartTime=now - timedelta(hours=hours), EndTime=now, **more
    )
    return found["MetricDataResults"]


def values(aws: Aws, name: str, instance: str, **more: Any) -> list[float]:
    return ask(aws, query(0, name, {"InstanceId": aws.id(instance)}), ScanBy="TimestampAscending", **more)[0]["Values"]


def test_six_hours_of_every_metric_are_there_and_only_for_what_ran(aws: Aws) -> None:
    for name in ("CPUUtilization", "mem_used_percent", "disk_used_percent", "NetworkIn", "NetworkOut"):
        assert 71 <= len(values(aws, name, "db-02")) <= 73
    assert values(aws, "CPUUtilization", "batch-01") == []
    assert values(aws, "mem_used_percent", "bastion-01") == []
    assert len(values(aws, "CPUUtilization", "bastion-01")) > 70


def test_the_two_troubles_are_seen(aws: Aws) -> None:
    disk, cpu = values(aws, "disk_used_percent", "db-01"), values(aws, "CPUUtilization", "worker-02")

    assert disk[0] < 66 < 92 < disk[-1] < 95
    assert all(93 < value < 98 for value in cpu[-7:])
    assert cpu[0] < 90


def test_df_and_the_metric_agree(aws: Aws) -> None:
    percent = values(aws, "disk_used_percent", "db-01")[-1]
    printed = aws.run("db-01", "df / | tail -1")["StandardOutputContent"].split()[4]

    assert abs(int(printed.rstrip("%")) - percent) <= 1.5


def test_newest_first_unless_asked_otherwise(aws: Aws) -> None:
    one = query(0, "CPUUtilization", {"InstanceId": aws.id("db-02")})
    newest = ask(aws, one)[0]["Timestamps"]
    oldest = ask(aws, one, ScanBy="TimestampAscending")[0]["Timestamps"]

    assert newest == sorted(newest, reverse=True)
    assert oldest == newest[::-1]
    assert all(moment.timestamp() % 300 == 0 for moment in newest)


def test_a_longer_average_is_that_of_the_shorter_ones(aws: Aws) -> None:
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    where = {"InstanceId": aws.id("api-02")}
    stats = [query(0, "CPUUtilization", where, 60), query(1, "CPUUtilization", where, 3600)]
    stats += [query(2, "CPUUtilization", where, 3600, "Maximum"), query(3, "CPUUtilization", where, 3600, "SampleCount")]
    found = aws.cloudwatch.get_metric_data(MetricDataQueries=stats, StartTime=end - timedelta(hours=1), EndTime=end)
    minutes, hour, highest, count = (row["Values"] for row in found["MetricDataResults"])

    assert len(minutes) == 60
    assert hour == [pytest.approx(sum(minutes) / 60)]
    assert (highest, count) == ([max(minutes)], [60])


def test_the_agent_publishes_the_disk_with_and_without_its_own_dimensions(aws: Aws) -> None:
    id = aws.id("db-01")
    listed = aws.cloudwatch.list_metrics(
        Namespace="CWAgent", MetricName="disk_used_percent", Dimensions=[{"Name": "InstanceId", "Value": id}]
    )["Metrics"]
    sets = [{d["Name"]: d["Value"] for d in metric["Dimensions"]} for metric in listed]
    full, alone = ask(aws, *(query(n, "disk_used_percent", dimensions) for n, dimensions in enumerate(sets)))

    assert sets[0].items() >= {"InstanceId": id, "path": "/", "device": "nvme0n1p1", "fstype": "xfs"}.items()
    assert sets[1] == {"InstanceId": id}
    assert full["Values"] == alone["Values"] != []
    assert ask(aws, query(0, "disk_used_percent", {"InstanceId": id, "path": "/"}))[0]["Values"] == []


def test_windows_has_its_own_names_and_tells_what_is_free(aws: Aws) -> None:
    id = aws.id("report-01")
    memory, free, none = ask(
        aws,
        query(0, "Memory % Committed Bytes In Use", {"InstanceId": id}),
        query(1, "LogicalDisk % Free Space", {"InstanceId": id}),
        query(2, "mem_used_percent", {"InstanceId": id}),
    )

    assert 30 < memory["Values"][0] < 90
    assert 30 < free["Values"][0] < 60
    assert none["Values"] == []


def test_a_stop_ends_the_metrics(aws: Aws) -> None:
    aws.ec2.stop_instances(InstanceIds=[aws.id("web-server-04")])
    wait(lambda: aws.state("web-server-04"), lambda state: state == "stopped")
    one = query(0, "CPUUtilization", {"InstanceId": aws.id("web-server-04")}, 60)

    last = max(ask(aws, one, hours=1)[0]["Timestamps"])

    assert last.timestamp() + 60 <= time.time()


def test_500_queries_are_answered_well_under_a_second(aws: Aws) -> None:
    ids = [found["InstanceId"] for found in aws.instances.values()]
    names = ("CPUUtilization", "mem_used_percent", "disk_used_percent", "NetworkIn", "NetworkOut")
    queries = [query(n, names[n % 5], {"InstanceId": ids[n // 5 % 24]}) for n in range(500)]
    took: list[float] = []
    for _ in range(3):
        begun = time.perf_counter()
        assert len(ask(aws, *queries, hours=1)) == 500
        took.append(time.perf_counter() - begun)

    assert min(took) < 1


@pytest.mark.parametrize(
    ("queries", "hours"),
    [(501, 1.0), (1, -1.0)],
    ids=["too many", "ends before it starts"],
)
def test_what_cloudwatch_refuses(aws: Aws, queries: int, hours: float) -> None:
    with pytest.raises(ClientError, match="ValidationError"):
        ask(aws, *(query(n, "CPUUtilization", {"InstanceId": aws.id("api-01")}) for n in range(queries)), hours=hours)


def test_a_wrong_period_is_refused(aws: Aws) -> None:
    with pytest.raises(ClientError, match="multiple of 60"):
        ask(aws, query(0, "CPUUtilization", {"InstanceId": aws.id("api-01")}, period=90))


def test_statistics_of_one_metric(aws: Aws) -> None:
    now = datetime.now(UTC)
    found = aws.cloudwatch.get_metric_statistics(
        Namespace="AWS/EC2",
        MetricName="CPUUtilization",
        Dimensions=[{"Name": "InstanceId", "Value": aws.id("worker-02")}],
        StartTime=now - timedelta(minutes=30),
        EndTime=now,
        Period=300,
        Statistics=["Average", "Maximum"],
    )["Datapoints"]

    assert len(found) in (6, 7)
    assert all(point["Average"] <= point["Maximum"] and point["Unit"] == "Percent" for point in found)


def test_metrics_that_a_client_puts_are_answered_beside_ours(aws: Aws) -> None:
    now = datetime.now(UTC)
    aws.cloudwatch.put_metric_data(
        Namespace="Shop", MetricData=[{"MetricName": "Orders", "Value": 12, "Timestamp": now - timedelta(minutes=3)}]
    )
    shop = {"Id": "shop", "MetricStat": {"Metric": {"Namespace": "Shop", "MetricName": "Orders"}, "Period": 3600, "Stat": "Sum"}}

    ours, theirs = ask(aws, query(0, "CPUUtilization", {"InstanceId": aws.id("api-02")}), shop, hours=1)

    assert ours["Values"]
    assert theirs["Values"] == [12]
    assert [m["MetricName"] for m in aws.cloudwatch.list_metrics(Namespace="Shop")["Metrics"]] == ["Orders"]
