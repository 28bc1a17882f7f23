"""A turn: what a person said or clicked, to what they get back. Knows no chat service's SDK."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.follower import Follower
from bot.presentation import Presentation
from bot.recollection import Recollection
from bot.routing.router import Clarify, NotUnderstood, Route, Router
from gate.action import Action, ActionState
from gate.call import Call, Completed, NeedsConfirmation
from gate.conversation import Inbound, Messenger, Reply
from gate.gate import Gate
from gate.run import unexpected
from skills.kit.errors import Invalid, OpsError

log = structlog.get_logger()

LONGEST = 4000
"""How many characters of a message are read."""


class Pressed(BaseModel):
    """What a button of a card asks for: a skill, as if the person had said it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    skill: str
    arguments: dict[str, Any] = {}


class Turn:
    """Route, pass the gate, reply. Every message gets exactly one reply, whatever happens."""

    def __init__(
        self, gate: Gate, router: Router, presentation: Presentation, follower: Follower, recollection: Recollection
    ) -> None:
        self._gate, self._router, self._presentation = gate, router, presentation
        self._follower, self._recollection = follower, recollection

    async def message(self, inbound: Inbound, messenger: Messenger) -> None:
        """Answer a message, in words or from a button that asks for something."""
        if "action" in inbound.value:
            await self._replace(inbound, await self.click(inbound), messenger)
            return
        early = _Early(inbound, messenger)
        reply = await self._safely(inbound, lambda: self._answer(inbound, early, messenger))
        shown = await early.finish(reply)
        if reply.action is not None:
            await self._gate.confirmations.shown(reply.action.id, inbound.place, shown)
        if early.recorded is not None:
            await early.recorded  # nobody waits for their answer until its audit row is kept, but the turn does

    async def click(self, inbound: Inbound) -> Reply:
        """Carry out a decision (`confirm_ID`, `cancel_ID`); the reply replaces the card, at once."""
        return await self._safely(inbound, lambda: self._decide(inbound))

    async def welcome(self, inbound: Inbound, messenger: Messenger) -> None:
        """Greet somebody new."""
        await messenger.send(inbound.place, self._presentation.welcome())

    async def result(self, action_id: str, seconds: float) -> Reply | None:
        """The final card of an action, waited for so long."""
        return await self._follower.final(action_id, seconds)

    async def _answer(self, inbound: Inbound, early: _Early, messenger: Messenger) -> Reply:
        call = await self._understand(inbound, early)
        if isinstance(call, Reply):
            return call
        try:
            outcome = await self._gate.dispatch(call)
        except OpsError as error:
            return self._presentation.error(error, call.correlation, call)
        match outcome:
            case Completed(skill, result, recorded):
                early.recorded = recorded
                await self._recollection.answered(inbound, result)
                return self._presentation.result(skill, result)
            case NeedsConfirmation(_, action):
                await self._recollection.asked(inbound, action)
                return self._presentation.action(action)
            case _:
                return self._presentation.action(outcome.action)

    async def _understand(self, inbound: Inbound, early: _Early) -> Call | Reply:
        """The call that is meant, or the reply that says why there is none."""
        if "run" in inbound.value:
            pressed = _pressed(inbound.value["run"])
            return self._call(inbound, early, pressed.skill, pressed.arguments, "button")
        words = inbound.text.strip()
        if len(words) > LONGEST:
            raise Invalid(f"That message is too long for me: {len(words)} characters.", remedy=f"Say it in {LONGEST} or fewer.")
        if not words:
            return self._presentation.welcome()
        context = await self._recollection.context(inbound, self._gate.caller(inbound.principal))
        match await self._router.route(words, context):
            case Route(skill=skill, arguments=arguments, source=source):
                return self._call(inbound, early, skill, arguments, source)
            case Clarify(question=question):
                return self._presentation.error(Invalid(question, remedy="Say it again with its name."), inbound.correlation)
            case NotUnderstood(suggestions=suggestions, degraded=degraded):
                why = "I did not understand that." + (
                    " The model that helps me understand does not answer now." if degraded else ""
                )
                return self._presentation.unknown(words, suggestions, Invalid(why))

    def _call(self, inbound: Inbound, early: _Early, skill: str, arguments: dict[str, Any], route: str) -> Call:
        return Call(
            skill=skill,
            arguments=arguments,
            principal=inbound.principal,
            correlation=inbound.correlation,
            place=inbound.place,
            words=inbound.text,
            route=route,
            on_partial=lambda skill, result: early.show(self._presentation.result(skill, result)),
        )

    async def _decide(self, inbound: Inbound) -> Reply:
        verb, _, id = str(inbound.value.get("action", "")).partition("_")
        if verb == "confirm" and id:
            card = inbound.card
            typed = str(inbound.value.get("typed") or "")
            place = inbound.place if card else None
            action = await self._gate.confirmations.confirm(id, inbound.principal, place=place, card=card, typed=typed)
            if action.state is ActionState.PENDING or inbound.principal.key != action.principal.key:
                await self._follower.changed(action)  # the click may not have been on the card that follows it
        elif verb == "cancel" and id:
            action = await self._gate.confirmations.cancel(id, inbound.principal)
            await self._tell(action)
        else:
            raise Invalid("That button means nothing to me.", remedy="Ask again, and use the buttons of the new card.")
        return self._presentation.action(action)

    async def _tell(self, action: Action) -> None:
        if action.state.final:
            await self._follower.changed(action)

    async def _replace(self, inbound: Inbound, reply: Reply, messenger: Messenger) -> None:
        """A decision that came as a message: its card is replaced where it is known; what failed is said anew."""
        if inbound.card and reply.error is None:
            await messenger.update(inbound.place, inbound.card, reply)
        else:
            await messenger.send(inbound.place, reply)

    async def _safely(self, inbound: Inbound, work: Callable[[], Awaitable[Reply]]) -> Reply:
        try:
            return await work()
        except OpsError as error:
            return self._presentation.error(error, inbound.correlation)
        except Exception:
            log.exception("turn_failed")
            return self._presentation.error(unexpected(inbound.correlation, began=False), inbound.correlation)


class _Early:
    """The one message a turn sends: perhaps early with what is known so far, then replaced by the final reply."""

    def __init__(self, inbound: Inbound, messenger: Messenger) -> None:
        self._place, self._messenger = inbound.place, messenger
        self._message = ""
        self.recorded: Awaitable[None] | None = None

    async def show(self, reply: Reply) -> None:
        """Show this until the final one comes."""
        if self._message:
            await self._messenger.update(self._place, self._message, reply)
        else:
            self._message = await self._messenger.send(self._place, reply)

    async def finish(self, reply: Reply) -> str:
        """Show the final reply; the message it is in."""
        await self.show(reply)
        return self._message


def _pressed(value: Any) -> Pressed:
    try:
        return Pressed.model_validate(value)
    except ValidationError:
        raise Invalid("That button means nothing to me.", remedy="Ask again, and use the buttons of the new card.") from None
