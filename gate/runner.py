"""Runs confirmed actions: each is claimed once, keeps its steps in the store, and is taken over when its process died."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from structlog.contextvars import bound_contextvars

from gate.action import Action, ActionState, Failure
from gate.delivery import Delivery
from gate.gate import Gate
from gate.live import Listener, Live
from gate.pulse import Pulse
from gate.record import Recorder
from gate.records import Actions, AuditEntry, Owners, TakenOver
from gate.redaction import redact_texts
from gate.run import failure, unexpected
from skills.kit.errors import Cancelled, Conflict, OpsError

log = structlog.get_logger()

_LOOK = 3.0
"""Seconds between two looks for work, cancellations and expiries, when the lease is long."""

_ATTEMPTS = 10
"""How often an action is begun: one that was cut off so often is likely what ends the processes."""

_INTERRUPTED = "It was interrupted, and is not gone on with. What its steps show as done, was done."


class Runner:
    """One per process.

    changed: called after each change of an action; it shows it, and returns once a final one has been delivered.
    chores: other work that a process that is gone may have left, looked for again and again.
    """

    def __init__(
        self,
        actions: Actions,
        owners: Owners,
        recorder: Recorder,
        *,
        changed: Listener,
        chores: Sequence[Callable[[], Awaitable[None]]] = (),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._actions, self._record = actions, recorder
        self._changed, self._chores, self._clock = changed, chores, clock
        self._pulse = Pulse(owners, self._fenced)
        self._delivery = Delivery(actions, changed)
        self._every = min(_LOOK, owners.lease.total_seconds() / 5) if owners.lease else _LOOK
        self._gate: Gate | None = None
        self._runs: dict[str, tuple[Live, asyncio.Task[None]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._wanted: set[str] = set()
        self._claiming = asyncio.Lock()
        self._doing: asyncio.Task[None] | None = None
        self._loop: asyncio.Task[None] | None = None
        self._closing = False

    async def start(self, gate: Gate) -> None:
        """Begin: take over what a dead process left, deliver what was not delivered. Errors: the store's."""
        self._gate = gate
        await self._pulse.start()
        await self._look()
        self._loop = asyncio.create_task(self._go_on(), name="runner")

    def confirmed(self, id: str) -> None:
        """An action was confirmed here: run it now instead of at the next look."""
        if not self._closing:
            self._wanted.add(id)
            self._spawn(self._claim_wanted())

    def cancelled(self, id: str) -> None:
        """Tell a run of this process at once that it is cancelled."""
        if id in self._runs:
            self._runs[id][0].run.cancelled.set()

    async def stop(self, seconds: float) -> None:
        """Take nothing new, let what runs finish for so long, then leave the rest to whoever starts next."""
        self._closing = True
        if self._loop:
            self._loop.cancel()
            await asyncio.wait([self._loop])
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        self._give_up()
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            log.warning("runs_left_for_the_next_start", count=len(self._tasks))
            await asyncio.wait(self._tasks, timeout=2)
        await self._pulse.stop()

    def _fenced(self) -> None:
        """The others must take us for dead, so what runs here stops; whoever lives, goes on with it."""
        if self._runs:
            log.error("runs_given_up", why="no sign of life could be given in time", actions=list(self._runs))
        self._give_up()
        for id, (_, task) in self._runs.items():
            self._spawn(self._finish(id, after=task))

    def _give_up(self) -> None:
        for live, task in self._runs.values():
            live.cut = TakenOver(live.action.id)  # for code that loses a cancellation: it meets this at its next step
            task.cancel()

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            await self._look()

    async def _look(self) -> None:
        for part in (self._hear, self._expire, self._redeliver, self._claim_any):
            try:
                await part()
            except Exception as error:  # the store may be away for a while; one part's trouble is not the others'
                log.exception("runner_cannot_look", part=part.__name__, error=str(error))
        if self._doing is None or self._doing.done():  # chores may take long, and nothing else waits for them
            self._doing = self._spawn(self._do_chores())

    async def _hear(self) -> None:
        for id in await self._actions.cancellations(list(self._runs)):
            self.cancelled(id)

    async def _expire(self) -> None:
        await self._actions.expire(self._clock(), record=lambda action: self._record.decided("expired", action, action.principal))

    async def _redeliver(self) -> None:
        for action in await self._actions.undelivered():
            if action.id not in self._runs and self._delivery.due(action.id):
                self._spawn(self._delivery.deliver(action))

    async def _do_chores(self) -> None:
        for chore in self._chores:
            try:
                await chore()
            except Exception as error:  # nor is one chore's trouble the others'
                log.exception("chore_failed", error=str(error))

    async def _claim_any(self) -> None:
        async with self._claiming:
            await self._claim()

    async def _claim_wanted(self) -> None:
        """Those confirmed here; what came while an earlier claim was under way is claimed together."""
        async with self._claiming:
            ids, self._wanted = self._wanted, set()
            if ids:
                await self._claim(ids)

    async def _claim(self, ids: Collection[str] = ()) -> None:
        """Begin what may be run. One claim at a time: what one took is known here before the next one looks."""
        if self._closing or not self._pulse.beats:
            return
        record = self._row("started")
        claimed = await self._actions.claim(self._clock(), ids=ids, running=list(self._runs), record=record)
        if self._pulse.beats:  # else they are nobody's, and begun when we are heard again, here or elsewhere
            for action in claimed:
                live = Live(action, self._actions, self._changed)
                self._runs[action.id] = live, self._spawn(self._run(live))

    async def _run(self, live: Live) -> None:
        action = live.action
        with bound_contextvars(correlation=action.correlation, action=action.id, skill=action.skill):
            if action.cancel_requested:
                live.run.cancelled.set()
            try:
                live.show()
                outcome = await self._attempt(live)
                state = outcome["state"].value
                ended = live.action.model_copy(update={**outcome, "ended_at": self._clock()})
                await self._actions.save(ended, record=self._row(state))
                log.info("action_ended", state=state)
            except TakenOver:
                log.warning("run_was_taken_over")
            except Exception as error:  # the store's: it is begun again from what was kept, when the store is back
                log.warning("run_broke_off", error=str(error), exc_info=error)
            finally:
                del self._runs[action.id]
                await live.close()
            await self._finish(action.id)

    async def _finish(self, id: str, after: asyncio.Task[None] | None = None) -> None:
        """Show how it ended. Also when that was elsewhere: what was shown here last may have come later. after: wait for it."""
        if after:
            await asyncio.wait([after])
        action = await self._actions.get(id)
        if action and action.state.final:
            await self._delivery.deliver(action)

    async def _attempt(self, live: Live) -> dict[str, Any]:
        """Run the skill; how it ended, as changes to the action. Errors: what cut it off, which is no end of it."""
        action, outcome = live.action, dict[str, Any]()
        try:
            result = await self._gate_for(action).run_confirmed(action, live.run)
            outcome = {"state": ActionState.SUCCEEDED, "result": redact_texts(result.model_dump(mode="json", by_alias=True))}
        except Cancelled as error:
            outcome = {"state": ActionState.STOPPED, "failure": failure(error)}
        except OpsError as error:
            outcome = {"state": ActionState.FAILED, "failure": _since(live, failure(error))}
        except Exception:
            if live.cut is None:
                log.exception("skill_failed_unexpectedly")
            outcome = {"state": ActionState.FAILED, "failure": failure(unexpected(action.correlation, began=True))}
        if live.cut:
            raise live.cut
        return outcome

    def _row(self, event: str) -> Callable[[Action], AuditEntry]:
        return lambda action: self._record.happened(event, action)

    def _gate_for(self, action: Action) -> Gate:
        """The gate. Errors: Conflict when the action is not to be begun another time."""
        if self._gate is None:
            raise RuntimeError("the runner was not started")
        if action.attempts > _ATTEMPTS:
            raise Conflict(f"It was begun {_ATTEMPTS} times, and each time it was cut off.", remedy="Look at the log.")
        return self._gate

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("work_of_the_runner_broke", error=str(error), exc_info=error)


def _since(live: Live, failed: Failure) -> Failure:
    """What failed before the skill went on, after it had been cut off, must not claim that nothing was done."""
    resumed = live.action.attempts > 1 and bool(live.action.steps)
    return failed.model_copy(update={"unchanged": _INTERRUPTED}) if resumed and not live.run.went_on else failed
