from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.teams.message import CONTENT_LIMIT, CUT, compact, compose, pages, shorten, size
from gate.conversation import Reply


@hypothesis_settings(deadline=None)
@given(st.lists(st.text(alphabet=st.sampled_from('ab \t"\\🚀ß\x01'), max_size=120), max_size=40), st.integers(200, 600))
def test_pages_fit_and_lose_no_letter(lines: list[str], limit: int) -> None:
    text = "\n".join(lines)
    found = pages(text, limit)
    assert all(size(compact(page)) <= limit for page in found)
    if len(found) <= 10:
        assert "".join("".join(found).split()) == "".join(text.split())
    else:
        assert found[-1] == CUT


def test_text_is_cut_where_a_line_ends() -> None:
    text = "\n".join(f"line {number}" for number in range(100))
    for page in pages(text, 400):
        assert all(line.startswith("line ") for line in page.split("\n"))


def test_a_short_reply_is_one_message() -> None:
    assert [message.text for message in compose(Reply("hi"))] == ["hi"]


@hypothesis_settings(deadline=None)
@given(
    st.lists(st.integers(0, 9000), max_size=8),
    st.integers(0, 20_000),
)
def test_a_shortened_card_always_fits(parts: list[int], actions: int) -> None:
    card: dict[str, Any] = {
        "type": "AdaptiveCard",
        "version": "1.5",
        "body": [{"type": "TextBlock", "text": "x" * length} for length in parts],
        "actions": [{"type": "Action.Submit", "title": "y" * actions}],
    }
    short = shorten(card)
    assert size(compact(short)) <= CONTENT_LIMIT
    assert short["body"] == card["body"][: len(short["body"])]
    assert (short["type"], short["version"]) == ("AdaptiveCard", "1.5")
