"""What goes over the wire for a reply: cards spliced in as they are, nothing longer than Teams takes.

Teams measures a message in UTF-16. A card that is too large is shortened to the parts that fit, and its text follows; text that
is too long is paged on the borders of lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json

from gate.conversation import Place, Reply

HARD_LIMIT = 40 * 1024
"""Bytes of UTF-16 a whole message may have. Source: Teams' bot documentation."""

CONTENT_LIMIT = 28 * 1024
"""Bytes of UTF-16 for a message's card or page of text: what is left is room for names and ids."""

CARD_TYPE = "application/vnd.microsoft.card.adaptive"
SHORTENED = "This card was too large for Teams and is shortened. As text:"
CUT = "… the rest is too long for Teams and was left out."
_PAGES = 10
_NOTIFICATION = 200


@dataclass(frozen=True)
class Message:
    """One message's content. card: JSON text of an Adaptive Card, or empty. summary: what a notification shows."""

    text: str = ""
    card: str = ""
    summary: str = ""

    def payload(self, place: Place) -> bytes:
        """The activity to post, as JSON. The card's text is spliced in, so a card is serialised once."""
        data = place.data
        activity: dict[str, Any] = {"type": "message", "from": data.get("bot"), "conversation": data.get("conversation")}
        if user := data.get("user"):
            activity["recipient"] = user
        if self.text:
            activity |= {"text": self.text, "textFormat": "plain"}  # names and output are data, never markup
        if self.summary:
            activity["summary"] = self.summary
        head = compact(activity)
        if self.card:
            head = (
                f'{head[:-1]},"attachmentLayout":"list","attachments":[{{"contentType":"{CARD_TYPE}","content":{self.card}}}]}}'
            )
        return head.encode()


def compose(reply: Reply) -> list[Message]:
    """The messages a reply needs, in order; nearly always one."""
    if reply.card is None:
        return [Message(text=page) for page in pages(reply.text)]
    card = compact(reply.card)
    summary = reply.text[:_NOTIFICATION]
    if size(card) <= CONTENT_LIMIT:
        return [Message(card=card, summary=summary)]
    first = Message(text=SHORTENED, card=compact(shorten(reply.card)), summary=summary)
    return [first, *(Message(text=page) for page in pages(reply.text))]


def replacement(reply: Reply) -> Message:
    """The one message that replaces another: what does not fit beside a shortened card is left out and that is said."""
    messages = compose(reply)
    if len(messages) == 1:
        return messages[0]
    room = CONTENT_LIMIT if reply.card is None else HARD_LIMIT - CONTENT_LIMIT - 6 * 1024
    note = f"{SHORTENED}\n" if reply.card is not None else ""
    first, *more = pages(reply.text, limit=room - size(note) - size(CUT) - 2)
    cut = f"\n{CUT}" if more else ""
    return Message(text=f"{note}{first}{cut}", card=messages[0].card, summary=messages[0].summary)


def compact(value: Any) -> str:
    """JSON without spaces and with its letters as they are: escapes would count six for one. Five times as fast as `json`."""
    return to_json(value).decode()


def size(text: str) -> int:
    """Bytes in UTF-16."""
    return 2 * (len(text) + sum(character > "\uffff" for character in text)) if not text.isascii() else 2 * len(text)


def shorten(card: dict[str, Any], limit: int = CONTENT_LIMIT) -> dict[str, Any]:
    """The card with the leading parts of its body that fit. Its buttons stay while they fit: a question needs its answer."""
    parts: Sequence[Any] = card.get("body") or ()
    short = {**card, "body": []}
    if size(compact(short)) > limit:
        short.pop("actions", None)
    if size(compact(short)) > limit:
        short = {key: card[key] for key in ("type", "version", "$schema") if key in card} | {"body": []}
    left = limit - size(compact(short))
    for part in parts:
        left -= size(compact(part)) + 2
        if left < 0:
            break
        short["body"].append(part)
    return short


def pages(text: str, limit: int = CONTENT_LIMIT) -> list[str]:
    """The text in pieces of at most `limit` bytes as JSON, cut where a line ends if possible; one to ten, and a note."""
    found: list[str] = []
    for page in _pages(text, limit):
        if len(found) == _PAGES:
            found.append(CUT)
            break
        found.append(page)
    return found or [""]


def _pages(text: str, limit: int) -> Iterator[str]:
    if size(compact(text)) <= limit:  # nearly always
        yield text
        return
    page, used = "", 4  # the quotes
    for line in text.splitlines(keepends=True):
        for piece in _pieces(line, limit):
            cost = size(compact(piece)) - 4
            if used + cost > limit and page.strip():
                yield page.rstrip("\n")
                page, used = "", 4
            page, used = page + piece, used + cost
    if page.strip():
        yield page.rstrip("\n")


def _pieces(line: str, limit: int) -> Iterator[str]:
    """A line, or where it is longer than a page its pieces: a character takes at most 12 bytes as JSON (`\\u001f`)."""
    if size(compact(line)) <= limit:
        yield line
        return
    step = max(limit // 12, 1)
    for start in range(0, len(line), step):
        yield line[start : start + step]
