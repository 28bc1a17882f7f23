"""A world small enough to see through: a lamp, the skills that switch it, and a gate in front of it."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from pydantic import Field

from gate.action import Action, Target
from gate.call import Call
from gate.conversation import Place
from gate.gate import Gate
from gate.policy import PolicySettings, RolePolicy
from gate.principal import Principal
from gate.record import Recorder
from gate.runner import Runner
from skills.kit import Arguments, Result, Risk, skill
from skills.kit.arguments import InstanceRef
from skills.kit.catalogue import Bound, Catalogue
from skills.kit.declaration import Skill
from skills.kit.errors import Unavailable
from skills.kit.ports.run import Caller, Progress, StepState
from store.actions import SqlActions
from store.audit import SqlAudit
from store.engine import Database
from store.owners import SqlOwners
from store.schema import ensure

ANNA = Principal(kind="teams", id="anna", tenant="t1", name="Anna")
BEN = Principal(kind="teams", id="ben", tenant="t1", name="Ben")
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


class Names:
    """The resolver: a lamp's name in any case."""

    async def resolve(self, skill: Skill, arguments: Arguments) -> tuple[Arguments, tuple[Target, ...], dict[str, str]]:
        """Lower case."""
        if not isinstance(arguments, Which):
            return arguments, (), {}
        lamp = arguments.lamp.lower()
        if lamp == "moon":
            raise Unavailable("The moon does not answer.", part="moon")
        return Which(lamp=lamp), (Target(id=lamp, name=lamp, kind="lamp"),), {"lamp": lamp}


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
    url: str = "sqlite://", room: Room | None = None, clock: Any = lambda: datetime.now(UTC), start: bool = True
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
    bound = Bound(Catalogue([list_lamps, switch_off]), {Lamps: room}, scoped=(Progress, Caller))
    policy = RolePolicy(PolicySettings(roles={"switcher": ["lamps:*"]}, members={ANNA.key: "switcher", BEN.key: "switcher"}))
    gate = Gate(bound, policy=policy, targets=Names(), actions=actions, recorder=recorder, runs=runner, clock=clock)
    await owners.beat()
    if start:
        await runner.start(gate)
    return World(room, database, actions, audit, gate, runner, seen)


def off(lamp: str = "desk", by: Principal = ANNA) -> Call:
    """Somebody asks to switch a lamp off."""
    return Call("lamps.off", {"lamp": lamp}, by, "c1", place=PLACE, words=f"switch {lamp} off", route="grammar")
