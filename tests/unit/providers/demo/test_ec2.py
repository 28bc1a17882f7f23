"""The simulated EC2, driven by boto3."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from botocore.exceptions import ClientError

from tests.unit.providers.demo.conftest import SLOW, Aws, end, launch, wait

pytestmark = pytest.mark.demo


def _code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return error.value.response["Error"]["Code"]  # pyright: ignore[reportTypedDictNotRequiredAccess]


def test_there_are_24_tagged_instances_in_two_environments(aws: Aws) -> None:
    tags = {name: {t["Key"]: t["Value"] for t in found["Tags"]} for name, found in aws.instances.items()}

    assert len(tags) == 24
    assert all(set(each) >= {"Name", "Environment", "Role", "Service", "Team", "Owner"} for each in tags.values())
    assert Counter(each["Environment"] for each in tags.values()) == {"production": 16, "staging": 8}
    assert {f"web-server-0{n}" for n in range(1, 5)} < set(tags)
    assert len({found["InstanceType"].split(".")[0] for found in aws.instances.values()}) >= 4
    assert sum(found.get("Platform") == "windows" for found in aws.instances.values()) == 1
    assert sum("PublicIpAddress" in found for found in aws.instances.values()) == 5
    assert all(found["PrivateIpAddress"] for found in aws.instances.values())
    assert len({found["LaunchTime"] for found in aws.instances.values()}) == 24


def test_filters_by_tag_and_state_and_paging_work(aws: Aws) -> None:
    staging = [{"Name": "tag:Environment", "Values": ["staging"]}, {"Name": "instance-state-name", "Values": ["stopped"]}]
    found = aws.ec2.describe_instances(Filters=staging)["Reservations"]
    pages = list(aws.ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 10}))

    assert 1 <= len(found) <= 3
    assert [len(page["Reservations"]) for page in pages] == [10, 10, 4]


def test_a_stop_and_a_start_take_their_time(slow_aws: Aws) -> None:
    aws, id = slow_aws, slow_aws.id("web-server-01")
    stopping = aws.ec2.stop_instances(InstanceIds=[id])["StoppingInstances"][0]
    begun = time.monotonic()

    assert (stopping["PreviousState"]["Name"], stopping["CurrentState"]["Name"]) == ("running", "stopping")
    assert aws.state("web-server-01") == "stopping"
    with pytest.raises(ClientError) as refused:
        aws.ec2.start_instances(InstanceIds=[id])
    assert _code(refused) == "IncorrectInstanceState"
    again = aws.ec2.stop_instances(InstanceIds=[id])["StoppingInstances"][0]
    assert again["CurrentState"]["Name"] == "stopping"

    wait(lambda: aws.state("web-server-01"), lambda state: state == "stopped")
    assert SLOW * 0.9 < time.monotonic() - begun < SLOW + 3
    assert aws.ec2.stop_instances(InstanceIds=[id])["StoppingInstances"][0]["CurrentState"]["Name"] == "stopped"
    assert "PublicIpAddress" not in aws.describe(id)[0] or aws.describe(id)[0]["StateTransitionReason"].startswith("User")

    starting = aws.ec2.start_instances(InstanceIds=[id])["StartingInstances"][0]
    assert (starting["PreviousState"]["Name"], starting["CurrentState"]["Name"]) == ("stopped", "pending")
    assert aws.state("web-server-01") == "pending"
    wait(lambda: aws.state("web-server-01"), lambda state: state == "running")


def test_a_stopped_instance_cannot_be_rebooted_and_stays_stopped(aws: Aws) -> None:
    with pytest.raises(ClientError) as refused:
        aws.ec2.reboot_instances(InstanceIds=[aws.id("batch-01")])

    assert _code(refused) == "IncorrectInstanceState"
    assert aws.state("batch-01") == "stopped"


def test_one_that_cannot_be_started_keeps_the_others_from_being_started(aws: Aws) -> None:
    ids = [aws.id("staging-web-02"), aws.id("web-server-02")]
    with pytest.raises(ClientError):
        aws.ec2.reboot_instances(InstanceIds=ids)

    assert aws.state("staging-web-02") == "stopped"


def test_a_reboot_keeps_it_running_and_shows_in_its_uptime(aws: Aws) -> None:
    aws.ec2.reboot_instances(InstanceIds=[aws.id("web-server-03")])

    assert aws.state("web-server-03") == "running"
    wait(
        lambda: aws.ssm.describe_instance_information(Filters=[{"Key": "InstanceIds", "Values": [aws.id("web-server-03")]}]),
        lambda found: found["InstanceInformationList"][0]["PingStatus"] == "Online",
    )
    assert "up 0 min" in aws.run("web-server-03", "uptime")["StandardOutputContent"]


def test_status_checks_are_initializing_after_a_start(slow_aws: Aws) -> None:
    aws, id = slow_aws, slow_aws.id("web-server-03")
    aws.ec2.stop_instances(InstanceIds=[id])
    wait(lambda: aws.state("web-server-03"), lambda state: state == "stopped")

    def status() -> str:
        found = aws.ec2.describe_instance_status(InstanceIds=[id], IncludeAllInstances=True)["InstanceStatuses"][0]
        assert found["InstanceStatus"]["Status"] == found["SystemStatus"]["Status"]
        return found["SystemStatus"]["Status"]

    assert status() == "not-applicable"
    assert aws.ec2.describe_instance_status(InstanceIds=[id])["InstanceStatuses"] == []
    aws.ec2.start_instances(InstanceIds=[id])
    wait(status, lambda seen: seen == "initializing")
    wait(status, lambda seen: seen == "ok", seconds=20)


def test_status_checks_page_and_tell_of_a_scheduled_event(aws: Aws) -> None:
    pages = aws.ec2.get_paginator("describe_instance_status").paginate(PaginationConfig={"PageSize": 9})
    found = [status for page in pages for status in page["InstanceStatuses"]]
    events = {status["InstanceId"]: status["Events"] for status in found if status["Events"]}

    assert len(found) > 18
    assert [event["Code"] for event in events[aws.id("db-02")]] == ["system-reboot"]


def test_tags_are_set_and_removed(aws: Aws) -> None:
    id = aws.id("cache-01")
    aws.ec2.create_tags(Resources=[id], Tags=[{"Key": "Maintenance", "Value": "tonight"}])

    assert {"Key": "Maintenance", "Value": "tonight"} in aws.describe(id)[0]["Tags"]
    aws.ec2.delete_tags(Resources=[id], Tags=[{"Key": "Maintenance"}])
    assert all(tag["Key"] != "Maintenance" for tag in aws.describe(id)[0]["Tags"])


def test_an_unknown_instance_is_not_found(aws: Aws) -> None:
    with pytest.raises(ClientError) as refused:
        aws.ec2.stop_instances(InstanceIds=["i-00000000000000000"])

    assert _code(refused) == "InvalidInstanceID.NotFound"


def test_a_dry_run_changes_nothing(aws: Aws) -> None:
    with pytest.raises(ClientError) as refused:
        aws.ec2.stop_instances(InstanceIds=[aws.id("api-02")], DryRun=True)

    assert _code(refused) == "DryRunOperation"
    assert aws.state("api-02") == "running"


def test_what_moto_does_not_have_is_refused_at_once_and_not_tried_again(aws: Aws) -> None:
    begun = time.monotonic()
    with pytest.raises(ClientError) as refused:
        aws.ec2.describe_fpga_images()

    assert _code(refused) == "UnsupportedOperation"
    assert time.monotonic() - begun < 2


def test_a_new_instance_is_pending_and_a_terminated_one_goes(slow_aws: Aws) -> None:
    made = slow_aws.ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1, InstanceType="t3.small")["Instances"][0]
    id = made["InstanceId"]

    def state() -> str:
        return slow_aws.describe(id)[0]["State"]["Name"]

    assert made["State"]["Name"] == "pending"
    wait(state, lambda seen: seen == "running")
    slow_aws.ec2.terminate_instances(InstanceIds=[id])
    assert state() == "shutting-down"
    wait(state, lambda seen: seen == "terminated")


def test_the_same_seed_gives_the_same_ids(slow_aws: Aws) -> None:
    process, line = launch("--instances", "4")
    try:
        again = Aws(line.removeprefix("ready ")).instances
    finally:
        end(process)

    assert {name: found["InstanceId"] for name, found in again.items()} == {
        name: found["InstanceId"] for name, found in slow_aws.instances.items()
    }
