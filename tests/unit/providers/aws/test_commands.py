from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from providers.aws.commands import AwsCommands
from providers.aws.invocation import phase
from skills.kit.errors import Forbidden, NotFound, Timeout, Unavailable
from skills.kit.ports.commands import Phase, Shell
from skills.kit.ports.compute import Instance, State
from tests.unit.providers.aws.conftest import Connect
from tests.unit.providers.aws.endpoint import Answer, Asked, Drop, Endpoint

MINUTE = timedelta(minutes=1)


def fleet(count: int, region: str = "us-east-1") -> list[Instance]:
    return [Instance.model_validate({"id": f"i-{region}-{n:03}", "state": State.RUNNING, "region": region}) for n in range(count)]


class Ssm:
    """Remembers what was sent to each region. lose: accept SendCommand and drop the connection; swallow: do not even accept."""

    def __init__(self) -> None:
        self.sent: dict[str, list[dict[str, Any]]] = {}
        self.lose = self.swallow = False

    def __call__(self, asked: Asked) -> Answer:
        sent = self.sent.setdefault(asked.region, [])
        match asked.action:
            case "SendCommand":
                command = {**asked.params, "CommandId": f"{asked.region}-{len(sent):031}", "RequestedDateTime": 1_700_000_000}
                if self.swallow:
                    return Drop()
                sent.append(command)
                return Drop() if self.lose else (200, {"Command": command})
            case "ListCommands":
                wanted = asked.params.get("CommandId")
                start = int(asked.params.get("NextToken", 0))
                rows = [c for c in sent if wanted in (None, c["CommandId"])][start:]
                more = {"NextToken": str(start + 1)} if len(rows) > 1 else {}
                return 200, {"Commands": rows[:1], **more}
            case "ListCommandInvocations":
                return 200, {"CommandInvocations": []}
            case "DescribeInstanceInformation":
                ids = asked.params["Filters"][0]["Values"]
                rows = [{"InstanceId": id, "PingStatus": "ConnectionLost" if id.endswith("7") else "Online"} for id in ids[:-1]]
                return 200, {"InstanceInformationList": rows}
            case _:
                return 400, {"__type": "InvalidCommandId", "message": "no"}


@pytest.fixture
def ssm(endpoint: Endpoint) -> Ssm:
    endpoint.answer = ssm = Ssm()
    return ssm


async def send(commands: AwsCommands, instances: list[Instance], token: str = "t") -> list[str]:
    return list(await commands.send(instances, "uptime", shell=Shell.BASH, timeout=MINUTE, token=token))


async def test_managed_asks_by_fifty_and_only_online_counts(ssm: Ssm, endpoint: Endpoint, connect: Connect) -> None:
    managed = await AwsCommands(connect()).managed(fleet(120))
    assert sorted(len(asked.params["Filters"][0]["Values"]) for asked in endpoint.asked) == [20, 50, 50]
    assert len(managed) == 120
    assert [id for id, online in managed.items() if not online and not id.endswith("7")] == [
        "i-us-east-1-049",
        "i-us-east-1-099",
        "i-us-east-1-119",
    ]


async def test_send_goes_by_region_and_by_fifty(ssm: Ssm, endpoint: Endpoint, connect: Connect) -> None:
    commands = AwsCommands(connect(regions=["us-east-1", "eu-west-1"]))
    ids = await send(commands, [*fleet(120), *fleet(3, "eu-west-1")])
    assert len(ids) == 4
    assert [len(asked.params["InstanceIds"]) for asked in endpoint.actions("SendCommand")] == [50, 50, 20, 3]
    sent = endpoint.actions("SendCommand")[0].params
    assert sent["DocumentName"] == "AWS-RunShellScript"
    assert sent["Parameters"] == {"commands": ["uptime"], "executionTimeout": ["60"]}
    assert all(len(asked.params["Comment"]) <= 100 for asked in endpoint.actions("SendCommand"))


async def test_the_same_token_finds_what_was_sent_also_after_a_restart(ssm: Ssm, endpoint: Endpoint, connect: Connect) -> None:
    first = await send(AwsCommands(connect()), fleet(60), "run-1")
    again = await send(AwsCommands(connect()), fleet(60)[::-1], "run-1")
    assert first == again
    assert len(endpoint.actions("SendCommand")) == 2
    other = await send(AwsCommands(connect()), fleet(60), "run-2")
    assert not {*first} & {*other}


async def test_a_lost_answer_is_settled_by_the_comment(ssm: Ssm, endpoint: Endpoint, connect: Connect) -> None:
    ssm.lose = True
    ids = await send(AwsCommands(connect(), settle=(0,)), fleet(1))
    assert ids == [ssm.sent["us-east-1"][0]["CommandId"]]
    assert len(endpoint.actions("SendCommand")) == 1


