"""A command sent to machines, and where it stands on each at any time. Times are Unix seconds."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from providers.demo.machine import Machine
from providers.demo.shell import Outcome

STOPPED_EARLY = 137
"""The exit code the agent reports for a command it had to kill."""
STDOUT_KEPT, STDERR_KEPT = 24_000, 8_000

Status = Literal["Pending", "InProgress", "Success", "Failed", "TimedOut", "Cancelled"]


@dataclass
class Invocation:
    """A command on one machine. begins: when the agent takes it up. limit: seconds it may run. cancelled: when it was."""

    machine: Machine
    begins: float
    outcome: Outcome
    limit: float
    settling: float
    cancelled: float | None = None

    @property
    def ends(self) -> float:
        """When it has run its course or was killed; a cancel ends it at once."""
        natural = self.begins + self.settling + min(self.outcome.seconds, self.limit)
        return natural if self.cancelled is None else min(natural, self.cancelled)

    def status(self, now: float) -> Status:
        """Where it stands."""
        if now < self.ends:
            return "Pending" if now < self.begins else "InProgress"
        if self.cancelled is not None and self.cancelled <= self.ends:
            return "Cancelled"
        if self.outcome.seconds > self.limit:
            return "TimedOut"
        return "Success" if self.outcome.code == 0 else "Failed"

    def details(self, now: float) -> str:
        """The longer word SSM has for the same."""
        status = self.status(now)
        return {"TimedOut": "ExecutionTimedOut"}.get(status, status)

    def code(self, now: float) -> int:
        """The exit code; -1 while it has none."""
        match self.status(now):
            case "Pending" | "InProgress":
                return -1
            case "TimedOut" | "Cancelled":
                return STOPPED_EARLY if self.ends > self.begins else -1
            case _:
                return self.outcome.code

    def output(self, now: float) -> str:
        """What it had printed when it ended; nothing before, as with SSM."""
        return self._text("out", now)

    def errors(self, now: float) -> str:
        """The same for stderr; a failed run names its exit code, as the agent does."""
        status, text = self.status(now), self._text("err", now)
        if status == "Failed":
            text += f"failed to run commands: exit status {self.outcome.code}"
        elif status in ("TimedOut", "Cancelled") and self.ends > self.begins:
            text += f"failed to run commands: exit status {STOPPED_EARLY}"
        return text

    def _text(self, stream: Literal["out", "err"], now: float) -> str:
        if now < self.ends:
            return ""
        ran = self.limit if self.cancelled is None else min(self.limit, self.cancelled - self.begins)
        return self.outcome.text(stream, ran)


@dataclass
class Command:
    """A command as it was sent. parameters: as SSM takes them. bucket, prefix: where its output is kept whole, if anywhere."""

    region: str
    document: str
    parameters: Mapping[str, list[str]]
    comment: str
    requested: float
    timeout: int
    instance_ids: list[str]
    targets: list[dict[str, Any]]
    bucket: str = ""
    prefix: str = ""
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    invocations: dict[str, Invocation] = field(default_factory=dict[str, Invocation])
    cancelled: bool = False

    @property
    def expires(self) -> float:
        """When the agents are no longer asked to take it up."""
        return self.requested + self.timeout

    def status(self, now: float) -> str:
        """All together: the worst of what has ended, or how it goes on while any has not."""
        found = [invocation.status(now) for invocation in self.invocations.values()]
        if "InProgress" in found or ("Pending" in found and any(status != "Pending" for status in found)):
            return "Cancelling" if self.cancelled else "InProgress"
        for status in ("Pending", "TimedOut", "Failed", "Cancelled"):
            if status in found:
                return status
        return "Success"
