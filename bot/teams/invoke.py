"""What an invoke is answered with. Source: the Universal Action Model's `adaptiveCard/action` response."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.teams.message import CARD_TYPE, CONTENT_LIMIT, compact, shorten, size
from gate.conversation import Reply
from skills.kit.errors import Conflict, Forbidden, Invalid, NotFound, OpsError, Throttled, Timeout, Unavailable

_MESSAGE_TYPE = "application/vnd.microsoft.activity.message"
_ERROR_TYPE = "application/vnd.microsoft.error"
_STATUS: tuple[tuple[type[OpsError], int], ...] = (
    (Invalid, 400),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Throttled, 429),
    (Unavailable, 503),
    (Timeout, 504),
)


@dataclass(frozen=True)
class Answer:
    """An invoke's answer. body: a plain dict, because botbuilder's own models break when they are serialised a second time.
    reply: what it was made of, for a card that has to be updated later. status: HTTP's."""

    body: dict[str, Any]
    reply: Reply | None = None
    status: int = 200


def shown(reply: Reply) -> Answer:
    """The card that replaces the clicked one. What was refused, or has no card, is words over it: it may be somebody else's."""
    if reply.error is not None and reply.action is None:
        return said(" ".join(filter(None, (reply.error.what, reply.error.unchanged, reply.error.remedy))))
    if reply.card is None:
        return Answer(_body(200, _MESSAGE_TYPE, reply.text), reply)
    fits = size(compact(reply.card)) <= CONTENT_LIMIT
    return Answer(_body(200, CARD_TYPE, reply.card if fits else shorten(reply.card)), reply)


def said(text: str) -> Answer:
    """Words over the card, which stays."""
    return Answer(_body(200, _MESSAGE_TYPE, text))


def failed(error: OpsError) -> Answer:
    """What did not work; the card stays and can be clicked again."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    return refused(status, error.code, " ".join(filter(None, (error.what, error.unchanged, error.remedy))))


def refused(status: int, code: str, message: str, *, http: int = 200) -> Answer:
    """An error in the invoke's own shape. http: 200 even then, or Teams would show a message of its own."""
    return Answer(_body(status, _ERROR_TYPE, {"code": code, "message": message}), status=http)


def _body(status: int, type: str, value: Any) -> dict[str, Any]:
    return {"statusCode": status, "type": type, "value": value}
