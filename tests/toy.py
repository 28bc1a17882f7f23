"""A world small enough to see through: a lamp, the skills that switch it, and a gate in front of it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from pydantic import Field

from gate.action import Action, Target
from gate.authority import Authority
from gate.call import Call
from gate.conversation import Place
from gate.gate import SCOPED, Gate
from gate.policy import Policies, PolicySettings
from gate.principal import Principal
from gate.record import Recorder
from gate.runner import Runner
from skills.kit import Arguments, Result, Risk, skill
from skills.kit.arguments import InstanceRef
from skills.kit.catalogue import Bound, Catalogue
from skills.kit.declaration import Skill
from skills.kit.errors import Unavailable
from skills.kit.ports.run import Progress, StepState
from store.actions import SqlActions
from store.audit import SqlAudit
from store.engine import Database
from store.owners import SqlOwners
from store.schema import ensure

ANNA = Principal(kind="teams", id="anna", tenant="t1", name="Anna")
BEN = Principal(kind="teams", id="ben", tenant="t1", name="Ben")
CARL = Principal(kind="teams", id="carl", tenant="t1", name="Carl")
PLACE = Place(door="api", key="room")


class Lamps(Protocol):
    """The port: lamps by name."""

    def lit(self) -> list[str]:
        """Which are lit."""
        ...

    async def switch_off(self, lamp: str) -> None:
        """Switch one off."""
        ...


@dataclass
class Room:
    """The twin of Lamps. hold: switching waits for it. broken: what switching raises."""

    lamps: dict[str, bool] = field(default_factory=lambda: {"desk": True, "door": True})
    switched: list[str] = field(default_factory=list[str])
    hold: asyncio.Event | None = None
    broken: Exception | None = None
    labels: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])

    def lit(self) -> list[str]:
        """Which are lit."""
        return [lamp for lamp, on in self.lamps.items() if on]

    async def switch_off(self, lamp: str) -> None:
        """Switch one off."""
        if self.hold:
            await self.hold.wait()
        if self.broken:
            raise self.broken
        self.switched.append(lamp)
        self.lamps[lamp] = False


class Which(Arguments):
    """Which lamp."""

    lamp: InstanceRef = Field(description="Its name.")


class Nothing(Arguments):
    """Nothing to say."""


class Lit(Result):
    """Which are lit."""

    lamps: list[str]


def shown(result: Lit) -> dict[str, Any]:
    """The view."""
    return {"type": "AdaptiveCard", "version": "1.5", "body": [], "fallbackText": f"lit: {', '.join(result.lamps)}"}


@skill("lamps.list", permission="lamps:read", view=shown, examples=("which lamps are lit",))
async def list_lamps(args: Nothing, *, lamps: Lamps) -> Lit:
    """List the lamps that are lit."""
    return Lit(lamps=lamps.lit())


@skill(
    "lamps.off",
    permission="lamps:switch",
    view=shown,
    risk=Risk.CHANGE,
    confirm="Switch {lamp} off?",
    examples=("switch {desk:lamp} off",),
    timeout=timedelta(seconds=5),
)
async def switch_off(args: Which, *, lamps: Lamps, progress: Progress) -> Lit:
    """Switch a lamp off."""
    await progress.step("switch off", args.lamp)
    if args.lamp in lamps.lit():
        await lamps.switch_off(args.lamp)
    await progress.wait(0)
    await progress.step("switch off", args.lamp, StepState.DONE)
    return Lit(lamps=lamps.lit())


@dataclass
class Names:
    """The resolver: a lamp's name in any case."""

    room: Room

    async def resolve(self, skill: Skill, arguments: Arguments) -> tuple[Arguments, tuple[Target, ...], dict[str, str]]:
        """Lower case."""
        if not isinstance(arguments, Which):
            return arguments, (), {}
        lamp = arguments.lamp.lower()
        if lamp == "moon":
            raise Unavailable("The moon does not answer.", part="moon")
        return Which(lamp=lamp), await self.again([Target(id=lamp, name=lamp)]), {"lamp": lamp}

    async def again(self, targets: Sequence[Target]) -> tuple[Target, ...]:
        """As the room labels them now."""
        return tuple(
            Target(id=t.id, name=t.id, kind="lamp", tags=self.room.labels.get(t.id, {}), environment="staging") for t in targets
        )


@dataclass
class World:
    """Everything of one process, on a database that outlives it."""

    room: Room
    database: Database
    actions: SqlActions
    audit: SqlAudit
    gate: Gate
    runner: Runner
    seen: list[Action]
    policies: Policies

    async def events(self) -> list[str]:
        """The events of the audit record, oldest first."""
        return [entry.event for entry in reversed(await self.audit.read())]

    async def until_final(self, id: str) -> Action:
        """Wait, at most 5 s, for an action's end and delivery."""
        async with asyncio.timeout(5):
            while True:
                action = await self.actions.get(id)
                assert action is not None
                if action.state.final and action.delivered:
                    return action
                await asyncio.sleep(0.01)

    async def close(self) -> None:
        """End as on SIGTERM."""
        await self.runner.stop(1)
        await self.database.close()


async def world(
    url: str = "sqlite://",
    room: Room | None = None,
    clock: Any = lambda: datetime.now(UTC),
    start: bool = True,
    files: Path | None = None,
) -> World:
    """A process that serves."""
    room = room or Room()
    database = Database(url)
    await database.run(ensure)
    name = secrets.token_hex(4)
    actions, audit = SqlActions(database, name), SqlAudit(database)
    owners = SqlOwners(database, name, alone=True)
    seen: list[Action] = []

    async def changed(action: Action) -> None:
        seen.append(action)

    recorder = Recorder(audit)
    runner = Runner(actions, owners, recorder, changed=changed, clock=clock)
    catalogue = Catalogue([list_lamps, switch_off])
    bound = Bound(catalogue, {Lamps: room}, scoped=SCOPED)
    members = {ANNA.key: "switcher", BEN.key: "switcher", CARL.key: "switcher"}
    settings = PolicySettings(roles={"switcher": ["lamps:*"]}, members=members, files=files)
    policies = Policies(settings, catalogue)
    authority = Authority(policies, clock)
    gate = Gate(bound, authority=authority, targets=Names(room), actions=actions, recorder=recorder, runs=runner, clock=clock)
    await owners.beat()
    if start:
        await runner.start(gate)
    return World(room, database, actions, audit, gate, runner, seen, policies)


def off(lamp: str = "desk", by: Principal = ANNA) -> Call:
    """Somebody asks to switch a lamp off."""
    return Call("lamps.off", {"lamp": lamp}, by, "c1", place=PLACE, words=f"switch {lamp} off", route="grammar")
