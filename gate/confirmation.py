"""Deciding on what waits: confirming, approving, cancelling. An approval is never an authorisation by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from gate.action import Action, ActionState, digest, to_type
from gate.authority import Authority
from gate.conversation import Place
from gate.principal import Principal
from gate.record import Recorder
from gate.records import Actions
from skills.kit.arguments import Arguments
from skills.kit.declaration import Skill
from skills.kit.errors import Conflict, Expired, Forbidden, Invalid, NotFound, OpsError

if TYPE_CHECKING:
    from gate.gate import Gate, Resolver

_HOW = {
    ActionState.CONFIRMED: "is about to run",
    ActionState.RUNNING: "runs",
    ActionState.SUCCEEDED: "was done",
    ActionState.FAILED: "failed",
    ActionState.STOPPED: "was cancelled while it ran",
    ActionState.CANCELLED: "was cancelled",
}


class Runs(Protocol):
    """Where confirmed actions run. See `gate.runner.Runner`."""

    def confirmed(self, id: str) -> None:
        """This one may run now."""
        ...

    def cancelled(self, id: str) -> None:
        """This one is to stop."""
        ...


class Confirmations:
    """Who may decide: whoever asked; where others are needed, only they, each of whom must be permitted to do it themselves."""

    def __init__(
        self,
        gate: Gate,
        authority: Authority,
        targets: Resolver,
        actions: Actions,
        recorder: Recorder,
        runs: Runs,
        clock: Callable[[], datetime],
    ) -> None:
        self._gate, self._authority, self._targets = gate, authority, targets
        self._actions, self._record, self._runs, self._clock = actions, recorder, runs, clock

    async def confirm(self, id: str, by: Principal, *, place: Place | None = None, card: str = "", typed: str = "") -> Action:
        """Confirm or approve a pending action; when that is enough it runs, exactly once, however often this is called.

        place, card: where the click was; a click of whoever asked makes that message follow the run. typed: what they typed.
        Errors: NotFound, Forbidden (not theirs to decide, or not permitted), Expired, Conflict (decided, or the targets have
        changed), Invalid (the name was not typed).
        """
        action = await self._known(id)
        await self._decides(action, by)
        if action.state is not ActionState.PENDING or action.expires_at <= self._clock():
            raise self._decided(action)
        if action.typed and typed.strip() != to_type(action):
            raise Invalid(f"To confirm this, type exactly: {to_type(action)}", remedy="Type it into the card and press again.")
        try:
            await self.still(action, (*action.approved, by))
        except OpsError as error:
            why = {"code": error.code, "what": error.what}
            await self._record.decision("refused", action, by, decision=why, door=place.door if place else "")
            raise
        if place and card and by.key == action.principal.key and card != action.card:
            await self._actions.attach(id, place, card)
        event, door = "approved" if action.approvals else "confirmed", place.door if place else ""
        changed = await self._actions.confirm(
            id, by, self._clock(), record=lambda changed: self._record.decided(event, changed, by, door=door)
        )
        if changed is None:
            raise self._decided(await self._known(id), by)
        if changed.state is ActionState.CONFIRMED:
            self._runs.confirmed(id)
        return changed

    async def cancel(self, id: str, by: Principal) -> Action:
        """Decline a pending action, or ask a running one to stop. Errors: NotFound, Forbidden, Conflict (it is over)."""
        action = await self._known(id)
        if by.key != action.principal.key:
            await self._decides(action, by)
        if not await self._actions.decline(id, by, self._clock(), record=lambda it: self._record.decided("declined", it, by)):
            if not await self._actions.ask_cancel(id):
                raise self._decided(await self._known(id))
            await self._record.decision("cancel_asked", action, by)
            self._runs.cancelled(id)
        return await self._known(id)

    async def shown(self, id: str, place: Place, card: str) -> Action:
        """That message shows the action and will follow it. What needs no confirmation begins now. The action as it is."""
        await self._actions.attach(id, place, card)
        action = await self._known(id)
        if action.state is ActionState.CONFIRMED:
            self._runs.confirmed(id)
        return action

    async def still(self, action: Action, by: Sequence[Principal] = ()) -> tuple[Skill, Arguments]:
        """Is it still what was asked, on what is still the same, and still permitted? The skill and its arguments.

        by: who decides now; else those who did. Errors: NotFound, Conflict, Forbidden.
        """
        from gate.gate import validate

        skill = self._gate.catalogue.get(action.skill)
        arguments = validate(skill, action.arguments)
        targets = await self._targets.again(action.targets) if action.targets else ()
        # What has begun may have changed its targets itself, such as their tags: a resumed run goes on.
        if not action.steps and digest(action.skill, action.arguments, targets) != action.digest:
            raise Conflict(
                "What was to be done has changed since it was asked, so the confirmation no longer counts.",
                remedy="Ask again, and look at the new card.",
            )
        self._authority.insist(action, skill, arguments, targets, by or action.approved)
        return skill, arguments

    async def _decides(self, action: Action, by: Principal) -> None:
        """May they decide at all? Errors: Forbidden."""
        own, person = by.key == action.principal.key, by.kind in ("teams", "user")
        if own != bool(action.approvals) and (own or person):
            return
        await self._record.decision("refused", action, by)
        if own:
            raise Forbidden(
                "You asked for this, so somebody else has to approve it.",
                remedy="Ask a colleague who may do it to press Approve.",
            )
        if action.approvals:
            raise Forbidden("A person has to approve this; a program's key is nobody's.", remedy="Approve it in Teams.")
        raise Forbidden(
            f"Only {action.principal.label}, who asked for this, can decide it.", remedy="Ask for it yourself, if you may do it."
        )

    async def _known(self, id: str) -> Action:
        action = await self._actions.get(id)
        if action is None:
            raise NotFound("There is no such confirmation.", remedy="Ask again, and use the buttons of the new card.")
        return action

    def _decided(self, action: Action, by: Principal | None = None) -> OpsError:
        if action.state is ActionState.EXPIRED or (action.state is ActionState.PENDING and action.expires_at <= self._clock()):
            return Expired("This confirmation has expired.", remedy="Ask again; a new card is good for 15 minutes.")
        if by and action.state is ActionState.PENDING:
            return Conflict("You have approved this already; it waits for somebody else.", unchanged="Nothing was done twice.")
        who = action.decided_by.label if action.decided_by else "Somebody"
        return Conflict(
            f"{who} decided this already; it {_HOW.get(action.state, action.state.value)}.",
            unchanged="Nothing was done a second time.",
            remedy="The card above shows how it went.",
        )
