"""Text is data, sizes are bounded, words are the same everywhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from cards import parts


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("web-server-01", "web-server-01"),
        ("snake_case_name", "snake_case_name"),
        ("10.0.1.45", "10.0.1.45"),
        ("2 * 3", "2 \\* 3"),
        ("[x](y)", "\\[x\\](y)"),
        ("<at>Ana</at>", "\\<at>Ana\\</at>"),
        ("- item", "\\- item"),
        ("12. twelve", "12\\. twelve"),
        ("_x_", "\\_x\\_"),
        ("a &amp; b", "a \\&amp; b"),
        ("{{DATE(2026-11-22T00:00:00Z)}}", "{ {DATE(2026-11-22T00:00:00Z)}}"),
        ("two\nlines\x07", "two lines"),
    ],
)
def test_only_what_would_act_is_escaped(said: str, shown: str) -> None:
    assert parts.safe(said) == shown


def test_text_with_markdown_is_rich_text_that_nobody_parses() -> None:
    assert parts.text("plain words")["type"] == "TextBlock"
    literal = parts.text("*stars*", bold=True)
    assert literal == {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": "*stars*", "weight": "Bolder"}]}


def test_terminal_sequences_and_direction_marks_are_taken_out() -> None:
    assert parts.clean("\x1b[31mred\x1b[0m \x1b]0;title\x07\u202ereversed") == "red reversed"


def test_broken_surrogates_are_replaced() -> None:
    assert parts.clean("a\ud800b") == "a\ufffdb"


def test_what_is_revealed_hides_nothing() -> None:
    assert parts.revealed("ls \x1b]0;rm -rf /\x07\u200b\u00a0\u202e") == "ls \\x1b]0;rm -rf /\\x07\\u200b\\xa0\\u202e"
    assert parts.revealed("one\ntwo é 日本") == "one\ntwo é 日本"


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
    shown = parts.fit_text(text, 1000)
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


def test_times_are_the_same_words_for_everyone() -> None:
    there = datetime(2026, 11, 22, 5, 4, tzinfo=timezone(timedelta(hours=2)))
    assert parts.when(there) == "22 Nov 03:04 UTC"
    assert parts.clock(there) == "03:04 UTC"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (45, "45 s"),
        (200, "3 min 20 s"),
        (3600, "1 h"),
        (3605, "1 h"),
        (187200, "2 d 4 h"),
        (-5, "0 s"),
        (59.7, "1 min"),
    ],
)
def test_a_length_of_time_has_its_two_largest_units(seconds: float, words: str) -> None:
    assert parts.lasting(timedelta(seconds=seconds)) == words


def test_colour_repeats_a_word_and_never_stands_alone() -> None:
    assert parts.badge("running") == {"type": "TextBlock", "text": "running", "color": "Good", "weight": "Bolder"}
    assert parts.badge("Failed")["color"] == "Attention"
    assert "color" not in parts.badge("stopped")


def test_now_is_utc() -> None:
    assert parts.when(datetime(2026, 1, 2, 3, 4, tzinfo=UTC)) == "2 Jan 03:04 UTC"
