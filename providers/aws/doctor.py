"""Finds out what the bot's AWS identity may do, without doing it: EC2 dry runs, minimal reads, else IAM's simulation."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from providers.aws.resources import CHANGING
from providers.aws.session import Scope, Session
from skills.kit.errors import Conflict, Forbidden, Invalid, NotFound, OpsError, Throttled
from skills.kit.ports.acting import Acting, On, acting_as
from skills.kit.ports.probe import Finding, Probe

_NOBODY = "00000000-0000-4000-8000-000000000000"
"""A command id that cannot be: asking for it is refused only when the action itself is."""


async def probe(session: Session, actions: Iterable[str], acted: Iterable[str] = ()) -> list[Probe]:
    """One probe for the identity of each account, then one per IAM action in each. actions: such as `ec2:StopInstances`.

    With an action role also one for the role, and then in it those that change something and those `acted`: what skills that
    change something need. Asks Cost Explorer, a cent per request, only when one of its actions is named.
    """
    wanted, in_role = set(actions), set[str]()
    if session.settings.action_role:
        in_role = wanted if session.settings.action_reads else wanted & {*CHANGING, *acted}
        wanted -= CHANGING
    scopes = {scope.role: scope for scope in reversed(session.scopes)}
    found: list[Probe] = []
    for scope in scopes.values():
        found += await _account(session, scope, sorted(wanted), sorted(in_role))
    return found


async def _account(session: Session, scope: Scope, actions: list[str], in_role: list[str]) -> list[Probe]:
    try:
        arn = await _arn(session, scope)
    except OpsError as error:
        return [Probe(name="aws identity", finding=Finding.FAIL, what=f"{error.what} ({scope})", remedy=error.remedy)]
    found = [Probe(name="aws identity", finding=Finding.OK, what=f"{arn}, {scope}")]
    instance = await _any_instance(session, scope)
    found += await asyncio.gather(*(_action(session, scope, action, arn, instance) for action in actions))
    return found + (await _role(session, scope, in_role, instance) if session.settings.action_role else [])


async def _role(session: Session, scope: Scope, actions: list[str], instance: str) -> list[Probe]:
    """The action role as it is used: in a session that may do just these actions, to that one instance."""
    on = (On(instance, scope.region),) if instance else ()
    with acting_as(Acting("doctor", "doctor", "doctor", True, tuple(actions), on)):
        try:
            arn = await _arn(session, scope)
        except OpsError as error:
            what = f"{error.what} {error.details} ({scope})"
            return [Probe(name="aws action role", finding=Finding.FAIL, what=what, remedy=error.remedy)]
        tried = await asyncio.gather(*(_action(session, scope, action, arn, instance) for action in actions))
    named = [each.model_copy(update={"name": f"{each.name} as action role"}) for each in tried]
    return [Probe(name="aws action role", finding=Finding.OK, what=f"{arn}, {scope}"), *named]


async def _arn(session: Session, scope: Scope) -> str:
    return await session.call(scope, "sts", "get_caller_identity", shape=lambda response: str(response["Arn"]))


async def _action(session: Session, scope: Scope, action: str, arn: str, instance: str) -> Probe:
    name = f"aws {action}"
    try:
        if instance and action in (tries := _dry_runs(instance)):
            method, params = tries[action]
            return await _tried(name, scope, session.call(scope, "ec2", method, once=True, DryRun=True, **params))
        if action in _reads():
            service, method, params = _reads()[action]
            return await _tried(name, scope, session.call(scope, service, method, **params))
        return await _simulated(session, scope, action, arn)
    except OpsError as error:
        return Probe(name=name, finding=Finding.FAIL, what=f"{error.what} ({scope})", remedy=error.remedy)


async def _tried(name: str, scope: Scope, attempt: Any) -> Probe:
    """Permission was checked before whatever else AWS objected to. Errors: those that say nothing about permission."""
    try:
        await attempt
    except Forbidden as error:
        return Probe(name=name, finding=Finding.FAIL, what=f"{error.what} ({scope})", remedy=error.remedy)
    except Throttled as error:
        return Probe(name=name, finding=Finding.WARN, what=error.what, remedy=error.remedy)
    except (NotFound, Conflict, Invalid):
        pass
    return Probe(name=name, finding=Finding.OK, what=f"allowed ({scope})")


async def _simulated(session: Session, scope: Scope, action: str, arn: str) -> Probe:
    """What cannot be tried without an effect, by IAM's own account of the policies; it is the bot itself that asks."""
    name = f"aws {action}"
    try:
        with acting_as(None):
            decision = await session.call(
                scope,
                "iam",
                "simulate_principal_policy",
                shape=lambda response: str(response["EvaluationResults"][0]["EvalDecision"]),
                PolicySourceArn=_principal(arn),
                ActionNames=[action],
            )
    except OpsError as error:
        return Probe(
            name=name,
            finding=Finding.WARN,
            what=f"cannot be tried without an effect, and IAM did not say: {error.what} ({scope})",
            remedy="Allow iam:SimulatePrincipalPolicy to find out.",
        )
    if decision == "allowed":
        return Probe(name=name, finding=Finding.OK, what=f"allowed, says IAM ({scope})")
    return Probe(
        name=name, finding=Finding.FAIL, what=f"{decision} ({scope})", remedy=f"Allow {action} in the identity's IAM policy."
    )


