"""What one run may do in one region of one account, as the request for an STS session that may do no more."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from providers.aws.resources import INSTANCE, LIMITED, unlimited
from providers.aws.settings import AwsSettings
from skills.kit.errors import Forbidden
from skills.kit.ports.acting import Acting

LIMIT = 2_048
"""Characters of a session policy: STS's limit. What does not fit is put into several sessions."""

SECONDS = 900
"""How long a session lasts: STS's least."""

_INSTANCE_ID = re.compile(r"i-[0-9A-Za-z]+")
_NOTHING = {"Effect": "Deny", "Action": "*", "Resource": "*"}
Statement = dict[str, Any]


@dataclass(frozen=True)
class Grant:
    """One session to ask for. Two that are equal may share credentials; whoever differs in anything, does not.

    role: its ARN. name: the session's, which CloudTrail shows. policy: JSON. instances: those the policy names.
    source, tags: empty unless the settings want them.
    """

    principal: str
    skill: str
    role: str
    region: str
    name: str
    policy: str
    instances: frozenset[str]
    source: str = ""
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def request(self) -> dict[str, Any]:
        """The parameters of AssumeRole."""
        asked: dict[str, Any] = {
            "RoleArn": self.role,
            "RoleSessionName": self.name,
            "Policy": self.policy,
            "DurationSeconds": SECONDS,
        }
        if self.source:
            asked["SourceIdentity"] = self.source
        if self.tags:
            asked["Tags"] = [{"Key": key, "Value": value} for key, value in self.tags]
        return asked

    def denied(self, error: Forbidden) -> Forbidden:
        """AWS's refusal, told of the session it was about instead of the bot's own identity."""
        return Forbidden(
            f"AWS does not let {self.name} use {error.missing} for {self.skill}.",
            missing=error.missing,
            unchanged=error.unchanged,
            remedy=f"Allow {error.missing} in the policy of {self.role}. If it is allowed there: this session may do only what "
            f"{self.skill} declares, to the instances that were confirmed.",
            details=f"{error.details}, session {self.name}",
        )


def grants(who: Acting, region: str, role: str, settings: AwsSettings) -> tuple[Grant, ...]:
    """The sessions that together cover the confirmed targets in that region of the role's account; one when there are none there.

    Each names as many instances as its policy has room for. Errors: Forbidden for an action that nobody knows how to limit,
    or when not even one instance fits.
    """
    account = role.split(":")[4]
    ids = sorted(
        {
            on.id
            for on in who.targets
            if _INSTANCE_ID.fullmatch(on.id) and on.region in ("", region) and on.account in ("", account)
        }
    )
    scope = _Place(role.split(":")[1], region, account, settings)
    room = scope.room(who, ids)
    groups = [ids[start : start + room] for start in range(0, len(ids), room)] or [[]]
    name, tags = session_name(who.name, who.principal), ()
    if settings.action_tags:
        tags = tuple((f"Ops{key}", _tag(value)) for key, value in _said(who) if value)
    source = session_name(who.principal.rpartition("/")[2], who.principal) if settings.action_source_identity else ""
    return tuple(
        Grant(who.principal, who.skill, role, region, name, scope.policy(who, some), frozenset(some), source, tags)
        for some in groups
    )


def session_name(name: str, principal: str) -> str:
    """`Ada-Admin-1f2e3d4c`: what people call them, in the letters STS takes, then the start of SHA-256 of their key.

    The name is for people, since anybody may be called anything; the number tells who it is. At most 64 characters.
    """
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9_+=,.@-]+", "-", letters)[:55].strip("-")
    return f"{words or 'somebody'}-{hashlib.sha256(principal.encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class _Place:
    """A region of an account, and how the bot is set up to keep output there."""

    partition: str
    region: str
    account: str
    settings: AwsSettings

    def room(self, who: Acting, ids: Sequence[str]) -> int:
        """How many instances one policy can name."""
        if not ids:
            return 1
        longest = max(ids, key=len)
        one = len(self.policy(who, [longest]))
        each = len(self.policy(who, [longest, longest])) - one
        if one > LIMIT:
            raise Forbidden(
                f"{who.skill} declares more IAM actions than a session policy has room for.",
                missing="sts:AssumeRole",
                remedy="Split the skill, or declare fewer actions.",
                details=f"{one} characters of {LIMIT}",
            )
        return 1 + (LIMIT - one) // each if each else len(ids)

    def policy(self, who: Acting, ids: Sequence[str]) -> str:
        """Just what the skill declares, and of what changes something just these instances, as compact JSON."""
        limited: dict[tuple[str, ...], list[str]] = {}
        anywhere: list[str] = []
        for action in sorted(set(who.iam)):
            if action in LIMITED:
                limited.setdefault(LIMITED[action], []).append(action)
            elif unlimited(action):
                anywhere.append(action)
            else:
                raise _unknown(who.skill, action)
        statements = [_allow(anywhere, "*")] if anywhere else []
        if ids:
            statements += [_allow(actions, self._arns(templates, ids)) for templates, actions in limited.items()]
            statements += self._keys(who)
        statements += self._output(who)
        return json.dumps({"Version": "2012-10-17", "Statement": statements or [_NOTHING]}, separators=(",", ":"))

    def _arns(self, templates: tuple[str, ...], ids: Sequence[str]) -> list[str]:
        arns = [self._arn(template, id) for template in templates for id in (ids if template == INSTANCE else [""])]
        # SSM counts the bucket that output goes to as one more resource of the command.
        return arns + ([self._bucket] if len(templates) > 1 and self.settings.output_bucket else [])

    def _arn(self, template: str, id: str) -> str:
        return template.format(partition=self.partition, region=self.region, account=self.account, instance=id)

    @property
    def _bucket(self) -> str:
        return f"arn:{self.partition}:s3:::{self.settings.output_bucket}"

    def _keys(self, who: Acting) -> list[Statement]:
        """EC2 unlocks an encrypted volume with the caller's right to its key. It adds nothing to what the role may do."""
        if "ec2:StartInstances" not in who.iam:
            return []
        grant = _allow(["kms:CreateGrant"], f"arn:{self.partition}:kms:{self.region}:*:key/*")
        return [{**grant, "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}}]

    def _output(self, who: Acting) -> list[Statement]:
        """A skill that reads what a command printed reads it where the settings keep it."""
        if "ssm:GetCommandInvocation" not in who.iam:
            return []
        if self.settings.output_bucket:
            objects = f"{self._bucket}/{self.settings.output_prefix}/*".replace("//", "/")
            return [_allow(["s3:ListBucket"], self._bucket), _allow(["s3:GetObject"], objects)]
        if group := self.settings.output_log_group:
            where = f"arn:{self.partition}:logs:{self.region}:{self.account}:log-group:{group}:*"
            return [_allow(["logs:GetLogEvents"], where)]
        return []


def _allow(actions: list[str], resources: str | list[str]) -> Statement:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def _unknown(skill: str, action: str) -> Forbidden:
    return Forbidden(
        f"{skill} needs {action}, and nobody said which resources that acts on.",
        missing=action,
        remedy="Add the action to providers/aws/resources.py: what it can be limited to, or that it cannot be.",
        details=f"No session policy can be written for {action}",
    )


def _said(who: Acting) -> list[tuple[str, str]]:
    return [("Principal", who.principal), ("Skill", who.skill), ("Action", who.action)]


def _tag(value: str) -> str:
    """In the letters a tag's value may have."""
    return re.sub(r"[^A-Za-z0-9 _.:/=+@-]", "-", value)[:256]
