"""One run: asked and confirmed in Teams, somebody is killed, and what is left has to be right."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import aiohttp
from pydantic_core import to_jsonable_python

import skills
from bot.fake.connector import Sent
from bot.fake.teams import FakeTeams
from bot.presentation import Presentation
from gate.action import ActionState
from skills.kit.catalogue import discover
from skills.kit.ports.run import StepState
from tests.chaos.plan import Kill, Plan
from tests.chaos.records import Picture
from tests.chaos.replica import Replica
from tests.chaos.scene import Scene

PATIENCE = 60.0
"""Seconds in which a run has to be over, kills, restarts and take-overs included."""

WORDS = {
    "instances.stop": ("stop {}", "StopInstances"),
    "instances.start": ("start {}", "StartInstances"),
    "instances.reboot": ("reboot {}", "RebootInstances"),
    "commands.run": ("run systemctl restart nginx on {}", "SendCommand"),
}
_PRESENTATION = Presentation(discover(skills))


class Broken(AssertionError):
    """A promise was not kept; the message says which, and what was found."""


@dataclass
class Report:
    """How a run went. requests: how often AWS carried the change out. lost: clicks that nobody had kept, and were repeated.
    unsaid: a reboot of which the bot says that it cannot know. takeovers: how often it was begun again. updates: of its card."""

    plan: Plan
    seconds: float = 0.0
    killed: int = 0
    requests: int = 0
    lost: int = 0
    unsaid: bool = False
    takeovers: int = 0
    updates: int = 0
    finals: int = 0


@dataclass
class Trial:
    """One run of `plan` on the instance `name`."""

    scene: Scene
    plan: Plan
    name: str
    instance: str
    report: Report = field(init=False)
    answers: list[int] = field(default_factory=list[int])
    _killed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.report = Report(self.plan)
        self.person = FakeTeams(
            "", self.scene.teams, self.scene.issuer, person=str(uuid4()), conversation=f"a:chaos-{uuid4().hex[:12]}"
        )

    async def run(self) -> Report:
        """Do it all. Errors: Broken."""
        begun = time.monotonic()
        await self._prepared()
        message, data = await self._asked()
        before = len(self.scene.cloud.effects)
        id = str(data["action"]).partition("_")[2]
        trigger = asyncio.create_task(self._trigger())
        clicking = asyncio.create_task(self._clicked(message, data))
        try:
            picture = await self._settled(id, message, data, clicking)
            if self.plan.kill and not self._killed.is_set():  # it was over before: killed after the result, then
                self._strike(self.plan.kill)
            await self._recovered()
            picture = await self._settled(id, message, data, clicking)
        finally:
            for task in (trigger, clicking):
                task.cancel()
            await asyncio.gather(trigger, clicking, return_exceptions=True)
            self.scene.cloud.wire.clear()
            self.scene.teams.wire.clear()
        self._verify(picture, message, self.scene.cloud.effects[before:])
        self.report.seconds = time.monotonic() - begun
        return self.report

    async def _prepared(self) -> None:
        if self.plan.skill == "instances.start":
            await self.scene.cloud.stop_quietly(self.instance)
            await self.scene.cloud.until(self.instance, "stopped")

    async def _asked(self) -> tuple[str, dict[str, Any]]:
        """The message with the question, and what its button carries."""
        words, _ = WORDS[self.plan.skill]
        status, _ = await self._at(self._anybody()).say(words.format(self.name))
        assert status == 202, status
        async with asyncio.timeout(PATIENCE):
            while True:
                for sent in self._sent():
                    if data := next(_pressed(sent.card, "confirm"), None):
                        return sent.message, data
                await asyncio.sleep(0.02)

    async def _clicked(self, message: str, data: dict[str, Any]) -> None:
        """Click as planned; each answer that came back is kept."""
        chance = self.scene.chance
        click = self._click(message, data)
        if self.plan.clicks == "fifty":
            await asyncio.gather(*(self._post(self._click(message, data), self._anybody()) for _ in range(50)))
            return
        await self._post(click, self._anybody())
        if self.plan.clicks == "twice":
            await asyncio.sleep(chance.choice((0, chance.uniform(0, 0.3))))
            await self._post(self._click(message, data), self._anybody())
        if self.plan.clicks == "redelivered":
            await asyncio.sleep(chance.choice((0, chance.uniform(0, 0.3))))
            await self._post({**click, "id": uuid4().hex}, self._anybody())

    def _click(self, message: str, data: dict[str, Any]) -> dict[str, Any]:
        value = {"action": {"type": "Action.Execute", "title": "Press", "verb": "press", "data": data}}
        return self.person.activity("invoke", name="adaptiveCard/action", replyToId=message, value=value)

    async def _post(self, activity: dict[str, Any], replica: Replica | None) -> None:
        if replica is None:
            return
        with suppress(aiohttp.ClientError, TimeoutError):
            status, _ = await self._at(replica).post(activity)
            self.answers.append(status)

    async def _trigger(self) -> None:
        kill = self.plan.kill
        if kill is None:
            return
        if kill.by == "clock":
            await asyncio.sleep(kill.after)
            self._strike(kill)
            return
        wire = self.scene.cloud.wire if kill.by == "aws" else self.scene.teams.wire
        wire.set(kill.number, kill.phase, lambda: self._strike(kill))

    def _strike(self, kill: Kill) -> None:
        """Kill whom the plan names, and have them back when it says."""
        if self._killed.is_set():
            return
        self._killed.set()
        victims = self._victims(kill)
        self.report.killed += len(victims)
        for victim in victims:
            if kill.frozen is None:
                victim.kill()
            else:
                self.scene.freeze(victim, kill.frozen)
        if kill.frozen is None and kill.back is not None:
            for victim in victims:
                self.scene.start(victim, kill.back)

    def _victims(self, kill: Kill) -> list[Replica]:
        alive = self.scene.alive
        if kill.victim == "all" or not alive:
            return alive
        worker = [replica for replica in alive if replica.name == self.scene.cloud.caller]
        return worker[:1] if kill.victim == "worker" and worker else [self.scene.chance.choice(alive)]

    async def _recovered(self) -> None:
        """Everybody is back; one may be killed a second time while it takes over, and one that was frozen has its say."""
        kill = self.plan.kill
        if kill and kill.frozen is not None:
            await self.scene.whole()
            await asyncio.sleep(1)
        if kill and kill.again is not None:
            await self.scene.whole()
            victim = self.scene.chance.choice(self.scene.replicas)
            await asyncio.sleep(kill.again)
            victim.kill()
            self.report.killed += 1
            self.scene.start(victim)

    async def _settled(self, id: str, message: str, data: dict[str, Any], clicking: asyncio.Task[None]) -> Picture:
        """The end: final, delivered, nothing open. A click nobody kept is repeated, once it is certain that nobody did."""
        until = time.monotonic() + PATIENCE
        while True:
            picture = await asyncio.to_thread(self.scene.records.look, id)
            action = picture.action
            if action.state.final and action.delivered and not picture.open:
                return picture
            if time.monotonic() > until:
                raise Broken(f"it did not end: {picture}")
            idle = clicking.done() and not picture.open and not any(not task.done() for task in self.scene.starts)
            if action.state is ActionState.PENDING and idle and self.scene.alive:
                picture = await asyncio.to_thread(self.scene.records.look, id)
                if picture.action.state is ActionState.PENDING and not picture.open:
                    if 200 in self.answers:
                        raise Broken(f"a click that was answered was lost: {picture}")
                    self.report.lost += 1
                    await self._post(self._click(message, data), self._anybody())
            await asyncio.sleep(0.05)

    def _verify(self, picture: Picture, message: str, effects: list[Any]) -> None:
        action, report = picture.action, self.report
        _, operation = WORDS[self.plan.skill]
        done = [effect for effect in effects if effect.operation == operation and self.instance in effect.instances]
        report.requests = len(done)
        report.takeovers = picture.events.count("started") - 1
        if action.state is not ActionState.SUCCEEDED:
            raise Broken(f"it ended {action.state}: {action.failure}")
        said = json.dumps(action.result)
        report.unsaid = not done and "not certain" in said
        if len(done) != 1 and not report.unsaid:
            raise Broken(f"{operation} was carried out {len(done)} times: {effects}")
        if len(effects) != len(done):
            raise Broken(f"something else happened: {effects}")
        self._rightly_shown(picture, message)
        _rightly_recorded(picture)

    def _rightly_shown(self, picture: Picture, message: str) -> None:
        expected = to_jsonable_python(_PRESENTATION.action(picture.action).card)
        cards = [sent.card for sent in self._sent() if sent.message == message]
        self.report.updates, self.report.finals = len(cards) - 1, cards.count(expected)
        if cards[-1] != expected:
            raise Broken(
                f"the card does not show the end: {json.dumps(cards[-1])[:1500]}\nexpected: {json.dumps(expected)[:1500]}"
            )
        unfinished = [step for step in picture.action.steps if step.state in (StepState.RUNNING, StepState.WAITING)]
        if unfinished:
            raise Broken(f"steps were left unfinished: {unfinished}")

    def _sent(self) -> list[Sent]:
        return [sent for sent in self.scene.teams.delivered if sent.conversation == self.person.conversation]

    def _anybody(self) -> Any:
        alive = self.scene.alive
        return self.scene.chance.choice(alive) if alive else None

    def _at(self, replica: Replica) -> FakeTeams:
        return replace(self.person, bot=f"{replica.url}/api/messages")


def _rightly_recorded(picture: Picture) -> None:
    events = tuple(event for event in picture.events if event != "refused")  # of a second click, or of one that was late
    for event in ("asked", "confirmed", "succeeded"):
        if events.count(event) != 1:
            raise Broken(f"the record has {event!r} {events.count(event)} times: {events}")
    order = [events.index(event) for event in ("asked", "confirmed", "started", "succeeded")]
    if order != sorted(order) or events[-1] != "succeeded":
        raise Broken(f"the record is out of order: {events}")


def _pressed(part: Any, verb: str) -> Iterator[dict[str, Any]]:
    """The data of every button with that verb, wherever in the card it is."""
    if isinstance(part, dict):
        if part.get("verb") == verb:
            yield part["data"]
        for value in part.values():
            yield from _pressed(value, verb)
    elif isinstance(part, list):
        for value in part:
            yield from _pressed(value, verb)
