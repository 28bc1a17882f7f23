"""The one path to an effect: every request of every door goes through `Gate.dispatch`, every decision through `Gate.confirm`."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import structlog
from pydantic import BaseModel, ValidationError

from gate.action import Action, ActionState, Target, digest
from gate.call import Call, Completed, NeedsConfirmation, Outcome
from gate.conversation import Place
from gate.policy import Policy
from gate.principal import Principal
from gate.record import Recorder
from gate.records import Actions
from gate.run import Run
from skills.kit.arguments import Arguments, Result
from skills.kit.catalogue import Bound
from skills.kit.declaration import Risk, Skill
from skills.kit.errors import Conflict, Expired, Forbidden, Invalid, NotFound, OpsError, Timeout
from skills.kit.ports.run import Caller, Progress

CONFIRM_WITHIN = timedelta(minutes=15)

_HOW = {
    ActionState.CONFIRMED: "is about to run",
    ActionState.RUNNING: "runs",
    ActionState.SUCCEEDED: "was done",
    ActionState.FAILED: "failed",
    ActionState.STOPPED: "was cancelled while it ran",
    ActionState.CANCELLED: "was cancelled",
}

log = structlog.get_logger()


class Resolver(Protocol):
    """Turns names as people said them into things that are there. See `gate.targets.Targets`."""

    async def resolve(self, skill: Skill, arguments: Arguments) -> tuple[Arguments, tuple[Target, ...], dict[str, str]]:
        """The arguments with ids, the targets, and what a person reads for each argument."""
        ...


class Runs(Protocol):
    """Where confirmed actions run. See `gate.runner.Runner`."""

    def confirmed(self, id: str) -> None:
        """This one may run now."""
        ...

    def cancelled(self, id: str) -> None:
        """This one is to stop."""
        ...


class Gate:
    """Find the skill, validate, authorise, resolve, ask or run, record: in this order, for everyone."""

    def __init__(
        self,
        bound: Bound,
        *,
        policy: Policy,
        targets: Resolver,
        actions: Actions,
        recorder: Recorder,
        runs: Runs,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.catalogue = bound.catalogue
        self._bound = bound
        self._policy = policy
        self._targets = targets
        self._actions = actions
        self._record = recorder
        self._runs = runs
        self._clock = clock

    async def dispatch(self, call: Call) -> Outcome:
        """Carry out a request, or ask for its confirmation.

        Errors: NotFound, Invalid, Ambiguous, Forbidden before anything happened; whatever the skill raises while it reads.
        """
        try:
            skill = self.catalogue.get(call.skill)
            self._authorise(call.principal, skill)
            arguments = validate(skill, call.arguments)
            arguments, targets, shown = await self._targets.resolve(skill, arguments)
        except OpsError as error:
            await self._record.refused(call, error)
            raise
        if skill.risk is Risk.READ:
            return await self._read(call, skill, arguments, targets)
        return await self._ask(call, skill, arguments, targets, shown)

    async def confirm(self, id: str, by: Principal, *, place: Place | None = None, card: str = "") -> Action:
        """Confirm a pending action; it runs exactly once, however often this is called.

        place, card: where the click was, so that this message follows the run.
        Errors: NotFound, Forbidden (not theirs, or no longer permitted), Expired, Conflict (decided already).
        """
        action = await self._decidable(id, by)
        skill = self.catalogue.get(action.skill)
        self._authorise(by, skill)
        if place and card and (card != action.card or place.key != (action.place.key if action.place else "")):
            await self._actions.attach(id, place, card)
        if not await self._actions.confirm(id, by, self._clock()):
            raise self._decided(await self._known(id))
        await self._record.decision("confirmed", action, by)
        self._runs.confirmed(id)
        return await self._known(id)

    async def cancel(self, id: str, by: Principal) -> Action:
        """Decline a pending action, or ask a running one to stop. Errors: NotFound, Forbidden, Conflict (it is over)."""
        action = await self._mine(id, by)
        if await self._actions.decline(id, by, self._clock()):
            await self._record.decision("declined", action, by)
        elif not await self._actions.ask_cancel(id):
            raise self._decided(await self._known(id))
        else:
            self._runs.cancelled(id)
        return await self._known(id)

    async def shown(self, id: str, place: Place, card: str) -> None:
        """That message shows the action; it will follow it."""
        await self._actions.attach(id, place, card)

    async def action(self, id: str, by: Principal) -> Action:
        """An action of theirs. Errors: NotFound."""
        return await self._mine(id, by)

    def caller(self, principal: Principal) -> Caller:
        """What a skill, a router or a card may know of somebody."""
        return _Caller(principal, self._policy, tuple(self.catalogue))

    async def _read(self, call: Call, skill: Skill, arguments: Arguments, targets: tuple[Target, ...]) -> Completed:
        partial = _bind(call.on_partial, skill)
        run = Run(call.correlation, partial=partial)
        try:
            result = await self.run(skill, arguments, run, call.principal)
        except OpsError as error:
            await self._record.refused(call, error, event="failed")
            raise
        await self._record.read(call, arguments, targets)
        return Completed(skill, result)

    async def run_confirmed(self, action: Action, run: Run) -> Result:
        """Run a confirmed action as who confirmed it; their permission is checked again. Errors: as `run`, and Forbidden."""
        by = action.decided_by or action.principal
        skill = self.catalogue.get(action.skill)
        self._authorise(by, skill)
        return await self.run(skill, validate(skill, action.arguments), run, by)

    async def run(self, skill: Skill, arguments: Arguments, run: Run, principal: Principal) -> Result:
        """Run a skill with its ports, within its time. Errors: the skill's own, and Timeout."""
        scoped: Mapping[type, Any] = {Progress: run, Caller: self.caller(principal)}
        seconds = skill.timeout.total_seconds()
        try:
            async with asyncio.timeout(seconds):
                return await self._bound.runner(skill, scoped)(arguments)
        except TimeoutError:
            unknown = "It may have been done in part." if skill.risk is not Risk.READ else "Nothing was changed."
            raise Timeout(
                f"{skill.name} did not finish within {seconds:.0f} seconds.",
                unchanged=unknown,
                remedy="Look at the state before trying again.",
            ) from None

    async def _ask(
        self, call: Call, skill: Skill, arguments: Arguments, targets: tuple[Target, ...], shown: dict[str, str]
    ) -> NeedsConfirmation:
        now = self._clock()
        plain = arguments.model_dump(mode="json")
        action = Action(
            id=secrets.token_urlsafe(18),
            skill=skill.name,
            arguments=plain,
            shown=shown,
            digest=digest(skill.name, plain),
            principal=call.principal,
            place=call.place,
            words=call.words,
            correlation=call.correlation,
            targets=targets,
            created_at=now,
            expires_at=now + CONFIRM_WITHIN,
        )
        await self._actions.add(action)
        await self._record.asked(call, action)
        return NeedsConfirmation(skill, action)

    def _authorise(self, principal: Principal, skill: Skill) -> None:
        decision = self._policy.decide(principal, skill)
        if not decision.allowed:
            raise Forbidden(f"You may not do this: {decision.reason}", missing=skill.permission, remedy=decision.remedy)

    async def _known(self, id: str) -> Action:
        action = await self._actions.get(id)
        if action is None:
            raise NotFound("There is no such confirmation.", remedy="Ask again, and use the buttons of the new card.")
        return action

    async def _mine(self, id: str, by: Principal) -> Action:
        action = await self._known(id)
        if action.principal.key != by.key:
            await self._record.decision("refused", action, by)
            raise Forbidden(
                f"Only {action.principal.label}, who asked for this, can decide it.",
                remedy="Ask for it yourself, if you may do it.",
            )
        return action

    async def _decidable(self, id: str, by: Principal) -> Action:
        action = await self._mine(id, by)
        if action.state is not ActionState.PENDING:
            raise self._decided(action)
        if digest(action.skill, action.arguments) != action.digest:
            raise Conflict("What was to be confirmed has changed.", remedy="Ask again.")
        return action

    def _decided(self, action: Action) -> OpsError:
        if action.state is ActionState.EXPIRED or (action.state is ActionState.PENDING and action.expires_at <= self._clock()):
            return Expired("This confirmation has expired.", remedy="Ask again; a new card is good for 15 minutes.")
        who = action.decided_by.label if action.decided_by else "somebody"
        how = _HOW.get(action.state, action.state.value)
        return Conflict(
            f"{who.capitalize() if who == 'somebody' else who} decided this already; it {how}.",
            unchanged="Nothing was done a second time.",
            remedy="The card above shows how it went.",
        )


