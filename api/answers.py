"""What the bot replied, as one answer to a program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from api.errors import Problem, failed, problem
from gate.action import Action, ActionState
from gate.conversation import Messenger, Place, Reply

CARD = "application/vnd.microsoft.card.adaptive"


@dataclass(frozen=True)
class Answer:
    """status: `success`, `pending` or `error`. code: HTTP. problem: only with `error`; data: only without."""

    status: str
    code: int
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    problem: Problem | None = None


class Heard:
    """A messenger that hands everything on and remembers how each message of this turn ended up."""

    def __init__(self, door: Messenger) -> None:
        self._door = door
        self.replies: dict[str, Reply] = {}

    async def send(self, place: Place, reply: Reply) -> str:
        """See `Messenger`."""
        message = await self._door.send(place, reply)
        self.replies[message] = reply
        return message

    async def update(self, place: Place, message: str, reply: Reply) -> None:
        """See `Messenger`."""
        await self._door.update(place, message, reply)
        self.replies[message] = reply

    async def typing(self, place: Place) -> None:
        """See `Messenger`."""
        await self._door.typing(place)


def answer(replies: Sequence[Reply]) -> Answer:
    """One answer for all replies of a turn: the last one decides, the cards of all are there in their order."""
    last = replies[-1]
    if found := _problem(last):
        return Answer("error", found.status, problem=found)
    typed: dict[str, Any] = {}
    for reply in replies:
        typed |= _typed(reply)
    data = {
        **typed,
        "message": "\n\n".join(reply.text for reply in replies if reply.text),
        "attachments": attachments(*(reply.card for reply in replies)),
        "actions": _choices(last.action),
    }
    if last.action:
        data["actionId"] = last.action.id
    state = last.action.state if last.action else None
    if state is ActionState.PENDING:
        return Answer("pending", 200, data)
    # Accepted and under way: neither a question any more nor a result yet.
    if state in (ActionState.CONFIRMED, ActionState.RUNNING):
        return Answer("pending", 202, data)
    return Answer("success", 200, data)


def attachments(*cards: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Cards as attachments, the way an activity carries them."""
    return [{"contentType": CARD, "content": card} for card in cards if card is not None]


def _problem(reply: Reply) -> Problem | None:
    action = reply.action
    if action and action.failure:  # it knows more than an error made from it for the card
        return failed(action.failure)
    if reply.error:
        return problem(reply.error)
    if action is None:
        return None
    if action.state is ActionState.EXPIRED:
        return Problem(409, "VALIDATION_ERROR", "This confirmation was not given in time.", "Ask again.")
    if action.state is ActionState.STOPPED:
        return Problem(409, "CANCELLED", "The action was cancelled while it ran.", reply.text)
    return None


def _typed(reply: Reply) -> dict[str, Any]:
    if reply.result is not None:
        return reply.result.model_dump(mode="json", by_alias=True)
    return dict(reply.action.result) if reply.action and reply.action.result else {}


def _choices(action: Action | None) -> list[dict[str, str]]:
    if action is None or action.state is not ActionState.PENDING:
        return []
    return [
        {"type": "confirm", "label": "Yes, proceed", "action": f"confirm_{action.id}"},
        {"type": "cancel", "label": "Cancel", "action": f"cancel_{action.id}"},
    ]
