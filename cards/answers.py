"""What is said when there is no result: an error, a name that could mean several things, words nobody understood, a welcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cards import buttons
from cards.parts import MAX_ACTIONS, Card, Element, card, code, facts, fitted, heading, more, note, section, stack, text
from cards.words import LINE, NAME, PARAGRAPH, plain

if TYPE_CHECKING:
    from skills.kit.errors import Ambiguous, Candidate, OpsError


class Suggestion(NamedTuple):
    """Something the person may have meant: the button's title, and what it asks for."""

    title: str
    skill: str
    arguments: dict[str, Any]


STARTERS = (
    Suggestion("List instances", "instances.list", {}),
    Suggestion("Check health", "instances.health", {}),
    Suggestion("What it costs", "costs.summary", {}),
    Suggestion("What can you do?", "help", {}),
)
"""What a newcomer can press; each only reads."""


def error(error: OpsError, correlation: str = "") -> Card:
    """What happened, what did not, what to do next; then, small, what an engineer needs. correlation: finds it in the logs."""
    pairs = [
        ("What did not happen", error.unchanged),
        ("Missing permission", str(getattr(error, "missing", ""))),
        ("What to do next", error.remedy),
    ]

    def render(limit: int) -> Card:
        body = [
            *heading(error.title, color="Attention"),
            text(error.what),
            facts(pairs, limit),
            *technical(error.details, error.code, correlation),
        ]
        return card(body, summary=" ".join(part for part in (error.what, error.unchanged, error.remedy) if part))

    return fitted(render, (PARAGRAPH, 300))


def ambiguous(error: Ambiguous, skill: str, arguments: Mapping[str, Any]) -> Card:
    """Did you mean: a button per candidate asks the same again, with the candidate's id where the words were."""
    twice = {name for name in (one.name for one in error.candidates) if sum(name == one.name for one in error.candidates) > 1}

    def title(name: str, id: str) -> str:
        return f"{plain(name, 40)} ({plain(id, 24)})" if name in twice or not name else name

    def render(limit: int) -> Card:
        offered = error.candidates[:limit]
        body = [
            *heading(error.title, error.what),
            *(_candidate(one) for one in listed),
            *more(len(error.candidates) - len(listed), "candidate"),
            note(error.remedy),
        ]
        choose = [
            buttons.run(title(one.name, one.id), skill, _replaced(arguments, error.field, error.said, one.id)) for one in offered
        ]
        return card(body, summary=f"{error.what} {error.remedy}", actions=choose)

    listed = error.candidates[:10]
    return fitted(render, (MAX_ACTIONS, 3, 0))


def _candidate(one: Candidate) -> Element:
    """Its name, its id once, and what else tells it from the others."""
    named = bool(one.name) and one.name != one.id
    hints = [part for part in one.hint.split(" · ") if part and part != one.id]
    apart = " · ".join([one.id, *hints] if named else hints)
    return stack(
        text(one.name or one.id, bold=True, limit=NAME),
        *([text(apart, size="Small", subtle=True, tight=True, limit=LINE)] if apart else []),
    )


def _replaced(arguments: Mapping[str, Any], field: str, said: str, id: str) -> dict[str, Any]:
    """The arguments with `id` in place of the words; in a list, only those words are replaced."""
    value = arguments.get(field)
    if isinstance(value, list | tuple):
        kept = [id if item == said else item for item in value]  # pyright: ignore[reportUnknownVariableType] - JSON from a person
        return {**arguments, field: kept if id in kept else [*kept, id]}
    return {**arguments, field: id}


def unknown(words: str, suggestions: Sequence[Suggestion | str] = ()) -> Card:
    """Words nobody understood. suggestions: as buttons, or as phrases to say."""
    phrases = [one for one in suggestions if isinstance(one, str)]
    meant = [one for one in suggestions if not isinstance(one, str)]
    body = [
        *heading("I did not understand that"),
        text(
            f"You said: {plain(words)}. Nothing was done." if words.strip() else "There were no words in that. Nothing was done."
        ),
        *([section("Did you mean"), *(text(phrase, tight=True, limit=NAME * 2) for phrase in phrases[:6])] if phrases else []),
        note("Say it another way, or press a button."),
    ]
    pressed = [
        *meant[: MAX_ACTIONS - 1],
        *([] if any(one.skill == "help" for one in meant[: MAX_ACTIONS - 1]) else [STARTERS[-1]]),
    ]
    said = ", ".join(one if isinstance(one, str) else one.title for one in suggestions[:6])
    return card(
        body,
        summary=plain(
            f"I did not understand that. {f'Did you mean: {said}?' if said else 'Say help to see what I can do.'}", PARAGRAPH
        ),
        actions=[buttons.run(one.title[:1].upper() + one.title[1:], one.skill, one.arguments) for one in pressed],
    )


def welcome() -> Card:
    """The first thing anybody sees."""
    body = [
        *heading("Ops Copilot", "Your servers, from chat."),
        text("Say in your own words what you want to see or do, or start with a button."),
        facts(
            [
                ("Look", "list instances · check health of web-server-01 · costs this month"),
                ("Act", "stop web-server-01 · run uptime on web-server-01"),
            ]
        ),
        note("Nothing is changed before a person presses Confirm, and everything is recorded."),
    ]
    return card(
        body,
        summary="Ops Copilot: say what you want to see or do, or say help.",
        actions=[buttons.run(one.title, one.skill, one.arguments) for one in STARTERS],
    )


def technical(details: str, code_word: str, correlation: str = "") -> list[Element]:
    """What an engineer or a bug report needs, small and last."""
    reference = " · ".join(part for part in (code_word, f"reference {plain(correlation, NAME)}" if correlation else "") if part)
    return [*(code(details, 1500) if details.strip() else []), note(reference)]
