"""Commands run on instances through their management agent (AWS: SSM)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from skills.kit.outside import Outside
from skills.kit.ports.compute import Instance


class Shell(StrEnum):
    """What interprets the command."""

    BASH = "bash"
    POWERSHELL = "powershell"


class Phase(StrEnum):
    """Where a command stands on one instance."""

    PENDING = "Pending"
    RUNNING = "InProgress"
    SUCCESS = "Success"
    FAILED = "Failed"
    TIMED_OUT = "TimedOut"
    CANCELLED = "Cancelled"
    UNDELIVERED = "Undeliverable"

    @property
    def final(self) -> bool:
        """Nothing more will happen."""
        return self not in (Phase.PENDING, Phase.RUNNING)


class Invocation(BaseModel):
    """A command on one instance. Times UTC. output and errors: what it printed (text from outside), at most 24,000
    characters of each; `truncated` says that there was more. exit_code: None while it runs or when it is unknown."""

    model_config = ConfigDict(frozen=True)

    instance_id: str
    phase: Phase
    exit_code: int | None = None
    output: Outside = ""
    errors: Outside = ""
    truncated: bool = False
    started_at: datetime | None = None
    ended_at: datetime | None = None


class CommandState(BaseModel):
    """A command and where it stands on each instance it was sent to."""

    model_config = ConfigDict(frozen=True)

    id: str
    command: Outside
    requested_at: datetime
    invocations: tuple[Invocation, ...]

    @property
    def final(self) -> bool:
        """It has ended everywhere."""
        return all(invocation.phase.final for invocation in self.invocations)


class Commands(Protocol):
    """Running commands. Errors of every method: Forbidden with the missing IAM action, Throttled, Unavailable (part `ssm`)."""

    async def managed(self, instances: Sequence[Instance]) -> Mapping[str, bool]:
        """By instance id: does its agent answer now (SSM ping status Online)?"""
        ...

    async def send(
        self, instances: Sequence[Instance], command: str, *, shell: Shell, timeout: timedelta, token: str
    ) -> Sequence[str]:
        """Send a command and return its ids, one per region and batch of 50 instances.

        token: names this intent. A second send with the same token finds the commands of the first instead of sending again.
        """
        ...

    async def state(self, command_id: str) -> CommandState:
        """Where it stands. Errors: NotFound."""
        ...

    async def output(self, command_id: str, instance_id: str, page: int) -> tuple[str, int]:
        """Page `page` (from 1) of everything it printed, and how many pages there are; 24,000 characters a page.

        Beyond the first page needs an output bucket or log group in the settings. Errors: NotFound, Invalid for no such page.
        """
        ...

    async def cancel(self, command_id: str) -> None:
        """Ask every instance to stop it; one where it has ended keeps its result."""
        ...
