"""Instances: what there is, and starting, stopping, rebooting and tagging it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from skills.kit.outside import Outside

Change = Literal["start", "stop", "reboot"]


class State(StrEnum):
    """An instance's state, in EC2's words."""

    PENDING = "pending"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    SHUTTING_DOWN = "shutting-down"
    TERMINATED = "terminated"


class Instance(BaseModel):
    """One instance. `name` and `tags` are text from outside: shown, matched against what a person said, never acted on."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    id: str = Field(alias="instanceId")
    name: Outside = ""
    type: str = ""
    state: State
    platform: Literal["linux", "windows"] = "linux"
    private_ip: str | None = Field(None, alias="privateIp")
    public_ip: str | None = Field(None, alias="publicIp")
    tags: dict[Outside, Outside] = {}
    region: str = ""
    account: str = ""
    zone: str = ""
    image: str = ""
    launched_at: datetime | None = Field(None, alias="launchedAt")

    @property
    def label(self) -> str:
        """The name people use, else the id."""
        return self.name or self.id

    @property
    def environment(self) -> str:
        """The environment as its tag has it; empty when untagged."""
        return next((v for k, v in self.tags.items() if k.lower() in ("environment", "env", "stage")), "")


class InstanceQuery(BaseModel):
    """Which instances to list; what is empty does not narrow. name: exact or with `*`. tags: exact; a value may be `*`.
    regions: such as eu-west-1."""

    model_config = ConfigDict(frozen=True)

    ids: tuple[str, ...] = ()
    states: tuple[State, ...] = ()
    types: tuple[str, ...] = ()
    name: str = ""
    tags: Mapping[str, str] = {}
    regions: tuple[str, ...] = ()


class StatusCheck(BaseModel):
    """EC2's own checks: `ok`, `impaired`, `initializing`, `insufficient-data` or `not-applicable`; scheduled events as text."""

    model_config = ConfigDict(frozen=True)

    system: str
    instance: str
    events: tuple[Outside, ...] = ()


class Compute(Protocol):
    """Instances over every configured region and account. Terminated instances are never listed.

    Errors of every method: Forbidden with the missing IAM action, Throttled, Unavailable (part `ec2`).
    """

    def pages(self, query: InstanceQuery) -> AsyncIterator[Sequence[Instance]]:
        """Instances as they arrive, a page at a time, in no promised order."""
        ...

    async def get(self, ids: Sequence[str]) -> Sequence[Instance]:
        """These instances, in the order asked, read afresh. Errors: NotFound naming the ids that are not there."""
        ...

    async def change(self, change: Change, instance: Instance) -> None:
        """Ask for a state change and return when it is accepted, not when it is done. Never sent twice blindly:
        after an unclear failure the state is read again. Errors: Conflict when the state does not allow it."""
        ...

    async def checks(self, instances: Sequence[Instance]) -> Mapping[str, StatusCheck]:
        """Status checks by instance id; a stopped instance has none."""
        ...

    async def tag(self, instance: Instance, tags: Mapping[str, str]) -> None:
        """Set these tags, leaving others."""
        ...

    async def untag(self, instance: Instance, keys: Sequence[str]) -> None:
        """Remove these tags; one that is not there is no error."""
        ...
