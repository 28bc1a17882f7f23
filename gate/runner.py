"""Runs confirmed actions: each is claimed once, keeps its steps in the store, and is taken over when its process died."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from structlog.contextvars import bound_contextvars

from gate.action import Action, ActionState
from gate.gate import Gate
from gate.live import Listener, Live
from gate.record import Recorder
from gate.records import Actions, Owners, TakenOver
from gate.run import Run, failure, unexpected
from skills.kit.errors import Cancelled, OpsError

log = structlog.get_logger()

_BEAT = 3.0
"""Seconds between two looks for work, cancellations and expiries, and two signs of life."""


class Runner:
    """One per process.

    changed: called after each change of an action; it shows it, and returns once a final one has been delivered.
    chores: other work that a process that is gone may have left, looked for at each beat.
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
        self._actions, self._owners, self._record = actions, owners, recorder
        self._changed, self._chores, self._clock = changed, chores, clock
        self._gate: Gate | None = None
        self._runs: dict[str, Run] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._delivering: set[str] = set()
        self._loop: asyncio.Task[None] | None = None
        self._closing = False

    async def start(self, gate: Gate) -> None:
        """Begin: take over what a dead process left, deliver what was not delivered."""
        self._gate = gate
        await self._look()
        self._loop = asyncio.create_task(self._beat(), name="runner")

    def confirmed(self, id: str) -> None:
        """An action was confirmed here: run it now instead of at the next look."""
        if not self._closing:
            self._spawn(self._claim(id))

    def cancelled(self, id: str) -> None:
        """Tell a run of this process at once that it is cancelled."""
        if id in self._runs:
            self._runs[id].cancelled.set()

    async def stop(self, seconds: float) -> None:
        """Take nothing new, let what runs finish for so long, then leave the rest to whoever starts next."""
        self._closing = True
        if self._loop:
            self._loop.cancel()
            await asyncio.wait([self._loop])
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            log.warning("runs_left_for_the_next_start", count=len(self._tasks))
            await asyncio.wait(self._tasks, timeout=2)
        await self._owners.leave()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(_BEAT)
            try:
                await self._look()
            except Exception as error:  # the store may be away for a while; what is claimed goes on
                log.exception("runner_cannot_look", error=str(error))

    async def _look(self) -> None:
        await self._owners.beat()
        for id in await self._actions.cancellations(list(self._runs)):
            self.cancelled(id)
        now = self._clock()
        for action in await self._actions.expire(now):
            await self._record.decision("expired", action, action.principal)
        for action in await self._actions.undelivered():
            self._spawn(self._deliver(action))
        for action in await self._actions.claim(now):
            self._spawn(self._run(action))
        for chore in self._chores:
            await chore()

    async def _claim(self, id: str) -> None:
        for action in await self._actions.claim(self._clock(), id=id):
            await self._run(action)

    async def _run(self, action: Action) -> None:
        with bound_contextvars(correlation=action.correlation, action=action.id, skill=action.skill):
            live = Live(action, self._actions, self._changed)
            self._runs[action.id] = live.run
            if action.cancel_requested:
                live.run.cancelled.set()
            try:
                await self._record.effect("started", action)
                live.show()
                outcome = await self._attempt(live)
                ended = live.action.model_copy(update={**outcome, "ended_at": self._clock()})
                await self._actions.save(ended)
            except TakenOver:
                log.warning("run_was_taken_over")
                return
            finally:
                del self._runs[action.id]
                await live.close()
            await self._record.effect(ended.state.value, ended)
            log.info("action_ended", state=ended.state.value)
            await self._deliver(ended)

    async def _attempt(self, live: Live) -> dict[str, Any]:
        """Run the skill; how it ended, as changes to the action."""
        action = live.action
        try:
            result = await self._started().run_confirmed(action, live.run)
            return {"state": ActionState.SUCCEEDED, "result": result.model_dump(mode="json", by_alias=True)}
        except TakenOver:
            raise
        except Cancelled as error:
            return {"state": ActionState.STOPPED, "failure": failure(error)}
        except OpsError as error:
            return {"state": ActionState.FAILED, "failure": failure(error)}
        except Exception:
            log.exception("skill_failed_unexpectedly")
            return {"state": ActionState.FAILED, "failure": failure(unexpected(action.correlation, began=True))}

    def _started(self) -> Gate:
        if self._gate is None:
            raise RuntimeError("the runner was not started")
        return self._gate

    async def _deliver(self, action: Action) -> None:
        """Show the final card; what fails is tried again at the next look."""
        if action.id in self._delivering:
            return
        self._delivering.add(action.id)
        try:
            await self._changed(action)
            await self._actions.delivered(action.id)
        except Exception as error:
            log.warning("result_not_delivered_yet", action=action.id, error=str(error), exc_info=error)
        finally:
            self._delivering.discard(action.id)

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("run_broke_off", error=str(error), exc_info=error)
