"""Acting on several instances at once: each has its own fate, and none holds up the others."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from skills.gaps import reason
from skills.kit.errors import NotFound, OpsError
from skills.kit.ports.compute import Compute, Instance

AT_ONCE = 10
"""So many instances are acted on at the same time."""


async def find(compute: Compute, ids: Sequence[str]) -> tuple[dict[str, Instance], dict[str, OpsError]]:
    """The instances that are there, by id, and for the others why not. Errors: those that concern all of them."""
    wanted = list(dict.fromkeys(ids))
    try:
        return {instance.id: instance for instance in await compute.get(wanted)}, {}
    except NotFound:
        found: dict[str, Instance] = {}
        lost: dict[str, OpsError] = {}
        for id in wanted:
            try:
                (found[id],) = await compute.get([id])
            except NotFound as error:
                lost[id] = error
        return found, lost


async def each(instances: Iterable[Instance], act: Callable[[Instance], Awaitable[None]]) -> None:
    """Act on every one, at most `AT_ONCE` together. `act` deals with errors of its own; any that escapes is a defect."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(instance: Instance) -> None:
        async with slots:
            await act(instance)

    async with asyncio.TaskGroup() as group:
        for instance in instances:
            group.create_task(one(instance))


def labels(instances: Iterable[Instance]) -> Mapping[str, str]:
    """What each is called, by id, so that no two are called the same."""
    known = list(instances)
    often = Counter(instance.label for instance in known)
    return {one.id: one.label if often[one.label] == 1 else f"{one.label} ({one.id})" for one in known}


@dataclass(frozen=True)
class Failed:
    """Why an instance is not as was asked for, in the words of a result."""

    what: str
    code: str
    remedy: str = ""
    details: str = ""

    @classmethod
    def of(cls, error: OpsError) -> Failed:
        """From an error of a port."""
        missing = str(getattr(error, "missing", ""))
        details = error.details or (f"Required IAM action: {missing}" if missing else "")
        return cls(reason(error), error.code, error.remedy, details)

    def fields(self) -> dict[str, Any]:
        """As an outcome has them."""
        return {"what": self.what, "code": self.code, "remedy": self.remedy, "details": self.details}
