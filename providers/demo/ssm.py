"""SSM's managed nodes and Run Command, which moto has not; everything else of SSM stays moto's."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

from moto.core.responses import ActionResult, EmptyResult
from moto.s3.models import s3_backends
from moto.ssm.exceptions import SSMException
from moto.ssm.responses import SimpleSystemManagerResponse

from providers.demo import powershell
from providers.demo.invocation import STDERR_KEPT, STDOUT_KEPT, Command, Invocation
from providers.demo.machine import Machine
from providers.demo.programs import LINUX
from providers.demo.shell import Outcome, Shell
from providers.demo.world import ACCOUNT, World

MOST_IDS = 50
PLUGINS = {
    "AWS-RunShellScript": ("linux", "aws:runShellScript"),
    "AWS-RunPowerShellScript": ("windows", "aws:runPowerShellScript"),
}
AGENT = "3.3.3050.0"
LISTED = 2500
"""Characters of output in a list of invocations, as SSM cuts it."""

T = TypeVar("T")


class Ssm(SimpleSystemManagerResponse):
    """Handles SSM requests; the world is set once, before the server starts."""

    world: ClassVar[World]
    commands: ClassVar[dict[str, Command]] = {}

    def call_action(self) -> Any:
        """Read the request's JSON once."""
        self.asked: dict[str, Any] = json.loads(self.body or "{}")
        self.now = time.time()
        return super().call_action()

    def describe_instance_information(self) -> ActionResult:
        """The managed instances; a stopped one stays in the list as ConnectionLost."""
        filters = [(f["Key"], f["Values"]) for f in self.asked.get("Filters", [])]
        filters += [(f["key"], f["valueSet"]) for f in self.asked.get("InstanceInformationFilterList", [])]
        known = [m for m in self._machines() if m.plan.managed]
        rows = [self._information(m) for m in known if all(self._fits(m, key, values) for key, values in filters)]
        page, token = self._page(rows, lowest=5, highest=50)
        return ActionResult({"InstanceInformationList": page, "NextToken": token})

    def send_command(self) -> ActionResult:
        """Accepted at once; each machine takes it up a moment later."""
        document = self.asked["DocumentName"]
        if document not in PLUGINS:
            raise SSMException("InvalidDocument", f"Document with name {document} does not exist.")
        command = Command(
            region=self.region,
            document=document,
            parameters=self.asked.get("Parameters", {}),
            comment=self.asked.get("Comment", ""),
            requested=self.now,
            timeout=self._delivery_timeout(),
            instance_ids=self.asked.get("InstanceIds", []),
            targets=self.asked.get("Targets", []),
            bucket=self.asked.get("OutputS3BucketName", ""),
            prefix=self.asked.get("OutputS3KeyPrefix", ""),
        )
        if not command.parameters.get("commands"):
            raise SSMException("InvalidParameters", "The parameter commands is required.")
        with self.world.lock:
            for machine in self._addressed(command):
                invocation = command.invocations[machine.id] = self._begin(command, machine)
                if command.bucket:
                    self.world.later(invocation.ends, lambda _, invocation=invocation: _upload(command, invocation))
            self.commands[command.id] = command
        return ActionResult({"Command": self._command(command)})

    def list_commands(self) -> ActionResult:
        """Newest first; by id, by instance, and by the filters InvokedAfter, InvokedBefore, Status and DocumentName."""
        found = [self._find(self.asked["CommandId"])] if "CommandId" in self.asked else self._sent()
        if "InstanceId" in self.asked:
            found = [command for command in found if self.asked["InstanceId"] in command.invocations]
        rows = [self._command(command) for command in found]
        for wanted in self.asked.get("Filters", []):
            rows = [row for row in rows if _passes(row, wanted["key"], wanted["value"])]
        page, token = self._page(rows)
        return ActionResult({"Commands": page, "NextToken": token})

    def list_command_invocations(self) -> ActionResult:
        """Per machine, newest first; with Details also the plugins and the start of their output."""
        found = [self._find(self.asked["CommandId"])] if "CommandId" in self.asked else self._sent()
        wanted = self.asked.get("InstanceId")
        pairs = [(c, i) for c in found for i in c.invocations.values() if wanted in (None, i.machine.id)]
        page, token = self._page([self._invocation(c, i) for c, i in pairs])
        return ActionResult({"CommandInvocations": page, "NextToken": token})

    def get_command_invocation(self) -> ActionResult:
        """One machine's result: 24,000 characters of stdout, 8,000 of stderr. Nothing of it before it has ended."""
        command = self._find(self.asked["CommandId"])
        invocation = command.invocations.get(self.asked["InstanceId"])
        if invocation is None:
            raise SSMException("InvocationDoesNotExist", "An error occurred: the command ID and managed node ID do not match.")
        now, started = self.now, self.now >= invocation.begins
        done = now >= invocation.ends
        return ActionResult(
            {
                "CommandId": command.id,
                "InstanceId": invocation.machine.id,
                "Comment": command.comment,
                "DocumentName": command.document,
                "DocumentVersion": "$DEFAULT",
                "PluginName": PLUGINS[command.document][1],
                "ResponseCode": invocation.code(now),
                "ExecutionStartDateTime": _iso(invocation.begins) if started else "",
                "ExecutionElapsedTime": f"PT{invocation.ends - invocation.begins:.3f}S" if done and started else "",
                "ExecutionEndDateTime": _iso(invocation.ends) if done and started else "",
                "Status": invocation.status(now),
                "StatusDetails": invocation.details(now),
                "StandardOutputContent": invocation.output(now)[:STDOUT_KEPT],
                "StandardOutputUrl": "",
                "StandardErrorContent": invocation.errors(now)[:STDERR_KEPT],
                "StandardErrorUrl": "",
            }
        )

    def cancel_command(self) -> ActionResult:
        """Ends it where it has not ended; elsewhere the result stays."""
        command = self._find(self.asked["CommandId"])
        ids = self.asked.get("InstanceIds") or list(command.invocations)
        with self.world.lock:
            for id in ids:
                if id not in command.invocations:
                    raise SSMException("InvalidInstanceId", f"Instance {id} has no invocation of this command.")
                invocation = command.invocations[id]
                if self.now < invocation.ends:
                    command.cancelled, invocation.cancelled = True, self.now
        return EmptyResult()

    def _machines(self) -> list[Machine]:
        return self.world.of(self.region)

    def _information(self, machine: Machine) -> dict[str, Any]:
        linux = machine.plan.platform == "linux"
        online = machine.online(self.now)
        return {
            "InstanceId": machine.id,
            "PingStatus": "Online" if online else "ConnectionLost",
            "LastPingDateTime": (self.now if online else machine.periods[-1].end or self.now) if machine.periods else self.now,
            "AgentVersion": AGENT,
            "IsLatestVersion": True,
            "PlatformType": "Linux" if linux else "Windows",
            "PlatformName": "Amazon Linux" if linux else "Microsoft Windows Server 2022 Datacenter",
            "PlatformVersion": "2023" if linux else "10.0.20348",
            "ResourceType": "EC2Instance",
            "IPAddress": machine.private_ip,
            "ComputerName": machine.plan.name,
        }

    def _fits(self, machine: Machine, key: str, values: Sequence[str]) -> bool:
        if key.startswith("tag:"):
            return self._tags(machine).get(key[4:]) in values
        if key == "tag-key":
            return any(name in self._tags(machine) for name in values)
        fields = {
            "InstanceIds": "InstanceId",
            "PlatformTypes": "PlatformType",
            "PingStatus": "PingStatus",
            "AgentVersion": "AgentVersion",
        }
        if key not in fields | {"ResourceType": ""}:
            raise SSMException("InvalidFilterKey", f"The filter key {key} is not valid.")
        return self._information(machine)[fields.get(key, key)] in values

    def _tags(self, machine: Machine) -> dict[str, str]:
        """The tags as they are in EC2 now."""
        return self.world.tags(machine)

    def _addressed(self, command: Command) -> list[Machine]:
        """The machines a command goes to. Errors: InvalidInstanceId when one that is named cannot take it."""
        ids = list(command.instance_ids)
        tags = [target for target in command.targets if target["Key"] != "InstanceIds"]
        ids += [id for target in command.targets if target["Key"] == "InstanceIds" for id in target["Values"]]
        if not ids and not command.targets:
            raise SSMException("InvalidInstanceId", "Instance ids or targets must be given.")
        if len(ids) > MOST_IDS:
            raise SSMException(
                "ValidationException",
                f"1 validation error detected: Value at 'instanceIds' failed to satisfy constraint: "
                f"Member must have length less than or equal to {MOST_IDS}",
            )
        if len(set(ids)) < len(ids):
            raise SSMException("DuplicateInstanceId", "You cannot specify an instance ID more than once.")
        if not ids:
            platform = PLUGINS[command.document][0]
            online = [m for m in self._machines() if m.online(self.now) and m.plan.platform == platform]
            return [m for m in online if all(self._fits(m, target["Key"], target["Values"]) for target in tags)]
        return self._named(command, ids)

    def _named(self, command: Command, ids: Sequence[str]) -> list[Machine]:
        machines = {machine.id: machine for machine in self._machines() if machine.online(self.now)}
        wrong = [id for id in ids if id not in machines]
        if wrong:
            raise SSMException(
                "InvalidInstanceId", f"Instances [[{', '.join(wrong)}]] not in a valid state for account {ACCOUNT}"
            )
        if any(machines[id].plan.platform != PLUGINS[command.document][0] for id in ids):
            raise SSMException(
                "UnsupportedPlatformType",
                f"The document {command.document} doesn't support the platform type of the given managed node IDs.",
            )
        return [machines[id] for id in ids]

    def _begin(self, command: Command, machine: Machine) -> Invocation:
        """Decide at once how it will go; only the clock makes it visible."""
        pace = self.world.transition * random.uniform(0.15, 0.35)
        begins = command.requested + pace
        script = "\n".join(command.parameters["commands"])
        limit = float((command.parameters.get("executionTimeout") or ["3600"])[0])
        return Invocation(machine, begins, self._execute(machine, script, begins), limit, settling=pace)

    def _execute(self, machine: Machine, script: str, begins: float) -> Outcome:
        if machine.plan.platform == "windows":
            return powershell.run(machine, self.world.load, script, begins)
        return Shell(machine, self.world.load, LINUX, now=begins).run(script)

    def _delivery_timeout(self) -> int:
        seconds = int(self.asked.get("TimeoutSeconds", 3600))
        if not 30 <= seconds <= 2_592_000:
            raise SSMException("ValidationException", "Value at 'timeoutSeconds' must be between 30 and 2592000.")
        return seconds

    def _sent(self) -> list[Command]:
        return sorted((c for c in self.commands.values() if c.region == self.region), key=lambda c: -c.requested)

    def _find(self, id: str) -> Command:
        if id not in self.commands or self.commands[id].region != self.region:
            raise SSMException("InvalidCommandId", "The specified command ID isn't valid. Verify the ID and try again.")
        return self.commands[id]

    def _command(self, command: Command) -> dict[str, Any]:
        statuses = [invocation.status(self.now) for invocation in command.invocations.values()]
        nobody = not statuses and bool(command.targets)
        status = command.status(self.now)
        return {
            "CommandId": command.id,
            "DocumentName": command.document,
            "DocumentVersion": "$DEFAULT",
            "Comment": command.comment,
            "ExpiresAfter": command.expires,
            "Parameters": command.parameters,
            "InstanceIds": command.instance_ids,
            "Targets": command.targets,
            "RequestedDateTime": command.requested,
            "Status": status,
            "StatusDetails": "NoInstancesInTag" if nobody else "ExecutionTimedOut" if status == "TimedOut" else status,
            "MaxConcurrency": "50",
            "MaxErrors": "0",
            "TargetCount": len(statuses),
            "CompletedCount": sum(status not in ("Pending", "InProgress") for status in statuses),
            "ErrorCount": sum(status in ("Failed", "TimedOut") for status in statuses),
            "DeliveryTimedOutCount": 0,
            "TimeoutSeconds": command.timeout,
        }

    def _invocation(self, command: Command, invocation: Invocation) -> dict[str, Any]:
        now = self.now
        row: dict[str, Any] = {
            "CommandId": command.id,
            "InstanceId": invocation.machine.id,
            "InstanceName": invocation.machine.plan.name,
            "Comment": command.comment,
            "DocumentName": command.document,
            "DocumentVersion": "$DEFAULT",
            "RequestedDateTime": command.requested,
            "Status": invocation.status(now),
            "StatusDetails": invocation.details(now),
            "CommandPlugins": [],
        }
        if self.asked.get("Details"):
            output = invocation.output(now) + (
                f"\n----------ERROR-------\n{errors}" if (errors := invocation.errors(now)) else ""
            )
            plugin: dict[str, Any] = {
                "Name": PLUGINS[command.document][1],
                "Status": row["Status"],
                "StatusDetails": row["StatusDetails"],
                "ResponseCode": invocation.code(now),
                "Output": output[:LISTED],
            }
            if now >= invocation.begins:
                plugin["ResponseStartDateTime"] = invocation.begins
            if now >= invocation.ends:
                plugin["ResponseFinishDateTime"] = invocation.ends
            row["CommandPlugins"] = [plugin]
        return row

    def _page(self, rows: list[T], lowest: int = 1, highest: int = 50) -> tuple[list[T], str | None]:
        """The rows that MaxResults and NextToken ask for, and the token of the next ones."""
        size = int(self.asked.get("MaxResults", highest))
        if not lowest <= size <= highest:
            raise SSMException("ValidationException", f"Value at 'maxResults' must be between {lowest} and {highest}.")
        token = self.asked.get("NextToken") or "0"
        if not token.isdigit():
            raise SSMException("InvalidNextToken", "The specified token isn't valid.")
        start = int(token)
        return rows[start : start + size], str(start + size) if start + size < len(rows) else None


def _upload(command: Command, invocation: Invocation) -> None:
    """Keep the whole output in the bucket, as the agent does; without such a bucket it is lost."""
    bucket = s3_backends[ACCOUNT]["aws"].buckets.get(command.bucket)
    plugin = PLUGINS[command.document][1].replace(":", "")
    for name, text in (("stdout", invocation.output(invocation.ends)), ("stderr", invocation.errors(invocation.ends))):
        if bucket and text:
            key = f"{command.prefix}/{command.id}/{invocation.machine.id}/{plugin}/0.{plugin}/{name}".lstrip("/")
            s3_backends[ACCOUNT]["aws"].put_object(command.bucket, key, text.encode())


def _passes(row: dict[str, Any], key: str, value: str) -> bool:
    """A filter of ListCommands. Errors: InvalidFilterKey."""
    match key:
        case "Status" | "DocumentName":
            return row[key] == value
        case "InvokedAfter":
            return row["RequestedDateTime"] >= datetime.fromisoformat(value).timestamp()
        case "InvokedBefore":
            return row["RequestedDateTime"] < datetime.fromisoformat(value).timestamp()
        case _:
            raise SSMException("InvalidFilterKey", f"The filter key {key} is not valid.")


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