async def _any_instance(session: Session, scope: Scope) -> str:
    """An instance to dry-run on; empty when there is none or they cannot be listed."""
    try:
        return await session.call(scope, "ec2", "describe_instances", shape=_first, MaxResults=5)
    except OpsError:
        return ""


def _first(response: Any) -> str:
    return next((item["InstanceId"] for group in response["Reservations"] for item in group["Instances"]), "")


def _principal(arn: str) -> str:
    """The role behind an assumed one; IAM simulates roles and users, not sessions."""
    if ":assumed-role/" not in arn:
        return arn
    role = arn.split("/")[1]
    return arn.partition(":assumed-role/")[0].replace(":sts:", ":iam:") + f":role/{role}"


def _dry_runs(instance: str) -> Mapping[str, tuple[str, dict[str, Any]]]:
    """What EC2 checks without doing it, for each action that changes something: method, parameters."""
    return {
        "ec2:StartInstances": ("start_instances", {"InstanceIds": [instance]}),
        "ec2:StopInstances": ("stop_instances", {"InstanceIds": [instance]}),
        "ec2:RebootInstances": ("reboot_instances", {"InstanceIds": [instance]}),
        "ec2:CreateTags": ("create_tags", {"Resources": [instance], "Tags": [{"Key": "ops-copilot", "Value": "probe"}]}),
        "ec2:DeleteTags": ("delete_tags", {"Resources": [instance], "Tags": [{"Key": "ops-copilot"}]}),
    }


def _reads() -> Mapping[str, tuple[str, str, dict[str, Any]]]:
    """The smallest request for each action that only reads: service, method, parameters."""
    now = datetime.now(UTC)
    today = now.date()
    query = {
        "Id": "q0",
        "MetricStat": {"Metric": {"Namespace": "AWS/EC2", "MetricName": "CPUUtilization"}, "Period": 300, "Stat": "Average"},
    }
    span = {"StartTime": now - timedelta(minutes=10), "EndTime": now}
    day = {"Start": (today - timedelta(days=1)).isoformat(), "End": today.isoformat()}
    ahead = {"Start": today.isoformat(), "End": (today + timedelta(days=2)).isoformat()}
    return {
        "ec2:DescribeInstances": ("ec2", "describe_instances", {"MaxResults": 5}),
        "ec2:DescribeInstanceStatus": ("ec2", "describe_instance_status", {"MaxResults": 5}),
        "cloudwatch:GetMetricData": ("cloudwatch", "get_metric_data", {"MetricDataQueries": [query], **span}),
        "cloudwatch:ListMetrics": ("cloudwatch", "list_metrics", {"Namespace": "CWAgent", "MetricName": "mem_used_percent"}),
        "ssm:DescribeInstanceInformation": ("ssm", "describe_instance_information", {"MaxResults": 5}),
        "ssm:ListCommands": ("ssm", "list_commands", {"MaxResults": 1}),
        "ssm:ListCommandInvocations": ("ssm", "list_command_invocations", {"MaxResults": 1}),
        "ssm:GetCommandInvocation": (
            "ssm",
            "get_command_invocation",
            {"CommandId": _NOBODY, "InstanceId": "i-00000000000000000"},
        ),
        "ce:GetCostAndUsage": (
            "ce",
            "get_cost_and_usage",
            {"TimePeriod": day, "Granularity": "DAILY", "Metrics": ["UnblendedCost"]},
        ),
        "ce:GetCostForecast": (
            "ce",
            "get_cost_forecast",
            {"TimePeriod": ahead, "Metric": "UNBLENDED_COST", "Granularity": "DAILY"},
        ),
        "sts:GetCallerIdentity": ("sts", "get_caller_identity", {}),
    }
