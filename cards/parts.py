"""What every card is made of. Each builder takes data and returns Adaptive Card JSON.

Every string given to a builder is data: control characters go, length is bounded, Markdown means nothing. There is no way to pass
markup, so text from outside can neither format, link nor mention. Emphasis is a property of a block, never of its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, TypeVar

from cards.words import LINE, NAME, PARAGRAPH, acts, clean, fit_text, plain, safe, units

# Whoever writes a skill's card imports what it is made of from here, its words included.
from cards.words import count as count
from cards.words import lasting as lasting
from cards.words import percent as percent
from cards.words import when as when

Element = dict[str, Any]
Card = dict[str, Any]
T = TypeVar("T")
Color = Literal["Default", "Accent", "Good", "Warning", "Attention"]
Align = Literal["Left", "Center", "Right"]
Head = tuple[str, int, Align]
"""A column of a table: its title, its share of the width, how its cells are aligned."""

Box = Literal["emphasis", "good", "warning", "attention", "accent"]

SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
VERSION = "1.5"
"""The newest version that Teams on desktop and mobile and the `adaptivecards` renderer all show."""

MAX_BYTES = 28 * 1024
"""The largest card Teams takes, as UTF-16."""

MAX_ACTIONS = 5
"""Teams shows six buttons, the `adaptivecards` renderer five; what is beyond is not shown at all."""

ROOM = 1024
"""Left free of MAX_BYTES for what is added after a view is done, such as the demo mark."""

DEMO = "Demo: simulated AWS. Nothing here is real."

_SHORT = 8
"""Characters that never need a second line."""

_WRAPPED: tuple[Element, Element] = ({}, {"wrap": True})

_MEANING: dict[str, Color] = {
    **dict.fromkeys(("running", "healthy", "done", "succeeded", "success", "ok", "online"), "Good"),
    **dict.fromkeys(("pending", "stopping", "starting", "waiting", "in progress", "confirmed", "warning", "unknown"), "Warning"),
    **dict.fromkeys(("initializing", "insufficient-data", "expired", "cancelled"), "Warning"),
    **dict.fromkeys(("critical", "failed", "impaired", "timed out", "undeliverable", "not sent", "offline"), "Attention"),
}


def text(
    value: str,
    *,
    color: Color = "Default",
    size: Literal["Small", "Default", "Medium", "Large", "ExtraLarge"] = "Default",
    bold: bool = False,
    subtle: bool = False,
    tight: bool = False,
    limit: int = PARAGRAPH,
) -> Element:
    """A block of text, wrapped. tight: close to the block before. limit: in characters.

    Text with Markdown in it becomes rich text, which no client parses: phones show the backslashes of escapes.
    """
    shown = plain(value, limit) or " "
    look: Element = {"text": shown}
    if color != "Default":
        look["color"] = color
    if size != "Default":
        look["size"] = size
    if bold:
        look["weight"] = "Bolder"
    if subtle:
        look["isSubtle"] = True
    literal = acts(shown)
    block: Element = (
        {"type": "RichTextBlock", "inlines": [{"type": "TextRun", **look}]}
        if literal
        else {"type": "TextBlock", **look, **_WRAPPED[len(shown) > _SHORT]}
    )
    return {**block, "spacing": "None"} if tight else block


def heading(title: str, subtitle: str = "", *, color: Color = "Default") -> list[Element]:
    """What the card is about, marked as a heading for screen readers, and a line below it."""
    first = {"type": "TextBlock", "text": safe(title) or " ", "size": "Large", "weight": "Bolder", "color": color, "wrap": True}
    found = [{**first, "style": "heading"}]
    return [*found, text(subtitle, subtle=True, tight=True)] if subtitle else found


def section(title: str) -> Element:
    """The title of a part of a card."""
    return {**text(title, bold=True, limit=LINE), "spacing": "Medium"}


def note(value: str) -> Element:
    """Something small that qualifies what is above it, such as what was left out and why."""
    return text(value, size="Small", subtle=True, limit=PARAGRAPH)


def facts(pairs: Iterable[tuple[str, str]], limit: int = PARAGRAPH) -> Element:
    """Names and values in two columns; a pair without a value is left out."""
    shown = [{"title": safe(name, NAME), "value": safe(value, limit)} for name, value in pairs if value.strip()]
    return {"type": "FactSet", "facts": shown}


def badge(word: str, *, size: Literal["Small", "Default", "Medium"] = "Default") -> Element:
    """How something stands: its word, and a colour that repeats what the word says."""
    return text(word, color=colour(word), size=size, bold=True, limit=NAME)


def colour(word: str) -> Color:
    """The colour that repeats what a word of standing says."""
    return _MEANING.get(word.lower(), "Default")


def stack(*items: Element, style: Box | None = None) -> Element:
    """Elements below each other as one; style: a coloured box, never the only sign of what it means."""
    container: Element = {"type": "Container", "items": list(items)}
    return {**container, "style": style} if style else container


def columns(*parts: Sequence[Element], widths: Sequence[str | int] = ()) -> Element:
    """Elements beside each other. widths: `auto`, `stretch` or a weight for each; all stretch when not given."""
    chosen = [*widths, *["stretch"] * (len(parts) - len(widths))]
    return {
        "type": "ColumnSet",
        "columns": [{"type": "Column", "width": width, "items": list(items)} for width, items in zip(chosen, parts, strict=True)],
    }


def table(head: Sequence[Head], rows: Iterable[Sequence[Element | Sequence[Element]]]) -> Element:
    """A table with a header row; a cell is an element or several."""
    titles = [text(title, bold=True, size="Small", limit=NAME) for title, _, _ in head]
    return {
        "type": "Table",
        "columns": [
            {"width": weight, **({"horizontalCellContentAlignment": align} if align != "Left" else {})}
            for _, weight, align in head
        ],
        # The renderer and Teams read the first, the published schema has the second.
        "firstRowAsHeaders": True,
        "firstRowAsHeader": True,
        "showGridLines": False,
        "rows": [_row(cells) for cells in (titles, *rows)],
    }


def _row(cells: Sequence[Element | Sequence[Element]]) -> Element:
    items = [[cell] if isinstance(cell, dict) else list(cell) for cell in cells]
    return {"type": "TableRow", "cells": [{"type": "TableCell", "items": item} for item in items]}


def code(value: str, limit: int) -> list[Element]:
    """Text in a fixed-width font with its lines and columns as they were. Beyond `limit` units of UTF-16 its middle is left out.

    Teams shows a code block to copy from; other clients show the same text in a monospaced block.
    """
    whole = clean(value).expandtabs(8).rstrip()
    shown = fit_text(whole, limit)
    if shown == whole:
        return [_block(whole)]
    start = fit_text(whole, limit // 2)
    end = fit_text(whole[: -limit - 1 : -1], limit // 2)[::-1]
    left = len(whole) - len(start) - len(end)
    return [
        _block(f"{start}\n[... {left:,} characters left out ...]\n{end}"),
        note(f"The start and the end of {len(whole):,} characters; {left:,} between them are not on this card."),
    ]


def _block(value: str) -> Element:
    return {"type": "CodeBlock", "codeSnippet": value or " ", "language": "PlainText", "fallback": monospaced(value)}


def monospaced(value: str) -> Element:
    """Text as it is, in a fixed-width font. Renderers collapse runs of blanks, which would lose the columns of a table."""
    aligned = value.replace("  ", "\u00a0\u00a0") or " "
    return {
        "type": "RichTextBlock",
        "inlines": [{"type": "TextRun", "text": aligned, "fontType": "Monospace", "size": "Small"}],
    }


def card(body: Sequence[Element], *, summary: str, actions: Sequence[Element] = (), wide: bool = False) -> Card:
    """A card. summary: for clients that show no card. actions: the first MAX_ACTIONS. wide: as wide as Teams allows."""
    made: Card = {
        "type": "AdaptiveCard",
        "$schema": SCHEMA,
        "version": VERSION,
        "fallbackText": plain(summary, PARAGRAPH) or "See the card.",
    }
    if wide:
        made["msteams"] = {"width": "Full"}
    made["body"] = list(body)
    if actions:
        made["actions"] = list(actions[:MAX_ACTIONS])
    return made


def marked_demo(card: Card) -> Card:
    """The same card with a line that says that it shows simulated AWS; marking twice is marking once.

    Bold in the text's own colour: renderers' yellow is too pale to read on white.
    """
    mark = {**text(DEMO, size="Small", bold=True), "id": "demo", "separator": True}
    return card if any(part.get("id") == "demo" for part in card["body"]) else {**card, "body": [*card["body"], mark]}


def fitted(render: Callable[[T], Card], levels: Sequence[T]) -> Card:
    """The first of `render(level)` that fits a message, levels going down; when none does, the last one with its texts cut."""
    made = render(levels[0])
    for level in levels[1:]:
        if size(made) <= MAX_BYTES - ROOM:
            return made
        made = render(level)
    for longest in (200, 100, 64):
        if size(made) <= MAX_BYTES - ROOM:
            break
        made = _squeezed(made, longest)
    return made


def _squeezed(node: Any, longest: int) -> Any:
    """The same card with no text longer than `longest`; what buttons carry stays whole."""
    match node:
        case str():
            return node if len(node) <= longest else f"{node[:longest].rstrip(chr(92))}…"
        case list():
            return [_squeezed(one, longest) for one in node]  # pyright: ignore[reportUnknownVariableType] - JSON
        case dict() if str(node.get("type", "")).startswith("Action."):  # pyright: ignore[reportUnknownMemberType] - JSON
            return node  # pyright: ignore[reportUnknownVariableType] - JSON
        case dict():
            return {key: _squeezed(value, longest) for key, value in node.items()}  # pyright: ignore[reportUnknownVariableType] - JSON
        case _:
            return node


def size(card: Card) -> int:
    """Its size in a message, in bytes of UTF-16."""
    return 2 * units(card)


def more(left: int, noun: str) -> list[Element]:
    """A note about what is not shown; nothing when nothing is left."""
    return [note(f"And {left:,} more {noun if left == 1 else noun + 's'}.")] if left > 0 else []
