"""What a command printed, in parts that fit a card: no character of it is out of reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cards.parts import Element, code, note, section
from cards.words import clean, fit_text

if TYPE_CHECKING:
    from skills.commands.models import CommandOutcome

PART = 4500
"""Units of UTF-16 of a part: it is on the card twice, as a code block and as what other clients show."""


class Part(NamedTuple):
    """Some of what was printed. before, whole: characters before it, and of all there is on its page."""

    title: str
    text: str
    before: int
    whole: int


def parts(one: CommandOutcome) -> list[Part]:
    """Page `one.page` of the output, then the errors; never empty."""
    # Where output has several pages, the last of them are the errors.
    streams = [("Output", one.output), ("Errors", one.errors if one.pages == 1 else "")]
    return [part for title, value in streams for part in _split(title, value)] or [Part("Output", "", 0, 0)]


def _split(title: str, value: str) -> list[Part]:
    text = clean(value).expandtabs(8).rstrip()
    found: list[Part] = []
    start = 0
    while start < len(text):
        piece = fit_text(text[start : start + PART], PART)
        found.append(Part(title, piece, start, len(text)))
        start += len(piece)
        start += text[start : start + 1] == "\n"
    return found


def part_of(one: CommandOutcome, number: int) -> list[Element]:
    """One part whole, and where it is in all of it."""
    shown = parts(one)[number - 1]
    page = f", page {one.page} of {one.pages}" if one.pages > 1 else ""
    where = f"Characters {shown.before + 1:,} to {shown.before + len(shown.text):,} of {shown.whole:,}{page}."
    return [section(shown.title), *code(shown.text, PART * 2), note(where if shown.text else "It printed nothing.")]


def overview(one: CommandOutcome, limit: int) -> tuple[list[Element], bool]:
    """Output and errors, each with what the other does not need of `limit`; and whether that is all there is."""
    share = limit // 2 if one.output and one.errors else limit
    page = f" (page {one.page} of {one.pages})" if one.pages > 1 else ""
    out = code(one.output, max(share, limit - len(one.errors))) if one.output else []
    wrong = code(one.errors, max(share, limit - len(one.output))) if one.errors else []
    elements = [*([section(f"Output{page}"), *out] if out else []), *([section("Errors"), *wrong] if wrong else [])]
    if not elements and one.status and one.status.final:
        elements.append(note("It printed nothing."))
    return elements, one.pages == 1 and len(out) < 2 and len(wrong) < 2
