"""docs/iam.md: the least the bot's AWS identity must be allowed, from what the skills declare."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from docs.cells import cell
from docs.skills import GENERATED
from providers.aws.resources import LIMITED
from skills.kit.catalogue import Catalogue
from skills.kit.declaration import Risk, Skill

_ANY = {"partition": "aws", "region": "*", "account": "*", "instance": "*"}
_LIMITED = {action: tuple(arn.format(**_ANY) for arn in arns) for action, arns in LIMITED.items()}
_NAMES = {_LIMITED["ec2:StopInstances"]: "ChangeInstances", _LIMITED["ssm:SendCommand"]: "RunCommands", ("*",): "LookUp"}
_ACTION = re.compile(r"[a-z0-9-]+:[A-Z][A-Za-z0-9]+")


def policy(skills: Iterable[Skill]) -> dict[str, Any]:
    """An IAM policy document that allows just what `skills` declare. Errors: ValueError for what is not an action's name."""
    groups: dict[tuple[str, ...], set[str]] = {}
    for skill in skills:
        for action in skill.iam:
            if not _ACTION.fullmatch(action):
                raise ValueError(f"skill {skill.name}: {action!r} is not one IAM action, such as ec2:StopInstances")
            groups.setdefault(_LIMITED.get(action, ("*",)), set()).add(action)
    statements = [
        {"Sid": _NAMES[where], "Effect": "Allow", "Action": sorted(groups[where]), "Resource": list(where)}
        for where in sorted(groups, key=lambda where: _NAMES[where])
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def iam_page(catalogue: Catalogue) -> str:
    """The whole page, as Markdown."""
    reading = [skill for skill in catalogue if skill.risk is Risk.READ]
    actions = sorted({action for skill in catalogue for action in skill.iam})
    users = {action: ", ".join(skill.name for skill in catalogue if action in skill.iam) for action in actions}
    rows = [f"| `{action}` | {cell(users[action])} |" for action in actions]
    changing = [skill for skill in catalogue if skill.risk is not Risk.READ]
    policies = [_HEAD, _json(policy(catalogue)), _READING, _json(policy(reading))]
    return "\n".join([*policies, _USES, *rows, "", _ACTING, _json(policy(changing)), _TRUST, _ACCOUNTS])


def _json(document: dict[str, Any]) -> str:
    return f"```json\n{json.dumps(document, indent=2)}\n```\n"


_HEAD = f"""# What the bot needs in AWS

{GENERATED}
Give the bot an identity of its own: the role of the machine or container it runs on, or, outside AWS, a profile. Never give
it keys of a person. It needs the policy below and nothing else; `python app.py doctor` tells which of these actions its
identity lacks.

## Everything the skills can do
"""

_READING = """Where you want the bot to act on some instances only, add a condition to `ChangeInstances` and `RunCommands`:

```json
"Condition": {"StringEquals": {"aws:ResourceTag/OpsCopilot": "managed"}}
```

In `RunCommands` the condition belongs in a statement for the instances alone, since the documents carry no tags. With
`ec2:CreateTags` allowed, the bot could set the tag itself: then leave out the tagging actions, or limit the keys with
`aws:TagKeys`.

## Reading only

With this policy the changing skills stay visible and fail with the name of the action that is missing.
"""

_USES = """## Which skill needs what

| Action | Needed by |
| --- | --- |"""

_ACTING = """## A role for changes, with the person's name on it

With `OPS_AWS__ACTION_ROLE` set to the ARN of a role, each confirmed change runs in a session of that role: named after the
person, good for 15 minutes, and limited to the actions its skill declares and, of those that change something, to the
instances that were confirmed. Then the bot's own identity needs no more than the policy under *Reading only* and
`sts:AssumeRole` on the role; take everything that changes something from it. The role needs:
"""

_TRUST = """Starting an instance whose volumes are encrypted with a key of your own also needs `kms:CreateGrant` on that key, with
the condition `"Bool": {"kms:GrantIsForAWSResource": "true"}`; a session that starts instances lets it through.

The role's trust policy names the bot's identity:

```json
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::123456789012:role/ops-copilot"},
      "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
    }
  ]
}
```

`sts:SetSourceIdentity` and `sts:TagSession` are needed, there and in the bot's own policy, only with
`OPS_AWS__ACTION_SOURCE_IDENTITY` and `OPS_AWS__ACTION_TAGS`. With several accounts write the ARN with `{account}` in the
number's place; in each account it is that account's role of `OPS_AWS__ACCOUNTS` that assumes it. With
`OPS_AWS__ACTION_READS` skills that only read run in such sessions too, and the role needs what they need.

How CloudTrail shows it, and what is limited and what cannot be: [operations.md](operations.md#who-did-it-in-aws).
"""

_ACCOUNTS = """## What commands print beyond 24,000 characters

SSM keeps no more than that. With `OPS_AWS__OUTPUT_BUCKET` set, the bot also needs `s3:ListBucket` on that bucket and
`s3:GetObject` on what is in it, and the role of the instances needs `s3:PutObject` there. With
`OPS_AWS__OUTPUT_LOG_GROUP`, the bot needs `logs:GetLogEvents` and the instances `logs:CreateLogStream` and
`logs:PutLogEvents` on that group.

To run commands at all, an instance needs the SSM agent and a role with AWS's managed policy `AmazonSSMManagedInstanceCore`;
for its memory and disk to be measured, the CloudWatch agent.

## For `python app.py doctor`

It tries what can be tried without an effect (EC2 dry runs, the smallest reads; asking Cost Explorer costs a cent). For the
rest it asks IAM, if `iam:SimulatePrincipalPolicy` is allowed.

## Several accounts

Each further account needs a role with the policy above that trusts the bot's identity; the bot's own identity needs
`sts:AssumeRole` on exactly those roles. Ask for an external id in the trust policy when the account is not yours.

In the China and GovCloud partitions write `arn:aws-cn:` or `arn:aws-us-gov:` instead of `arn:aws:`.
"""
