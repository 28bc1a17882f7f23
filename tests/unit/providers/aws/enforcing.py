"""STS, EC2 and SSM that judge each request by the session policy of the key it was signed with. They check no signatures.

The bot's own key `OWN` may do everything: whatever runs with it by mistake has an effect, and is seen.
"""

from __future__ import annotations

import http.client
import itertools
import json
import re
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from tests.unit.providers.aws.endpoint import Answer, Asked, instances, refusal

ACCOUNT = "111111111111"
OWN = "OWN"
_STS = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"'


@dataclass(frozen=True)
class Issued:
    """A session that was given out: what was asked for, until when it is good."""

    name: str
    role: str
    policy: dict[str, Any]
    until: datetime
    token: str
    asked: dict[str, Any]


@dataclass
class Enforcing:
    """fleet: what there is. done: (session's name, action, instance) of what took effect. role_allows: the actions of
    the role itself, as a pattern. assume: what AssumeRole answers instead of a session; for a test to make it fail.
    behind: the URL of an AWS that carries out what is allowed.
    """

    fleet: tuple[str, ...] = ("i-a", "i-b", "i-c")
    role_allows: str = ".*"
    assume: Callable[[Asked], Answer] | None = None
    behind: str = ""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sessions: dict[str, Issued] = field(default_factory=dict[str, Issued])
    done: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    commands: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    _number: Any = field(default_factory=itertools.count)
    _lock: Any = field(default_factory=threading.Lock)

    def __call__(self, asked: Asked) -> Answer:
        with self._lock:
            if asked.service == "sts":
                return self._sts(asked)
            return self._refused(asked) or self._carried_out(asked)

    def who(self, asked: Asked) -> str:
        """The name of the session a request was made in; OWN for the bot's own identity."""
        return self.sessions[asked.key].name if asked.key in self.sessions else asked.key

    def _sts(self, asked: Asked) -> Answer:
        if asked.action == "GetCallerIdentity":
            issued = self.sessions.get(asked.key)
            role = f"{issued.role.rpartition('/')[2]}/{issued.name}" if issued else "bot/own"
            arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}"
            answer = f"<GetCallerIdentityResult><Arn>{arn}</Arn><Account>{ACCOUNT}</Account></GetCallerIdentityResult>"
            return 200, f"<GetCallerIdentityResponse {_STS}>{answer}</GetCallerIdentityResponse>"
        if self.assume:
            return self.assume(asked)
        return 200, self._issue(asked)

    def _issue(self, asked: Asked) -> str:
        key, until = f"TEMP{next(self._number)}", self.now() + timedelta(seconds=int(asked.params.get("DurationSeconds", 3600)))
        policy = json.loads(asked.params.get("Policy", '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'))
        name, role = asked.params["RoleSessionName"], asked.params["RoleArn"]
        self.sessions[key] = Issued(name, role, policy, until, f"token-{key}", asked.params)
        return (
            f"<AssumeRoleResponse {_STS}><AssumeRoleResult><Credentials><AccessKeyId>{key}</AccessKeyId>"
            f"<SecretAccessKey>secret-{key}</SecretAccessKey><SessionToken>token-{key}</SessionToken>"
            f"<Expiration>{until:%Y-%m-%dT%H:%M:%SZ}</Expiration></Credentials><PackedPolicySize>40</PackedPolicySize>"
            "</AssumeRoleResult></AssumeRoleResponse>"
        )

    def _refused(self, asked: Asked) -> Answer | None:
        """The answer to what this key may not do; None when it may."""
        if asked.key == OWN:
            return None
        session = self.sessions.get(asked.key)
        if session is None or session.token != asked.token:
            return _no(asked, "AuthFailure", "unknown credentials")
        if session.until <= self.now():
            return _no(asked, "RequestExpired", "Request has expired.")
        action = f"{asked.service}:{asked.action}"
        for resource in _resources(asked, session.role.split(":")[4]):
            if not allowed(session.policy, action, resource):
                return _denied(asked, session, action, resource, "no session policy")
            if not re.fullmatch(self.role_allows, action):
                return _denied(asked, session, action, resource, "no identity-based policy")
        return None

    def _carried_out(self, asked: Asked) -> Answer:
        if self.behind:
            return _forwarded(asked, self.behind)
        ids = _ids(asked)
        match asked.action:
            case "DescribeInstances":
                wanted = [value for name, value in asked.params.items() if re.fullmatch(r"Filter\.\d+\.Value\.\d+", name)]
                return 200, instances(*[id for id in self.fleet if id in wanted or not any(w.startswith("i-") for w in wanted)])
            case "StopInstances" | "StartInstances" | "RebootInstances" | "CreateTags" | "DeleteTags":
                self.done += [(self.who(asked), asked.action, id) for id in ids]
                return 200, f'<{asked.action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"/>'
            case "SendCommand":
                self.done += [(self.who(asked), asked.action, id) for id in ids]
                self.commands.append(
                    {**asked.params, "CommandId": f"{len(self.commands):036}", "RequestedDateTime": 1_700_000_000}
                )
                return 200, {"Command": self.commands[-1]}
            case "ListCommands":
                return 200, {"Commands": self.commands}
            case _:
                return 400, {"__type": "Unexpected", "message": asked.action}


def allowed(policy: dict[str, Any], action: str, resource: str) -> bool:
    """IAM's rule, as far as our policies go: some statement allows it, none denies it. Conditions are never met here."""
    matching = [
        statement["Effect"]
        for statement in policy["Statement"]
        if "Condition" not in statement and _any(statement["Action"], action) and _any(statement["Resource"], resource)
    ]
    return "Allow" in matching and "Deny" not in matching


def _any(patterns: str | list[str], text: str) -> bool:
    some = [patterns] if isinstance(patterns, str) else patterns
    return any(re.fullmatch(re.escape(p).replace(r"\*", ".*").replace(r"\?", "."), text) for p in some)


def _ids(asked: Asked) -> list[str]:
    return [*asked.values("InstanceId"), *asked.values("ResourceId"), *asked.params.get("InstanceIds", [])]


def _resources(asked: Asked, account: str) -> list[str]:
    """What IAM checks a request against: every instance it changes, and the document a command comes from; else `*`."""
    changes = asked.action in ("StopInstances", "StartInstances", "RebootInstances", "CreateTags", "DeleteTags", "SendCommand")
    if not changes:
        return ["*"]
    arns = [f"arn:aws:ec2:{asked.region}:{account}:instance/{id}" for id in _ids(asked)]
    if document := asked.params.get("DocumentName"):
        arns.append(f"arn:aws:ssm:{asked.region}::document/{document}")
    return arns


def _denied(asked: Asked, session: Issued, action: str, resource: str, why: str) -> Answer:
    user = f"arn:aws:sts::{ACCOUNT}:assumed-role/{session.role.rpartition('/')[2]}/{session.name}"
    said = f"User: {user} is not authorized to perform: {action} on resource: {resource} because {why} allows the {action} action"
    return _no(asked, "UnauthorizedOperation" if asked.service == "ec2" else "AccessDeniedException", said)


def _forwarded(asked: Asked, url: str) -> Answer:
    kept = {name: value for name, value in asked.headers if name.lower() not in ("host", "connection", "accept-encoding")}
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)) as connection:
        connection.request("POST", asked.path, asked.body, kept)
        response = connection.getresponse()
        return response.status, response.read()


def _no(asked: Asked, code: str, message: str) -> Answer:
    return (403, refusal(code, message)) if asked.service == "ec2" else (400, {"__type": code, "message": message})
