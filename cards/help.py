"""What can be done here: phrases to say, and buttons for what can be pressed at once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cards import buttons
from cards.answers import STARTERS
from cards.parts import Card, Element, card, facts, fitted, heading, more, note, section, text
from cards.words import NAME, plain

if TYPE_CHECKING:
    from skills.help.models import HelpEntry, HelpGroup, HelpOverview


def overview(result: HelpOverview) -> Card:
    """The skills the caller may use, by noun; with a topic, each with all its phrases and what it means."""
    same: Any = result  # frozen and thus hashable, which the type checker does not see
    return _overview(same)


@lru_cache(maxsize=256)  # the same for everybody who may do the same
def _overview(result: HelpOverview) -> Card:
    entries = [entry for group in result.groups for entry in group.skills]
    narrow = bool(result.topic) and result.matched
    missed = bool(result.topic) and not result.matched
    topic = plain(result.topic, NAME)

    def render(limit: int) -> Card:
        body = [
            *heading(f"Help: {topic}" if narrow else "What I can do for you", "Say it in your own words; these are examples."),
            *([text(f"Nothing is called {topic}; this is everything.", color="Warning")] if missed else []),
            *(element for group in result.groups[:limit] for element in _group(group, limit, narrow=narrow)),
            *more(len(result.groups) - limit, "group"),
            *([] if entries else [text("Your permissions allow nothing here. Ask whoever runs this service.")]),
            note("What changes something asks you first."),
        ]
        said = "; ".join(entry.examples[0] for entry in entries[:8] if entry.examples)
        return card(
            body,
            summary=f"I can do {len(entries)} things here, for instance: {said}",
            actions=_pressed(entries, result),
            wide=True,
        )

    return fitted(render, (20, 10, 5, 3))


def _group(group: HelpGroup, limit: int, *, narrow: bool) -> list[Element]:
    if not narrow:
        return [
            section(group.noun.capitalize()),
            facts([_line(entry) for entry in group.skills[:limit]], limit=160),
            *more(len(group.skills) - limit, "skill"),
        ]
    return [element for entry in group.skills[:limit] for element in _whole(entry)]


def _line(entry: HelpEntry) -> tuple[str, str]:
    return entry.examples[0] if entry.examples else entry.name, _meaning(entry)


def _meaning(entry: HelpEntry) -> str:
    return f"{plain(entry.summary)} Asks first." if entry.confirmed else entry.summary


def _whole(entry: HelpEntry) -> list[Element]:
    phrases = [text(f"“{plain(example)}”", subtle=True, tight=True, limit=160) for example in entry.examples[:8]]
    return [
        section(entry.name),
        text(_meaning(entry), limit=300),
        *([note(entry.consequences)] if entry.consequences else []),
        *phrases,
    ]


def _pressed(entries: list[HelpEntry], result: HelpOverview) -> list[Element]:
    """Only what the caller may do is a button."""
    allowed = {entry.name for entry in entries}
    pressed = [
        buttons.run(one.title, one.skill, one.arguments) for one in STARTERS if one.skill in allowed and one.skill != "help"
    ]
    return [*pressed, buttons.ask("Everything", "help")] if result.topic else pressed
