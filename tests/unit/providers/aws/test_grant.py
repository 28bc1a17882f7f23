from __future__ import annotations

import json
import re
from typing import Any

import pytest
from pydantic import ValidationError

import skills
from providers.aws import AwsSettings
from providers.aws.grant import LIMIT, Grant, grants, session_name
from skills.kit.catalogue import discover
from skills.kit.declaration import Skill
from skills.kit.errors import Forbidden
from skills.kit.ports.acting import Acting, On

ACCOUNT, REGION = "111111111111", "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ops-actions"
STOP = ("ec2:StopInstances", "ec2:DescribeInstances")
SEND = ("ssm:SendCommand", "ssm:GetCommandInvocation", "ssm:CancelCommand")


def grant(*ids: str, iam: tuple[str, ...] = STOP, role: str = ROLE, **settings: Any) -> Grant:
    (only,) = some(*[On(id, REGION, ACCOUNT) for id in ids], iam=iam, role=role, **settings)
    return only


def some(*targets: On, iam: tuple[str, ...] = STOP, role: str = ROLE, **settings: Any) -> tuple[Grant, ...]:
    who = Acting("teams:t1/ada", "Ada Admin", "instances.stop", True, iam, targets, "a-1")
    return grants(who, REGION, role, AwsSettings(action_role=role, **settings))


def statements(given: Grant) -> list[dict[str, Any]]:
    return json.loads(given.policy)["Statement"]


def test_a_change_is_allowed_on_the_confirmed_instances_and_reading_everywhere() -> None:
    assert json.loads(grant("i-2", "i-1").policy) == {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["ec2:DescribeInstances"], "Resource": "*"},
            {
                "Effect": "Allow",
                "Action": ["ec2:StopInstances"],
                "Resource": [f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{id}" for id in ("i-1", "i-2")],
            },
        ],
    }


def test_a_command_may_be_sent_to_the_confirmed_instances_by_the_two_documents_only() -> None:
    anywhere, send = statements(grant("i-1", iam=SEND))
    assert anywhere["Action"] == ["ssm:CancelCommand", "ssm:GetCommandInvocation"]
    assert send["Resource"] == [
        f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1",
        f"arn:aws:ssm:{REGION}:*:document/AWS-RunPowerShellScript",
        f"arn:aws:ssm:{REGION}:*:document/AWS-RunShellScript",
    ]


