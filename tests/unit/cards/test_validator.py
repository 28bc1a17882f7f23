"""The validator refuses what Teams would not show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cards.parts import badge, card, facts, heading, table, text
from tests.unit.cards.validator import problems


def good() -> dict[str, Any]:
    rows = [[text("web-1"), badge("running")]]
    return card(
        [*heading("Title"), facts([("a", "b")]), table([("Name", 2, "Left"), ("State", 1, "Left")], rows)], summary="Title"
    )


def without_version(made: dict[str, Any]) -> None:
    made["version"] = "1.6"


def unknown_type(made: dict[str, Any]) -> None:
    made["body"].append({"type": "Marquee", "text": "x"})


def unknown_property(made: dict[str, Any]) -> None:
    made["body"][0]["onclick"] = "x"


def wrong_word(made: dict[str, Any]) -> None:
    made["body"][0]["size"] = "Huge"


def wrong_type(made: dict[str, Any]) -> None:
    made["body"][0]["wrap"] = "yes"


def no_fallback(made: dict[str, Any]) -> None:
    made["body"].append({"type": "Chart.Line", "title": "x", "data": []})


def uneven_rows(made: dict[str, Any]) -> None:
    made["body"][2]["rows"][1]["cells"].pop()


def too_large(made: dict[str, Any]) -> None:
    made["body"] += [text("x" * 700) for _ in range(21)]


def too_many_actions(made: dict[str, Any]) -> None:
    made["actions"] = [{"type": "Action.Submit", "title": "x", "data": {}}] * 6


def button_without_words(made: dict[str, Any]) -> None:
    made["actions"] = [{"type": "Action.Submit", "title": " ", "data": {}}]


def no_summary(made: dict[str, Any]) -> None:
    del made["fallbackText"]


def empty_container(made: dict[str, Any]) -> None:
    made["body"].append({"type": "Container", "items": []})


def link(made: dict[str, Any]) -> None:
    made["actions"] = [{"type": "Action.OpenUrl", "title": "x", "url": "https://evil.example"}]


SPOILT = [
    without_version,
    unknown_type,
    unknown_property,
    wrong_word,
    wrong_type,
    no_fallback,
    uneven_rows,
    too_large,
    too_many_actions,
    button_without_words,
    no_summary,
    empty_container,
    link,
]


def test_a_good_card_has_no_problems() -> None:
    assert problems(good()) == []


@pytest.mark.parametrize("spoil", SPOILT)
def test_a_spoilt_card_has_problems(spoil: Callable[[dict[str, Any]], None]) -> None:
    made = good()
    spoil(made)
    assert problems(made)