async def test_a_lost_command_is_not_sent_again(ssm: Ssm, endpoint: Endpoint, connect: Connect) -> None:
    ssm.swallow = True
    with pytest.raises(Timeout) as caught:
        await send(AwsCommands(connect(), settle=(0, 0)), fleet(1))
    assert len(endpoint.actions("SendCommand")) == 1
    assert "not sent a second time" in caught.value.unchanged


async def test_state_finds_the_region_and_fills_in_targets_not_yet_listed(ssm: Ssm, connect: Connect) -> None:
    regions = ["us-east-1", "eu-west-1"]
    (id,) = await send(AwsCommands(connect(regions=regions)), fleet(2, "eu-west-1"))
    state = await AwsCommands(connect(regions=regions)).state(id)
    assert state.command == "uptime"
    assert {(i.instance_id, i.phase) for i in state.invocations} == {
        ("i-eu-west-1-000", Phase.PENDING),
        ("i-eu-west-1-001", Phase.PENDING),
    }
    with pytest.raises(NotFound):
        await AwsCommands(connect(regions=regions)).state("11111111-1111-4111-8111-111111111111")


async def test_what_has_ended_is_read_once(endpoint: Endpoint, connect: Connect) -> None:
    id = "11111111-1111-4111-8111-111111111111"
    invocation = {"InstanceId": "i-1", "Status": "Failed", "StatusDetails": "Failed"}

    def answer(asked: Asked) -> Answer:
        if asked.action == "ListCommands":
            return 200, {"Commands": [{"CommandId": id, "InstanceIds": ["i-1"], "RequestedDateTime": 1_700_000_000}]}
        if asked.action == "ListCommandInvocations":
            return 200, {"CommandInvocations": [invocation]}
        result = {"ResponseCode": 3, "StandardOutputContent": "x" * 24_000, "StandardErrorContent": "oops"}
        return 200, {**invocation, **result, "ExecutionStartDateTime": "2026-01-05T09:30:00.5Z", "ExecutionEndDateTime": ""}

    endpoint.answer = answer
    commands = AwsCommands(connect())
    states = [await commands.state(id) for _ in range(3)]
    (only,) = states[-1].invocations
    assert (only.phase, only.exit_code, only.errors, only.truncated, only.ended_at) == (Phase.FAILED, 3, "oops", True, None)
    assert len(endpoint.actions("GetCommandInvocation")) == 1


async def test_an_instance_without_agent_is_unavailable_and_denied_names_the_action(endpoint: Endpoint, connect: Connect) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.action == "ListCommands":
            return 200, {"Commands": []}
        return 400, {"__type": code, "message": "Instances not in a valid state for account"}

    endpoint.answer = answer
    code = "InvalidInstanceId"
    with pytest.raises(Unavailable) as caught:
        await send(AwsCommands(connect()), fleet(1))
    assert caught.value.part == "ssm"
    code = "AccessDeniedException"
    with pytest.raises(Forbidden) as denied:
        await send(AwsCommands(connect()), fleet(1))
    assert denied.value.missing == "ssm:SendCommand"


async def test_a_lost_cancel_does_not_claim_that_nothing_happened(ssm: Ssm, endpoint: Endpoint, connect: Connect) -> None:
    commands = AwsCommands(connect())
    (id,) = await send(commands, fleet(1))
    endpoint.answer = lambda asked: Drop() if asked.action == "CancelCommand" else ssm(asked)
    with pytest.raises(Timeout) as caught:
        await commands.cancel(id)
    assert caught.value.unchanged == "Whether the command still runs is not known."


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ("Pending", Phase.PENDING),
        ("Delayed", Phase.PENDING),
        ("In Progress", Phase.RUNNING),
        ("InProgress", Phase.RUNNING),
        ("Cancelling", Phase.RUNNING),
        ("Success", Phase.SUCCESS),
        ("Failed", Phase.FAILED),
        ("Execution Timed Out", Phase.TIMED_OUT),
        ("ExecutionTimedOut", Phase.TIMED_OUT),
        ("Delivery Timed Out", Phase.UNDELIVERED),
        ("Cancelled", Phase.CANCELLED),
        ("Terminated", Phase.CANCELLED),
        ("Undeliverable", Phase.UNDELIVERED),
        ("Invalid Platform", Phase.UNDELIVERED),
        ("Access Denied", Phase.UNDELIVERED),
        ("Brand New", Phase.FAILED),
    ],
)
def test_every_status_of_ssm_has_a_phase(details: str, expected: Phase) -> None:
    assert phase("", details) is expected


def test_details_we_do_not_know_fall_back_to_the_status() -> None:
    assert phase("InProgress", "Brand New") is Phase.RUNNING
