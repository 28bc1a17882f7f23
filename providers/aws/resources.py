"""Which IAM actions can be limited to resources, and to which. Source: AWS Service Authorization Reference."""

from __future__ import annotations

import re
from collections.abc import Mapping

INSTANCE = "arn:{partition}:ec2:{region}:{account}:instance/{instance}"
"""One EC2 instance; SSM names the instances it runs commands on the same way."""

DOCUMENTS = tuple(f"arn:{{partition}}:ssm:{{region}}:*:document/AWS-Run{shell}" for shell in ("PowerShellScript", "ShellScript"))
"""What SSM runs: AWS's own two documents, which belong to no account of ours."""

LIMITED: Mapping[str, tuple[str, ...]] = {
    "ec2:CreateTags": (INSTANCE,),
    "ec2:DeleteTags": (INSTANCE,),
    "ec2:RebootInstances": (INSTANCE,),
    "ec2:StartInstances": (INSTANCE,),
    "ec2:StopInstances": (INSTANCE,),
    "ssm:SendCommand": (INSTANCE, *DOCUMENTS),
}
"""The actions that can be, as templates of ARNs."""

CHANGING = frozenset({*LIMITED, "ssm:CancelCommand"})
"""The actions that change something."""

_UNLIMITED = frozenset(
    {
        "ce:GetCostAndUsage",
        "ce:GetCostForecast",
        "cloudwatch:GetMetricData",
        "ssm:CancelCommand",
        "ssm:GetCommandInvocation",
    }
)
_LOOKING = re.compile(r"[a-z0-9-]+:(Describe|List)[A-Za-z0-9]+")


def unlimited(action: str) -> bool:
    """Is it known that IAM cannot limit this action to a resource? Of those that change something: only the cancel."""
    return action in _UNLIMITED or (action not in LIMITED and _LOOKING.fullmatch(action) is not None)
