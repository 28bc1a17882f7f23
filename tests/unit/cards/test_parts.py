"""Text is data, sizes are bounded, words are the same everywhere."""

from __future__ import annotations

import pytest

from cards import parts, words


def test_text_with_markdown_is_rich_text_that_nobody_parses() -> None:
    assert parts.text("plain words")["type"] == "TextBlock"
    literal = parts.text("*stars*", bold=True)
    assert literal == {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": "*stars*", "weight": "Bolder"}]}


def test_output_keeps_its_columns() -> None:
    [block] = parts.code("a    b\n\tc", 100)
    assert block["codeSnippet"] == "a    b\n        c"
    assert block["fallback"]["inlines"][0]["text"] == "a\u00a0\u00a0\u00a0\u00a0b\n" + "\u00a0" * 8 + "c"


def test_long_output_keeps_its_start_and_its_end_and_says_what_is_missing() -> None:
    lines = "".join(f"line {n:04}\n" for n in range(1000)).rstrip()
    block, said = parts.code(lines, 1000)
    snippet = block["codeSnippet"]
    assert snippet.startswith("line 0000\n")
    assert snippet.endswith("\nline 0999")
    left = len(lines) - len(snippet.replace(snippet[snippet.index("\n[...") : snippet.index("...]\n") + 5], ""))
    assert f"[... {left:,} characters left out ...]" in snippet
    assert f"{left:,} between them are not on this card" in said["text"]


@pytest.mark.parametrize("text", ["x" * 5000, '"' * 5000, "🔥" * 5000, "\n" * 5000])
def test_a_limit_counts_what_is_sent(text: str) -> None:
    shown = words.fit_text(text, 1000)
    assert text.startswith(shown)
    assert 400 < parts.size({"x": shown}) // 2 - len('{"x":}') <= 1000


def test_marking_a_demo_is_visible_and_done_once_and_leaves_the_card_as_it_was() -> None:
    card = parts.card([parts.text("x")], summary="x")
    marked = parts.marked_demo(card)
    assert "Demo: simulated AWS" in marked["body"][-1]["text"]
    assert parts.marked_demo(marked) == marked
    assert len(card["body"]) == 1


def test_a_card_that_never_fits_has_its_texts_cut_but_not_its_buttons() -> None:
    button = {"type": "Action.Submit", "title": "Go", "data": {"x": "y" * 300}}

    def render(_: int) -> parts.Card:
        return parts.card([parts.text("x" * 700, limit=700) for _ in range(40)], summary="x", actions=[button])

    made = parts.fitted(render, (1,))
    assert parts.size(made) <= parts.MAX_BYTES - parts.ROOM
    assert made["actions"] == [button]
    assert made["body"][0]["text"].endswith("…")


def test_both_spellings_of_a_header_row_are_there() -> None:
    made = parts.table([("Name", 1, "Left"), ("CPU", 1, "Right")], [])
    assert made["firstRowAsHeaders"] is made["firstRowAsHeader"] is True
    assert made["columns"][1] == {"width": 1, "horizontalCellContentAlignment": "Right"}


def test_colour_repeats_a_word_and_never_stands_alone() -> None:
    assert parts.badge("running") == {"type": "TextBlock", "text": "running", "color": "Good", "weight": "Bolder"}
    assert parts.badge("Failed")["color"] == "Attention"
    assert "color" not in parts.badge("stopped")
