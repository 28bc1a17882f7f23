"""Starting, stopping and rebooting: look, act once, wait, verify; one outcome per instance.

A run that was cut off may be begun again: it looks at the states and at its own earlier steps before it acts, so that the
effect happens once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from skills.gaps import BEARABLE, reason
from skills.instances.models import ChangeOutcome, InstancesChanged
from skills.instances.readings import spoken
from skills.instances.targets import Failed, each, find, labels
from skills.kit.errors import Cancelled, Conflict, Forbidden, OpsError, Throttled, Timeout, Unavailable
from skills.kit.ports.compute import Change, Compute, Instance, State
from skills.kit.ports.run import Progress, StepState

POLL = 3.0
"""Seconds between two looks at instances that are on their way."""

TRIES = 3
"""How often an instance is tried when the provider throttles: it did nothing then, so asking again is safe."""


@dataclass(frozen=True)
class Plan:
    """What a change comes to. acts: the states in which it is asked for. moving: those in which it is happening already.
    limit: how long it is waited for."""

    change: Change
    goal: State
    acts: frozenset[State]
    moving: frozenset[State]
    limit: timedelta
    done: str


START = Plan(
    "start", State.RUNNING, frozenset({State.STOPPED}), frozenset({State.PENDING}), timedelta(minutes=5), done="was started"
)
STOP = Plan(
    "stop",
    State.STOPPED,
    frozenset({State.RUNNING, State.PENDING}),
    frozenset({State.STOPPING}),
    timedelta(minutes=10),
    done="was stopped",
)
REBOOT = Plan("reboot", State.RUNNING, frozenset({State.RUNNING}), frozenset(), timedelta(minutes=5), done="was rebooted")

Seen = dict[str, str | Failed]
"""By id: what is reached, as a note (may be empty), or why it will not be."""


async def change_instances(plan: Plan, ids: Sequence[str], *, compute: Compute, progress: Progress) -> InstancesChanged:
    """Carry out `plan` on every instance. Errors: Cancelled with what is known; those that keep it from looking at all."""
    return await _Changing(plan, compute, progress).run(list(dict.fromkeys(ids)))


class _Changing:
    """One run. first, now: each instance as it was and as it is. sent: asked by us. waiting: on their way."""

    def __init__(self, plan: Plan, compute: Compute, progress: Progress) -> None:
        self._plan, self._compute, self._progress = plan, compute, progress
        self._first: dict[str, Instance] = {}
        self._now: dict[str, Instance] = {}
        self._labels: dict[str, str] = {}
        self._sent: set[str] = set()
        self._waiting: list[str] = []
        self._failed: dict[str, Failed] = {}
        self._notes: dict[str, str] = {}
        self._cancelled: Cancelled | None = None

    async def run(self, ids: Sequence[str]) -> InstancesChanged:
        await self._act(await self._check(ids))
        await self._watch("wait", self._waiting, self._states)
        if self._plan.change != "stop":
            reached = [id for id in self._waiting if id not in self._failed]
            await self._watch("verify", reached, self._checks)
        if self._cancelled:
            raise self._known(ids)
        return InstancesChanged(change=self._plan.change, outcomes=tuple(self._outcome(id) for id in ids))

    async def _check(self, ids: Sequence[str]) -> list[Instance]:
        """Look at every instance; those that have to be acted on."""
        self._first, lost = await find(self._compute, ids)
        self._now = dict(self._first)
        self._labels = {**{id: id for id in lost}, **labels(self._first.values())}
        for id, error in lost.items():
            await self._fail("check", id, Failed.of(error))
        return [instance for instance in self._first.values() if await self._due(instance)]

    async def _due(self, instance: Instance) -> bool:
        """Is it to be acted on? Else it is where it should be, on its way, or cannot be."""
        plan, id, state = self._plan, instance.id, instance.state
        before = self._progress.earlier(plan.change, self._labels[id])
        asked = before is StepState.DONE or (before is StepState.RUNNING and (plan is REBOOT or state not in plan.acts))
        await self._step("check", id, StepState.DONE, state.value)
        if asked:
            self._sent.add(id)
            self._waiting.append(id)
            await self._step(plan.change, id, StepState.DONE, "asked before the run was cut off")
            if before is StepState.RUNNING and plan is REBOOT:
                self._notes[id] = "The run was cut off while asking, so it is not certain that it was; it was not asked again."
        elif state is plan.goal and plan is not REBOOT:
            self._notes[id] = f"It was {state.value} already; nothing had to be done."
            await self._step(plan.change, id, StepState.SKIPPED, f"already {state.value}")
        elif state in plan.moving:
            self._notes[id] = f"It was {state.value} already."
            await self._step(plan.change, id, StepState.SKIPPED, f"already {state.value}")
            self._waiting.append(id)
        elif state in plan.acts:
            return True
        else:
            await self._fail(plan.change, id, self._impossible(instance))
        return False

    async def _act(self, instances: Sequence[Instance]) -> None:
        await each(instances, self._ask)

    async def _ask(self, instance: Instance) -> None:
        """Ask for the change once; after an unclear answer the state decides whether it was accepted."""
        id, change = instance.id, self._plan.change
        try:
            await self._progress.wait(0)
            await self._step(change, id, StepState.RUNNING)
            await self._asking(instance)
        except Cancelled as error:
            self._cancelled = error
            await self._step(change, id, StepState.SKIPPED, "cancelled before")
            return
        except (Conflict, Timeout, Unavailable) as error:
            if not await self._happened(instance):
                await self._fail(change, id, Failed.of(error))
                return
        except OpsError as error:
            await self._fail(change, id, Failed.of(error))
            return
        self._sent.add(id)
        self._waiting.append(id)
        await self._step(change, id, StepState.DONE, "accepted")

    async def _asking(self, instance: Instance) -> None:
        for tries_left in reversed(range(TRIES)):
            try:
                await self._compute.change(self._plan.change, instance)
            except Throttled as error:
                if not tries_left:
                    raise
                await self._progress.wait(min(error.retry_after, 30))
            else:
                return

    async def _happened(self, instance: Instance) -> bool:
        try:
            (now,) = await self._compute.get([instance.id])
        except OpsError:
            return False
        self._now[instance.id] = now
        return self._plan is not REBOOT and (now.state is self._plan.goal or now.state in self._plan.moving)

    async def _watch(self, step: str, ids: Sequence[str], look: Callable[[Sequence[str]], Awaitable[Seen]]) -> None:
        """Look again and again until every one is there, failed or out of time, or the run is cancelled."""
        left, waited, limit = list(ids), 0.0, self._plan.limit.total_seconds()
        for id in left:
            await self._step(step, id, StepState.RUNNING)
        trouble = ""
        while left and not self._cancelled:
            if waited >= limit:
                for id in left:
                    await self._fail(step, id, self._late(id, trouble))
                return
            try:
                await self._progress.wait(POLL)
                seen, trouble = await look(left), ""
            except Cancelled as error:
                self._cancelled = error
                return
            except BEARABLE as error:
                seen, trouble = self._unseen(left, error), reason(error)
            waited += POLL
            await self._sort_out(step, seen)
            left = [id for id in left if id not in seen]

    async def _sort_out(self, step: str, seen: Seen) -> None:
        for id, found in seen.items():
            if isinstance(found, Failed):
                await self._fail(step, id, found)
            else:
                await self._step(step, id, StepState.DONE, found)

    def _unseen(self, left: Collection[str], error: OpsError) -> Seen:
        """A look that failed is tried again, unless it is not permitted: then it will never be."""
        return {id: Failed.of(error) for id in left} if isinstance(error, Forbidden) else {}

    async def _states(self, ids: Sequence[str]) -> Seen:
        found, lost = await find(self._compute, ids)
        seen: Seen = {id: Failed.of(error) for id, error in lost.items()}
        for id, instance in found.items():
            was, self._now[id] = self._now[id].state, instance
            if instance.state is self._plan.goal:
                seen[id] = instance.state.value
            elif was in self._plan.moving and instance.state not in self._plan.moving:
                seen[id] = Failed(
                    f"{self._labels[id]} went back to {instance.state.value}.", "CONFLICT", "Look at its events in EC2."
                )
        return seen

    async def _checks(self, ids: Sequence[str]) -> Seen:
        """Reboot: until EC2's checks are ok. Start: how they stand, as they take minutes to begin."""
        checks = await self._compute.checks([self._now[id] for id in ids])
        seen: Seen = {}
        for id in ids:
            check = checks.get(id)
            states = {check.system, check.instance} if check else set[str]()
            if self._plan is START or states & {"ok", "not-applicable"} == states != set():
                seen[id] = "checks " + (", ".join(sorted(states)) or "not begun")
                self._notes[id] = f"{self._notes.get(id, '')} EC2's {seen[id]}.".strip()
        return seen

    def _impossible(self, instance: Instance) -> Failed:
        label, state = self._labels[instance.id], instance.state
        if self._plan is REBOOT and state is State.STOPPED:
            return Failed(f"{label} is stopped; only a running instance can be rebooted.", "CONFLICT", "Start it instead.")
        wait = "" if state in (State.SHUTTING_DOWN, State.TERMINATED) else "Try again when it has settled."
        return Failed(f"{label} is {state.value}, so it cannot be asked to {self._plan.change}.", "CONFLICT", wait)

    def _late(self, id: str, trouble: str) -> Failed:
        state = f"was last seen {self._now[id].state.value}"
        what = f"{self._labels[id]} was not there after {spoken(self._plan.limit)}: it {state}"
        return Failed(
            f"{what}, then: {trouble}" if trouble else f"{what}.", "TIMEOUT", "It may still get there: look again later."
        )

    async def _step(self, name: str, id: str, state: StepState, note: str = "") -> None:
        await self._progress.step(name, self._labels[id], state, note)

    async def _fail(self, step: str, id: str, failed: Failed) -> None:
        self._failed[id] = failed
        await self._step(step, id, StepState.FAILED, failed.what)

    def _known(self, ids: Sequence[str]) -> Cancelled:
        """What is known when a person cancels: what was accepted by the provider cannot be called back."""
        asked = [f"{self._labels[id]} ({self._now[id].state.value})" for id in ids if id in self._sent]
        untouched = [self._labels[id] for id in ids if id not in self._sent]
        change = self._plan.change
        return Cancelled(
            f"Cancelled. Asked to {change} before, which cannot be called back: {', '.join(asked)}." if asked else "Cancelled.",
            unchanged=f"Not asked to {change}: {', '.join(untouched)}." if untouched else "",
            remedy="Look at their state before going on." if asked else "",
        )

    def _outcome(self, id: str) -> ChangeOutcome:
        first, now, failed = self._first.get(id), self._now.get(id), self._failed.get(id)
        done = f"{self._labels[id]} {self._plan.done}." if id in self._sent else ""
        shown = failed.fields() if failed else {"what": " ".join(part for part in (done, self._notes.get(id, "")) if part)}
        return ChangeOutcome(
            instance_id=id,
            name=first.name if first else "",
            ok=failed is None,
            changed=id in self._sent,
            before=first.state if first else None,
            after=now.state if now else None,
            **shown,
        )
