"""The one path to an effect: every request of every door goes through `Gate.dispatch`."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from pydantic import BaseModel, ValidationError

from gate.action import Action, ActionState, Target, digest
from gate.authority import Authority, Verdict, confirms
from gate.call import Call, Completed, NeedsConfirmation, Outcome, Running
from gate.confirmation import Confirmations, Runs
from gate.principal import Principal
from gate.record import Recorder
from gate.records import Actions
from gate.run import Run
from skills.kit.arguments import Arguments, Result
from skills.kit.catalogue import Bound, Catalogue
from skills.kit.declaration import Risk, Skill
from skills.kit.errors import Invalid, OpsError, Timeout
from skills.kit.ports.acting import Acting, On, acting_as
from skills.kit.ports.pending import Pending, Waiting
from skills.kit.ports.run import Caller, Progress

CONFIRM_WITHIN = timedelta(minutes=15)


class Resolver(Protocol):
    """Turns names as people said them into things that are there. See `gate.targets.Targets`."""

    async def resolve(self, skill: Skill, arguments: Arguments) -> tuple[Arguments, tuple[Target, ...], dict[str, str]]:
        """The arguments with ids, the targets, and what a person reads for each argument."""
        ...

    async def again(self, targets: Sequence[Target]) -> tuple[Target, ...]:
        """The same targets, read afresh. Errors: NotFound for one that is gone."""
        ...


class Gate:
    """Find the skill, validate, authorise, resolve, assess, ask or run, record: in this order, for everyone."""

    def __init__(
        self,
        bound: Bound,
        *,
        authority: Authority,
        targets: Resolver,
        actions: Actions,
        recorder: Recorder,
        runs: Runs,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.catalogue = bound.catalogue
        self.confirmations = Confirmations(self, authority, targets, actions, recorder, runs, clock)
        self._bound, self._authority, self._targets = bound, authority, targets
        self._actions, self._record, self._clock = actions, recorder, clock

    async def dispatch(self, call: Call) -> Outcome:
        """Carry out a request, or ask for its confirmation.

        Errors: NotFound, Invalid, Ambiguous, Forbidden before anything happened; whatever the skill raises while it reads.
        """
        try:
            skill = self.catalogue.get(call.skill)
            self._authority.first_look(call.principal, skill)
            arguments = validate(skill, call.arguments)
            arguments, targets, shown = await self._targets.resolve(skill, arguments)
            door = call.place.door if call.place else ""
            verdict = self._authority.decide(call.principal, skill, arguments, targets, door)
        except OpsError as error:
            await self._record.refused(call, error)
            raise
        if confirms(skill, verdict):
            return await self._ask(call, skill, arguments, targets, shown, verdict)
        if skill.risk is Risk.READ:
            return await self._read(call, skill, arguments, targets, verdict)
        return await self._begin(call, skill, arguments, targets, shown, verdict)

    def caller(self, principal: Principal) -> Caller:
        """What a skill, a router or a card may know of somebody."""
        return _Caller(principal, self._authority, tuple(self.catalogue))

    async def run_confirmed(self, action: Action, run: Run) -> Result:
        """Run what was confirmed; whether it is permitted is asked again. Errors: as `run`, and Forbidden, Conflict, NotFound."""
        skill, arguments = await self.confirmations.still(action)
        who = _acting(action.principal, skill, action.targets, action.id)
        return await self.run(skill, arguments, run, action.principal, who)

    async def run(self, skill: Skill, arguments: Arguments, run: Run, principal: Principal, who: Acting) -> Result:
        """Run a skill with its ports, in somebody's name, within its time. Errors: the skill's own, and Timeout."""
        scoped: Mapping[type, Any] = {
            Progress: run,
            Caller: self.caller(principal),
            Pending: _Pending(principal, self._actions, self._authority, self.catalogue),
        }
        seconds = skill.timeout.total_seconds()
        try:
            with acting_as(who):
                async with asyncio.timeout(seconds):
                    return await self._bound.runner(skill, scoped)(arguments)
        except TimeoutError:
            unknown = "It may have been done in part." if skill.risk is not Risk.READ else "Nothing was changed."
            raise Timeout(
                f"{skill.name} did not finish within {seconds:.0f} seconds.",
                unchanged=unknown,
                remedy="Look at the state before trying again.",
            ) from None

    async def _read(
        self, call: Call, skill: Skill, arguments: Arguments, targets: tuple[Target, ...], verdict: Verdict
    ) -> Completed:
        partial = _bind(call.on_partial, skill)
        try:
            run = Run(call.correlation, partial=partial)
            result = await self.run(skill, arguments, run, call.principal, _acting(call.principal, skill, targets))
        except OpsError as error:
            await self._record.refused(call, error, event="failed", targets=targets, decision=verdict.record)
            raise
        recorded = asyncio.ensure_future(self._record.read(call, arguments, targets, decision=verdict.record))
        return Completed(skill, result, recorded)

    async def _ask(self, call: Call, *what: Any) -> NeedsConfirmation:
        action = self._action(call, *what)
        await self._actions.add(action)
        await self._record.asked(call, action, decision=what[-1].record)
        return NeedsConfirmation(what[0], action)

    async def _begin(self, call: Call, *what: Any) -> Running:
        """Run it without asking: the policy lets this person run what only reads. It begins when its card is shown."""
        action = self._action(call, *what).model_copy(update={"state": ActionState.CONFIRMED})
        await self._actions.add(action)
        await self._record.asked(call, action, decision=what[-1].record)
        return Running(what[0], action)

    def _action(
        self,
        call: Call,
        skill: Skill,
        arguments: Arguments,
        targets: tuple[Target, ...],
        shown: dict[str, str],
        verdict: Verdict,
    ) -> Action:
        now, plain = self._clock(), arguments.model_dump(mode="json")
        return Action(
            id=secrets.token_urlsafe(18),
            skill=skill.name,
            arguments=plain,
            shown=shown,
            digest=digest(skill.name, plain, targets),
            principal=call.principal,
            place=call.place,
            words=call.words,
            correlation=call.correlation,
            targets=targets,
            typed=verdict.decision.typed,
            approvals=verdict.decision.approvals,
            command_class=verdict.assessment.risk.value if verdict.assessment else "",
            because=verdict.because,
            policies=verdict.decision.policies,
            created_at=now,
            expires_at=now + CONFIRM_WITHIN,
        )


class _Caller:
    """See `skills.kit.ports.run.Caller`."""

    def __init__(self, principal: Principal, authority: Authority, catalogue: Sequence[Skill]) -> None:
        self.name = principal.label
        self.key = principal.key
        self._principal, self._authority, self._catalogue = principal, authority, catalogue

    def may(self, skill: Skill) -> bool:
        """Could the policy let them?"""
        return self._authority.may(self._principal, skill)

    def skills(self) -> Sequence[Skill]:
        """Every skill they may use."""
        return self._authority.allowed(self._principal, self._catalogue)


class _Pending:
    """See `skills.kit.ports.pending.Pending`."""

    def __init__(self, principal: Principal, actions: Actions, authority: Authority, catalogue: Catalogue) -> None:
        self._principal, self._actions, self._authority, self._catalogue = principal, actions, authority, catalogue

    async def waiting(self) -> Sequence[Waiting]:
        """What they asked for or may approve."""
        return [self._shown(action) for action in await self._actions.waiting() if self._concerns(action)]

    def _concerns(self, action: Action) -> bool:
        own = action.principal.key == self._principal.key
        return own or self._authority.may(self._principal, self._catalogue.get(action.skill))

    def _shown(self, action: Action) -> Waiting:
        return Waiting(
            id=action.id,
            question=self._catalogue.get(action.skill).question(action.shown),
            because=action.because,
            asked_by=action.principal.label,
            asked_at=action.created_at,
            expires_at=action.expires_at,
            targets=tuple(target.name or target.id for target in action.targets),
            approved_by=tuple(person.label for person in action.approved),
            left=action.approvals - len(action.approved),
            yours=action.principal.key == self._principal.key,
        )


SCOPED = (Progress, Caller, Pending)
"""The ports that the gate gives for the length of one call."""


def _acting(principal: Principal, skill: Skill, targets: Sequence[Target], action: str = "") -> Acting:
    """In whose name, and within what, a provider is to act during a run."""
    where = tuple(On(target.id, target.region, target.account) for target in targets)
    return Acting(principal.key, principal.label, skill.name, skill.risk is not Risk.READ, skill.iam, where, action)


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
