"""The simulated Run Command, driven by boto3."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from providers.demo.process import OUTPUT_BUCKET
from tests.unit.providers.demo.conftest import Aws, client, wait

pytestmark = pytest.mark.demo


def _refused(error: pytest.ExceptionInfo[ClientError]) -> str:
    return error.value.response["Error"]["Code"]  # pyright: ignore[reportTypedDictNotRequiredAccess]


def test_managed_instances_are_listed_with_filters_and_pages(aws: Aws) -> None:
    everything = aws.ssm.get_paginator("describe_instance_information").paginate(PaginationConfig={"PageSize": 10})
    found = {item["InstanceId"]: item for page in everything for item in page["InstanceInformationList"]}

    def matching(key: str, *values: str) -> list[str]:
        rows = aws.ssm.describe_instance_information(Filters=[{"Key": key, "Values": list(values)}])
        return [row["ComputerName"] for row in rows["InstanceInformationList"]]

    assert len(found) == 23
    assert aws.id("bastion-01") not in found
    assert found[aws.id("batch-01")]["PingStatus"] == "ConnectionLost"
    assert matching("PlatformTypes", "Windows") == ["report-01"]
    assert matching("tag:Role", "checkout") == ["checkout-01", "checkout-02", "staging-checkout-01"]
    with pytest.raises(ClientError) as refused:
        matching("Colour", "blue")
    assert _refused(refused) == "InvalidFilterKey"


def test_a_command_goes_from_pending_over_in_progress_to_success(slow_aws: Aws) -> None:
    sent = slow_aws.send("web-server-02", "df -h")
    seen: list[str] = []

    def look() -> dict[str, Any]:
        found = slow_aws.invocation(sent, "web-server-02")
        seen.extend([found["Status"]] if seen[-1:] != [found["Status"]] else [])
        assert found["Status"] == "Success" or (found["ResponseCode"], found["StandardOutputContent"]) == (-1, "")
        return found

    found = wait(look, lambda found: found["Status"] == "Success")

    assert seen == ["Pending", "InProgress", "Success"]
    assert found["ResponseCode"] == 0
    assert "/dev/nvme0n1p1" in found["StandardOutputContent"]
    assert found["ExecutionStartDateTime"] < found["ExecutionEndDateTime"]


def test_a_failure_has_its_exit_code_and_what_was_said(aws: Aws) -> None:
    failed = aws.run("api-01", "echo half; frobnicate")

    assert (failed["Status"], failed["StatusDetails"], failed["ResponseCode"]) == ("Failed", "Failed", 127)
    assert failed["StandardOutputContent"] == "half\n"
    assert "frobnicate: command not found" in failed["StandardErrorContent"]
    assert aws.run("api-01", "exit 3")["ResponseCode"] == 3


def test_a_command_that_runs_too_long_times_out_with_what_it_had_printed(aws: Aws) -> None:
    ended = aws.run("api-01", "echo started; sleep 600; echo never", executionTimeout=["1"])

    assert (ended["Status"], ended["StatusDetails"]) == ("TimedOut", "ExecutionTimedOut")
    assert ended["StandardOutputContent"] == "started\n"


def test_a_cancelled_command_ends_and_a_finished_one_keeps_its_result(aws: Aws) -> None:
    sent = aws.send("api-01", "echo started; sleep 600")
    wait(lambda: aws.invocation(sent, "api-01")["Status"], lambda status: status == "InProgress")
    aws.ssm.cancel_command(CommandId=sent)

    ended = aws.invocation(sent, "api-01")
    assert (ended["Status"], ended["StandardOutputContent"]) == ("Cancelled", "started\n")
    assert aws.ssm.list_commands(CommandId=sent)["Commands"][0]["Status"] == "Cancelled"

    done = aws.run("api-01", "echo done")
    aws.ssm.cancel_command(CommandId=done["CommandId"])
    assert aws.invocation(done["CommandId"], "api-01")["Status"] == "Success"


def test_an_unmanaged_or_stopped_instance_refuses_the_whole_command(aws: Aws) -> None:
    for name in ("bastion-01", "batch-01"):
        with pytest.raises(ClientError) as refused:
            aws.ssm.send_command(
                InstanceIds=[aws.id("api-01"), aws.id(name)],
                DocumentName="AWS-RunShellScript",
                Parameters={"commands": ["true"]},
            )
        assert _refused(refused) == "InvalidInstanceId"
        assert aws.id(name) in str(refused.value)
        assert aws.id("api-01") not in str(refused.value)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"InstanceIds": [f"i-{n:017x}" for n in range(51)]}, "ValidationException"),
        ({"DocumentName": "AWS-Nothing"}, "InvalidDocument"),
        ({"DocumentName": "AWS-RunPowerShellScript"}, "UnsupportedPlatformType"),
        ({"Parameters": {}}, "InvalidParameters"),
        ({"InstanceIds": []}, "InvalidInstanceId"),
    ],
)
def test_what_ssm_refuses(aws: Aws, asked: dict[str, object], code: str) -> None:
    fine = {"InstanceIds": [aws.id("api-01")], "DocumentName": "AWS-RunShellScript", "Parameters": {"commands": ["true"]}}
    with pytest.raises(ClientError) as refused:
        aws.ssm.send_command(**(fine | asked))

    assert _refused(refused) == code


def test_targets_reach_every_online_instance_with_the_tag(aws: Aws) -> None:
    targets = [{"Key": "tag:Role", "Values": ["checkout"]}, {"Key": "tag:Environment", "Values": ["production"]}]
    sent = aws.ssm.send_command(Targets=targets, DocumentName="AWS-RunShellScript", Parameters={"commands": ["hostname"]})
    id = sent["Command"]["CommandId"]
    command = wait(lambda: aws.ssm.list_commands(CommandId=id)["Commands"][0], lambda found: found["CompletedCount"] == 2)
    rows = aws.ssm.list_command_invocations(CommandId=id, Details=True)["CommandInvocations"]

    assert (command["Status"], command["TargetCount"], command["ErrorCount"]) == ("Success", 2, 0)
    assert {row["CommandPlugins"][0]["Output"] for row in rows} == {"checkout-01\n", "checkout-02\n"}
    nobody = aws.ssm.send_command(
        Targets=[{"Key": "tag:Role", "Values": ["none"]}], DocumentName="AWS-RunShellScript", Parameters={"commands": ["true"]}
    )["Command"]
    assert (nobody["TargetCount"], nobody["StatusDetails"]) == (0, "NoInstancesInTag")


def test_long_output_is_cut_at_24000_characters_and_kept_whole_in_the_bucket(aws: Aws) -> None:
    sent = aws.ssm.send_command(
        InstanceIds=[aws.id("api-01")],
        DocumentName="AWS-RunShellScript",
        Parameters={"commands": ["seq 1 10000"]},
        OutputS3BucketName=OUTPUT_BUCKET,
        OutputS3KeyPrefix="kept",
    )["Command"]["CommandId"]
    ended = wait(lambda: aws.invocation(sent, "api-01"), lambda found: found["Status"] == "Success")
    s3 = client("s3", aws.url)
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=OUTPUT_BUCKET, Prefix=f"kept/{sent}/")["Contents"]]

    assert len(ended["StandardOutputContent"]) == 24_000
    assert keys == [f"kept/{sent}/{aws.id('api-01')}/awsrunShellScript/0.awsrunShellScript/stdout"]
    whole = s3.get_object(Bucket=OUTPUT_BUCKET, Key=keys[0])["Body"].read()
    assert whole.endswith(b"\n10000\n")


def test_stderr_is_cut_at_8000_characters(aws: Aws) -> None:
    ended = aws.run("api-01", "; ".join(["a-rather-long-name-of-nothing-at-all"] * 200))

    assert len(ended["StandardErrorContent"]) == 8_000


def test_powershell_runs_on_windows(aws: Aws) -> None:
    ended = aws.run("report-01", "Get-Service -Name MSSQLSERVER", "AWS-RunPowerShellScript")

    assert ended["Status"] == "Success"
    assert "SQL Server" in ended["StandardOutputContent"]


def test_commands_are_found_again_by_comment_time_and_instance(aws: Aws) -> None:
    sent = aws.ssm.send_command(
        InstanceIds=[aws.id("api-03")],
        DocumentName="AWS-RunShellScript",
        Comment="found again",
        TimeoutSeconds=60,
        Parameters={"commands": ["true"]},
    )["Command"]
    hour_ago = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
    hence = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))

    def listed(since: str) -> list[str]:
        found = aws.ssm.list_commands(InstanceId=aws.id("api-03"), Filters=[{"key": "InvokedAfter", "value": since}])
        return [command["Comment"] for command in found["Commands"]]

    assert listed(hour_ago) == ["found again"]
    assert listed(hence) == []
    assert 50 < (sent["ExpiresAfter"] - sent["RequestedDateTime"]).total_seconds() < 70


def test_an_unknown_command_is_named_so(aws: Aws) -> None:
    with pytest.raises(ClientError) as refused:
        aws.ssm.get_command_invocation(CommandId="0" * 8 + "-0000-0000-0000-" + "0" * 12, InstanceId=aws.id("api-01"))
    assert _refused(refused) == "InvalidCommandId"

    sent = aws.send("api-01", "true")
    with pytest.raises(ClientError) as refused:
        aws.invocation(sent, "api-02")
    assert _refused(refused) == "InvocationDoesNotExist"


def test_what_a_command_changes_shows_in_the_metrics_of_the_same_machine(aws: Aws) -> None:
    assert aws.run("staging-api-01", "systemctl stop orders-api && systemctl is-active orders-api")["ResponseCode"] == 3
    assert aws.run("staging-api-01", "curl -s localhost:8080/health")["ResponseCode"] == 7
