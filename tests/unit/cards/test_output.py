"""Every character a command printed can be reached from its card, by its buttons alone."""

from __future__ import annotations

from typing import Any

import pytest

from cards import commands
from cards.parts import MAX_BYTES, ROOM, size
from skills.commands.models import CommandOutcome
from tests.unit.cards import samples
from tests.unit.cards.validator import elements, problems


def shown(one: CommandOutcome, part: int | None) -> dict[str, Any]:
    card = commands.status(samples.report(one).model_copy(update={"part": part}))
    assert problems(card) == []
    assert size(card) <= MAX_BYTES - ROOM
    return card


def walked(one: CommandOutcome) -> list[str]:
    """The code blocks met on the way from the first card by pressing its first button until there is no next."""
    asked = {button["title"]: button["data"]["run"]["arguments"] for button in shown(one, None)["actions"]}
    found: list[str] = []
    turn = asked.get("Show all of it")
    while turn is not None:
        card = shown(one, turn["part"])
        found += [element["codeSnippet"] for element in elements(card) if element["type"] == "CodeBlock"]
        turn = {b["title"]: b["data"]["run"]["arguments"] for b in card.get("actions", ())}.get("Next")
    return found


@pytest.mark.parametrize(
    "output",
    [
        "".join(f"line {number} of the log\n" for number in range(1200))[:24_000],
        "x" * 24_000,
        '"quoted"\\' * 2400,
        "\u00e4\U0001f600" * 8000,
        "\n" * 12_000 + "end",
    ],
)
def test_the_parts_together_are_all_of_it(output: str) -> None:
    pieces = walked(samples.outcome(output=output))
    assert len(pieces) > 1
    assert "".join(pieces).replace("\n", "").replace(" ", "") == output.replace("\n", "").replace(" ", "")


def test_errors_follow_the_output() -> None:
    pieces = walked(samples.outcome(output="o" * 6000, errors="e" * 6000, ok=False))
    assert "".join(pieces) == "o" * 6000 + "e" * 6000


def test_what_fits_is_shown_at_once_and_needs_no_button() -> None:
    card = shown(samples.outcome(output="a few\nlines\n"), None)
    assert "actions" not in card


def test_a_part_says_where_it_is_and_leads_both_ways() -> None:
    card = shown(samples.outcome(output="x" * 24_000), 2)
    assert [button["title"] for button in card["actions"]] == ["Next", "Previous"]
    assert any(str(element.get("text", "")).startswith("Characters ") for element in elements(card))


def test_a_part_beyond_the_last_is_the_last() -> None:
    card = shown(samples.outcome(output="x" * 24_000 + "!"), commands.LAST)
    assert [button["title"] for button in card["actions"]] == ["Previous"]