def test_output_may_be_read_where_the_settings_keep_it() -> None:
    send, bucket, objects = statements(grant("i-1", iam=SEND, output_bucket="out", output_prefix="ops"))[1:]
    assert send["Resource"][-1] == "arn:aws:s3:::out"
    assert (bucket["Action"], bucket["Resource"]) == (["s3:ListBucket"], "arn:aws:s3:::out")
    assert (objects["Action"], objects["Resource"]) == (["s3:GetObject"], "arn:aws:s3:::out/ops/*")
    log = statements(grant("i-1", iam=SEND, output_log_group="/ops"))[-1]
    assert (log["Action"], log["Resource"]) == (["logs:GetLogEvents"], f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/ops:*")


def test_starting_may_unlock_encrypted_volumes_and_nothing_else_of_a_key() -> None:
    (key,) = [each for each in statements(grant("i-1", iam=("ec2:StartInstances",))) if "Condition" in each]
    assert key["Action"] == ["kms:CreateGrant"]
    assert key["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    assert "kms" not in grant("i-1").policy


def test_without_a_target_there_nothing_can_be_changed() -> None:
    (only,) = some(On("i-1", "us-east-1", ACCOUNT), On("i-2", REGION, "222222222222"))
    assert statements(only) == [{"Effect": "Allow", "Action": ["ec2:DescribeInstances"], "Resource": "*"}]
    assert statements(grant(iam=())) == [{"Effect": "Deny", "Action": "*", "Resource": "*"}]


@pytest.mark.parametrize("id", ["*", "i-*", "i-?", "i-1/../*", 'i-1","*', "i-1:instance/*", ""])
def test_an_id_that_is_none_never_gets_into_a_policy(id: str) -> None:
    assert [each["Action"] for each in statements(grant(id))] == [["ec2:DescribeInstances"]]


def test_what_does_not_fit_goes_into_more_sessions_and_nothing_is_left_out_or_widened() -> None:
    ids = [f"i-{n:017x}" for n in range(200)]
    for iam in (STOP, SEND):
        several = some(*[On(id, REGION, ACCOUNT) for id in ids], iam=iam, output_bucket="b" * 63)
        assert all(len(each.policy) <= LIMIT for each in several)
        assert sorted(id for each in several for id in each.instances) == ids
        for each in several:
            named = re.findall(r"instance/([^\"]+)", each.policy)
            assert sorted(named) == sorted(each.instances)


def test_a_skill_too_large_for_any_policy_is_refused() -> None:
    with pytest.raises(Forbidden, match="more IAM actions"):
        grant("i-1", iam=tuple(f"ec2:Describe{'X' * 40}{n}" for n in range(50)))


@pytest.mark.parametrize("action", ["secretsmanager:GetSecretValue", "ec2:TerminateInstances", "ec2:*", "*", "iam:PassRole"])
def test_an_action_nobody_knows_how_to_limit_is_refused_and_not_allowed_everywhere(action: str) -> None:
    with pytest.raises(Forbidden) as refused:
        grant("i-1", iam=(*STOP, action))
    assert refused.value.missing == action
    assert "resources.py" in refused.value.remedy


@pytest.mark.parametrize("skill", list(discover(skills)), ids=lambda skill: skill.name)
def test_a_policy_can_be_written_for_every_skill_there_is(skill: Skill) -> None:
    given = grant("i-1", iam=skill.iam)
    allowed = {action for each in statements(given) if each["Effect"] == "Allow" for action in each["Action"]}
    assert allowed - {"kms:CreateGrant"} == set(skill.iam)
    anywhere = {action for each in statements(given) if each["Resource"] == "*" for action in each["Action"] if skill.iam}
    assert {action for action in anywhere if not re.search(r":(Describe|List|Get)", action)} <= {"ssm:CancelCommand"}


def test_the_partition_is_the_roles() -> None:
    assert "arn:aws-cn:ec2:" in grant("i-1", role=f"arn:aws-cn:iam::{ACCOUNT}:role/ops").policy


@pytest.mark.parametrize(
    ("name", "begin"),
    [
        ("Ada Admin", "Ada-Admin-"),
        ("ada.admin@example.com", "ada.admin@example.com-"),
        ("Zoë Ångström", "Zoe-Angstrom-"),
        ("中文", "somebody-"),
        ("", "somebody-"),
        ("x" * 300, "x" * 55 + "-"),
        ("root\r\nX: 1/../<b>", "root-X-1-..-b-"),
    ],
)
def test_a_session_is_named_in_the_letters_sts_takes(name: str, begin: str) -> None:
    given = session_name(name, "teams:t1/ada")
    assert given.startswith(begin)
    assert re.fullmatch(r"[\w+=,.@-]{2,64}", given, re.ASCII)


def test_two_of_the_same_name_have_different_sessions() -> None:
    assert session_name("Ada", "teams:t1/ada") != session_name("Ada", "teams:t1/eve")


def test_the_request_is_the_name_the_policy_and_the_shortest_time() -> None:
    given = grant("i-1")
    assert given.request == {
        "RoleArn": ROLE,
        "RoleSessionName": session_name("Ada Admin", "teams:t1/ada"),
        "Policy": given.policy,
        "DurationSeconds": 900,
    }


def test_tags_and_a_source_identity_are_sent_when_the_role_is_ready_for_them() -> None:
    request = grant("i-1", action_tags=True, action_source_identity=True).request
    assert request["SourceIdentity"] == session_name("ada", "teams:t1/ada")
    assert {tag["Key"]: tag["Value"] for tag in request["Tags"]} == {
        "OpsPrincipal": "teams:t1/ada",
        "OpsSkill": "instances.stop",
        "OpsAction": "a-1",
    }


@pytest.mark.parametrize(
    ("role", "accounts", "message"),
    [
        ("ops-actions", [], "not the ARN of a role"),
        (ROLE, ["arn:aws:iam::222222222222:role/ops"], "write {account}"),
        ("arn:aws:iam::{region}:role/x", [], "not the ARN of a role"),
    ],
)
def test_a_role_that_cannot_be_is_refused_at_the_start(role: str, accounts: list[str], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        AwsSettings(action_role=role, accounts=accounts)
    assert AwsSettings(action_role=ROLE, accounts=[f"arn:aws:iam::{ACCOUNT}:role/ops"]).role_in(ACCOUNT) == ROLE
