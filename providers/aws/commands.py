"""Commands over SSM: sent once, followed instance by instance."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from providers.aws import invocation, output
from providers.aws.failures import Unclear
from providers.aws.recent import Recent
from providers.aws.session import Scope, Session, batches
from skills.kit.errors import NotFound, Timeout
from skills.kit.ports.commands import CommandState, Invocation, Phase, Shell
from skills.kit.ports.compute import Instance

TARGETS = 50
"""Instances per SSM request: AWS's limit."""

_DOCUMENTS = {Shell.BASH: "AWS-RunShellScript", Shell.POWERSHELL: "AWS-RunPowerShellScript"}
_LOOK_BACK = timedelta(days=2)
"""How far back a command sent with the same token is looked for: longer than any run takes to be resumed."""


class AwsCommands:
    """The Commands port over SSM. settle: seconds before each look for a command whose answer was lost."""

    def __init__(self, session: Session, settle: Sequence[float] = (0, 1, 2)) -> None:
        self._session = session
        self._settle = settle
        self._places = Recent[str, Scope](4096)
        self._ended = Recent[tuple[str, str], Invocation](256)

    async def managed(self, instances: Sequence[Instance]) -> Mapping[str, bool]:
        """By instance id: is its agent's ping status Online?"""

        async def ask(scope: Scope, some: Sequence[Instance]) -> set[str]:
            wanted = [{"Key": "InstanceIds", "Values": [instance.id for instance in some]}]
            pages = self._session.pages(
                scope, "ssm", "describe_instance_information", shape=_online, size=TARGETS, Filters=wanted
            )
            return {id async for page in pages for id in page}

        groups = self._session.by_scope(instances).items()
        asked = [ask(scope, some) for scope, group in groups for some in batches(group, TARGETS)]
        online: set[str] = set().union(*await asyncio.gather(*asked))
        return {instance.id: instance.id in online for instance in instances}

    async def send(
        self, instances: Sequence[Instance], command: str, *, shell: Shell, timeout: timedelta, token: str
    ) -> Sequence[str]:
        """Send a command and return its ids; what was sent with this token before is found, not sent again."""
        sent: list[str] = []
        for scope, group in self._session.by_scope(instances).items():
            listed = (await self._sent(scope, shell)).items()
            earlier = {id: reached for comment, (id, reached) in listed if comment.startswith(_comment(token))}
            # By what was reached, not by number: how many fit into one request may have changed since.
            left = sorted({instance.id for instance in group}.difference(*earlier.values()))
            ids = list(earlier)
            for number, some in enumerate(await self._session.groups(scope, left, TARGETS), start=len(earlier)):
                ids.append(await self._send(scope, some, command, shell, timeout, f"{_comment(token)}{number}"))
            for id in ids:
                self._places.put(id, scope)
            sent += ids
        return sent

    async def state(self, command_id: str) -> CommandState:
        """Where it stands; what has ended is read once and remembered. Errors: NotFound."""
        scope, sent = await self._find(command_id)
        pages = self._session.pages(
            scope, "ssm", "list_command_invocations", shape=invocation.listed, size=TARGETS, CommandId=command_id, Details=True
        )
        listed = {each.instance_id: each async for page in pages for each in page}
        for id in sent["InstanceIds"]:  # SSM lists an invocation only a moment after it accepted the command
            listed.setdefault(id, Invocation(instance_id=id, phase=Phase.PENDING))
        printed = [self._with_output(scope, command_id, each) for each in listed.values()]
        return CommandState(
            id=command_id,
            command="\n".join(sent.get("Parameters", {}).get("commands", [])),
            requested_at=sent["RequestedDateTime"].astimezone(UTC),
            invocations=tuple(await asyncio.gather(*printed)),
        )

    async def output(self, command_id: str, instance_id: str, page: int) -> tuple[str, int]:
        """A page of everything it printed, first its output and then its errors, and how many pages there are."""
        scope, _ = await self._find(command_id)
        return await output.read(self._session, scope, command_id, instance_id, page)

    async def cancel(self, command_id: str) -> None:
        """Ask every instance to stop it; one where it has ended keeps its result. Errors: NotFound."""
        scope, _ = await self._find(command_id)
        try:  # asking twice does what asking once does
            await self._session.call(scope, "ssm", "cancel_command", CommandId=command_id)
        except (Unclear, Timeout) as lost:
            raise Timeout(
                "AWS did not confirm the cancel.",
                unchanged="Whether the command still runs is not known.",
                remedy="Ask for the command's status.",
                details=lost.details,
            ) from lost

    async def _find(self, command_id: str) -> tuple[Scope, Any]:
        """The command as SSM lists it, and where: an id does not say its region, so all are asked unless we know."""
        known = self._places.get(command_id)
        scopes = (known,) if known else self._session.scopes
        for scope, found in zip(scopes, await asyncio.gather(*(self._listed(s, command_id) for s in scopes)), strict=True):
            if found:
                self._places.put(command_id, scope)
                return scope, found
        raise NotFound(f"There is no command {command_id}.", remedy="SSM forgets commands after 30 days.")

    async def _listed(self, scope: Scope, command_id: str) -> Any:
        try:
            return await self._session.call(
                scope, "ssm", "list_commands", shape=lambda response: next(iter(response["Commands"]), None), CommandId=command_id
            )
        except NotFound:
            return None

    async def _sent(self, scope: Scope, shell: Shell) -> dict[str, tuple[str, list[str]]]:
        """What was sent of late, by comment: its id, and the instances it was sent to."""
        since = (datetime.now(UTC) - _LOOK_BACK).strftime("%Y-%m-%dT%H:%M:%SZ")
        filters = [{"key": "InvokedAfter", "value": since}, {"key": "DocumentName", "value": _DOCUMENTS[shell]}]
        pages = self._session.pages(scope, "ssm", "list_commands", shape=_comments, size=TARGETS, Filters=filters)
        return {comment: sent async for page in pages for comment, sent in page.items()}

    async def _send(self, scope: Scope, ids: Sequence[str], command: str, shell: Shell, timeout: timedelta, comment: str) -> str:
        """Send once. When the answer is lost, look for the command by its comment instead of sending it again."""
        seconds = max(1, int(timeout.total_seconds()))
        try:
            return await self._session.call(
                scope,
                "ssm",
                "send_command",
                shape=lambda response: str(response["Command"]["CommandId"]),
                once=True,
                instances=ids,
                DocumentName=_DOCUMENTS[shell],
                InstanceIds=list(ids),
                Comment=comment,
                TimeoutSeconds=max(30, min(seconds, 2_592_000)),  # to be delivered; SSM's bounds
                Parameters={"commands": [command], "executionTimeout": [str(min(seconds, 172_800))]},
                **output.destination(self._session.settings),
            )
        except (Unclear, Timeout) as lost:
            for pause in self._settle:
                await asyncio.sleep(pause)
                if found := (await self._sent(scope, shell)).get(comment):
                    return found[0]
            raise Timeout(
                "AWS did not confirm that it sent the command.",
                unchanged="SSM does not list it, so it has most likely not run. It was not sent a second time.",
                remedy="Look at the instances in a minute before you repeat it.",
                details=lost.details,
            ) from lost

    async def _with_output(self, scope: Scope, command_id: str, listed: Invocation) -> Invocation:
        """An ended invocation with what it printed."""
        key = (command_id, listed.instance_id)
        if not listed.phase.final:
            return listed
        if (known := self._ended.get(key)) is None:
            try:
                known = await self._session.call(
                    scope,
                    "ssm",
                    "get_command_invocation",
                    shape=invocation.result(listed),
                    CommandId=command_id,
                    InstanceId=listed.instance_id,
                )
            except NotFound:  # ended before it reached the instance
                return listed
            self._ended.put(key, known)
        return known


def _comment(token: str) -> str:
    """What the comment of each command of an intent begins with: SSM has no tokens of its own. A comment has 100 characters."""
    return f"ops-copilot {hashlib.sha256(token.encode()).hexdigest()[:40]} "


def _comments(response: Any) -> dict[str, tuple[str, list[str]]]:
    """One response of ListCommands: ids and instances by comment."""
    return {item["Comment"]: (item["CommandId"], item["InstanceIds"]) for item in response["Commands"] if item.get("Comment")}


def _online(response: Any) -> list[str]:
    """One response of DescribeInstanceInformation: the ids whose agent answers."""
    return [item["InstanceId"] for item in response["InstanceInformationList"] if item.get("PingStatus") == "Online"]