class _Caller:
    """See `skills.kit.ports.run.Caller`."""

    def __init__(self, principal: Principal, policy: Policy, catalogue: Sequence[Skill]) -> None:
        self.name = principal.label
        self._principal, self._policy, self._catalogue = principal, policy, catalogue

    def may(self, skill: Skill) -> bool:
        """Does the policy let them?"""
        return self._policy.decide(self._principal, skill).allowed

    def skills(self) -> Sequence[Skill]:
        """Every skill they may use."""
        return [skill for skill in self._catalogue if self.may(skill)]


def validate(skill: Skill, arguments: Mapping[str, Any]) -> Arguments:
    """The arguments as their model. Errors: Invalid, one line for each field that is wrong."""
    try:
        return skill.arguments.model_validate(dict(arguments))
    except ValidationError as error:
        lines = [f"{'.'.join(str(part) for part in item['loc']) or 'arguments'}: {item['msg']}" for item in error.errors()]
        raise Invalid(
            f"{skill.name} cannot be done like this: {'; '.join(lines[:5])}",
            remedy=f"Say 'help {skill.name.partition('.')[0]}' to see how it is asked.",
            details="; ".join(lines),
        ) from None


def _bind(on_partial: Any, skill: Skill) -> Any:
    if on_partial is None:
        return None

    async def show(result: BaseModel) -> None:
        await on_partial(skill, result)

    return show
