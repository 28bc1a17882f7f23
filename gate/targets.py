"""From what a person said to concrete targets, before anybody is asked to confirm anything."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from enum import Enum
from typing import Any, NamedTuple

from pydantic import ValidationError

from gate.action import Target
from gate.fleet import Fleet, several
from gate.reference import unquoted
from skills.kit.arguments import Arguments, format_duration, references
from skills.kit.declaration import Risk, Skill
from skills.kit.errors import Invalid, NotFound
from skills.kit.ports.compute import Compute, Instance, InstanceQuery

_ID = re.compile(r"i-(?:[0-9a-f]{8}|[0-9a-f]{17})")

_NAME = re.compile(r"(?!i-[0-9a-f]{8,17}$)[\w.-]+(?: [\w.-]+)?", re.ASCII)


class Resolved(NamedTuple):
    """A skill's arguments with ids in place of words; the targets as they are now; per argument what people read."""

    arguments: Arguments
    targets: tuple[Target, ...]
    shown: dict[str, str]


class Targets:
    """Resolves references to instances through the Compute port.

    fresh: how long the list of instances may be reused to look names up. most: targets one change may have.
    Errors of `resolve`: NotFound, Ambiguous, Invalid, and those of Compute.
    """

    def __init__(
        self,
        compute: Compute,
        *,
        fresh: timedelta = timedelta(seconds=5),
        most: int = 50,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._compute, self._fresh, self._most, self._clock = compute, fresh.total_seconds(), most, clock
        self._fleet: tuple[float, Fleet] | None = None
        self._reading = asyncio.Lock()

    async def resolve(self, skill: Skill, arguments: Arguments) -> Resolved:
        """Replace every reference in `arguments` by ids. What a changing skill acts on is read afresh, its state included."""
        given = {name: getattr(arguments, name) for name in skill.arguments.model_fields if name in arguments.model_fields_set}
        found: dict[str, list[Instance]] = {}
        for field in references(skill.arguments):
            if said := given.get(field):
                found[field] = await self._instances(field, said, strict=skill.risk is not Risk.READ)
        targets = _distinct(instance for instances in found.values() for instance in instances)
        if skill.risk is not Risk.READ and targets:
            self._bounded(targets)
            targets = list(await self._compute.get([instance.id for instance in targets]))
        for field, instances in found.items():
            given[field] = [i.id for i in instances] if isinstance(given[field], list | tuple) else instances[0].id
        return Resolved(_validated(skill, given), tuple(_target(i) for i in targets), shown(given, found))

    async def again(self, targets: Sequence[Target]) -> tuple[Target, ...]:
        """The same targets, read afresh. Errors: NotFound for one that is gone."""
        return tuple(_target(instance) for instance in await self._compute.get([target.id for target in targets]))

    def _bounded(self, targets: Sequence[Instance]) -> None:
        if len(targets) > self._most:
            raise Invalid(
                f"That is {len(targets)} instances; at most {self._most} can be changed at once.",
                remedy="Narrow it by environment, tag or name.",
            )

    async def _instances(self, field: str, said: str | Sequence[str], *, strict: bool) -> list[Instance]:
        """What one argument means; one that takes a single instance gets exactly one."""
        if not isinstance(said, str):
            return _distinct([instance for text in said for instance in await self._meant(field, text, strict)])
        found = await self._meant(field, said, strict)
        if len(found) > 1:
            raise several(f"“{said}” fits {len(found)} instances; only one can be used here.", field, said, found)
        return found

    async def _meant(self, field: str, text: str, strict: bool) -> list[Instance]:
        text = unquoted(text)
        if not _ID.fullmatch(text.lower()):
            # Thousands of instances take milliseconds to compare: not on the event loop.
            return await asyncio.to_thread((await self._roll()).find, text, field=field, strict=strict)
        try:
            return list(await self._compute.get([text.lower()]))
        except NotFound as error:
            fleet = await self._roll()
            raise await asyncio.to_thread(fleet.near, text.lower(), field=field) from error

    async def _roll(self) -> Fleet:
        """Every instance, at most `fresh` old; several who ask at once share one reading."""
        async with self._reading:
            if self._fleet is None or self._clock() - self._fleet[0] > self._fresh:
                instances = [instance async for page in self._compute.pages(InstanceQuery()) for instance in page]
                self._fleet = self._clock(), Fleet(sorted(instances, key=lambda i: (i.name.casefold(), i.id)))
            return self._fleet[1]


def shown(given: dict[str, Any], found: dict[str, list[Instance]]) -> dict[str, str]:
    """Each argument as people read it in a question; instances by name, more than three of them by number."""
    return {name: _names(found[name]) if name in found else _words(value) for name, value in given.items() if value is not None}


def _names(instances: Sequence[Instance]) -> str:
    if len(instances) > 3:
        return f"{len(instances)} instances"
    labels = [instance.label for instance in instances]
    # A name that reads as something else, such as another's id or two names, is shown with whose it is.
    unclear = [i.label != i.id and (labels.count(i.label) > 1 or not _NAME.fullmatch(i.label)) for i in instances]
    return _listed([f"{i.label} ({i.id})" if odd else i.label for i, odd in zip(instances, unclear, strict=True)])


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def _words(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case timedelta():
            return format_duration(value)
        case Enum():
            return str(value.value)
        case dict():
            return _listed([f"{key}={item}" for key, item in value.items()])
        case list() | tuple():
            return _listed([_words(item) for item in value])
        case _:
            return str(value)


def _validated(skill: Skill, given: dict[str, Any]) -> Arguments:
    try:
        return skill.arguments.model_validate(given, by_name=True)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise Invalid(f"{where}: {problem['msg']}.", remedy="Say which ones more narrowly.") from error


def _distinct(instances: Any) -> list[Instance]:
    return list({instance.id: instance for instance in instances}.values())


def _target(instance: Instance) -> Target:
    return Target(
        id=instance.id,
        name=instance.label,
        state=instance.state.value,
        platform=instance.platform,
        environment=instance.environment,
        region=instance.region,
        account=instance.account,
        tags=instance.tags,
    )
