"""Text from outside is harmless and bounded; times and numbers are the same words everywhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from cards import words


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
    assert words.safe(said) == shown


def test_terminal_sequences_and_direction_marks_are_taken_out() -> None:
    assert words.clean("\x1b[31mred\x1b[0m \x1b]0;title\x07\u202ereversed") == "red reversed"


def test_broken_surrogates_are_replaced() -> None:
    assert words.clean("a\ud800b") == "a\ufffdb"


def test_what_is_revealed_hides_nothing() -> None:
    assert words.revealed("ls \x1b]0;rm -rf /\x07\u200b\u00a0\u202e") == "ls \\x1b]0;rm -rf /\\x07\\u200b\\xa0\\u202e"
    assert words.revealed("one\ntwo é 日本") == "one\ntwo é 日本"


def test_times_are_the_same_words_for_everyone() -> None:
    there = datetime(2026, 11, 22, 5, 4, tzinfo=timezone(timedelta(hours=2)))
    assert words.when(there) == "22 Nov 03:04 UTC"
    assert words.clock(there) == "03:04 UTC"


def test_now_is_utc() -> None:
    assert words.when(datetime(2026, 1, 2, 3, 4, tzinfo=UTC)) == "2 Jan 03:04 UTC"


@pytest.mark.parametrize(
    ("seconds", "said"),
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
def test_a_length_of_time_has_its_two_largest_units(seconds: float, said: str) -> None:
    assert words.lasting(timedelta(seconds=seconds)) == said
