"""Words on a card: text from outside made harmless and bounded, and the same words everywhere for times and numbers."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

NAME, LINE, PARAGRAPH = 64, 200, 800
"""How much of a name, a line and a paragraph is shown, in characters."""

_TERMINAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_LONE = re.compile("[\ud800-\udfff]")
_MACRO = re.compile(r"\{\{(?=(?:DATE|TIME)\()", re.IGNORECASE)
_BLANK = re.compile(r"\s+")
_ACTIVE = re.compile(
    r"[\\`*\[\]<~]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|^[#+\-](?=[\s#\-]|$)|^>|(?:(?<=^\d)|(?<=^\d\d))[.)](?=\s|$)"
)


def clean(value: str) -> str:
    """`value` without terminal sequences, control and direction characters, broken surrogates and date macros; lines are kept."""
    if value.isascii() and value.isprintable() and "{{" not in value:
        return value
    value = _TERMINAL.sub("", value.replace("\r\n", "\n"))
    return _MACRO.sub("{ {", _LONE.sub("\ufffd", _CONTROL.sub("", value)))


def cut(value: str, limit: int) -> str:
    """`value`, or its start and an ellipsis: at most `limit` characters."""
    return value if len(value) <= limit else value[: limit - 1].rstrip() + "…"


def plain(value: str, limit: int = LINE) -> str:
    """`value` as one line of at most `limit` characters, for places that know no Markdown: titles of buttons and charts."""
    # A bounded prefix first: a megabyte in a tag must not cost a megabyte of work.
    start = clean(value[: limit * 8])
    return cut((start if start.isprintable() and "  " not in start else _BLANK.sub(" ", start)).strip(), limit)


def safe(value: str, limit: int = LINE) -> str:
    """`value` as one line with its Markdown escaped, for headings and facts. Only what would act is escaped."""
    return _ACTIVE.sub(r"\\\g<0>", plain(value, limit))


def acts(value: str) -> bool:
    """Would a client that knows Markdown read `value` as more than its words?"""
    return _ACTIVE.search(value) is not None


def revealed(value: str) -> str:
    """`value` with everything that cannot be seen written out, such as `\\x1b`: what is confirmed must be what is read."""
    if value.isascii() and value.isprintable():
        return value
    return "".join(one if one in "\n " or unicodedata.category(one)[0] not in "CZ" else _written(one) for one in value)


def _written(one: str) -> str:
    return one.encode("unicode_escape").decode()


def fit_text(value: str, limit: int) -> str:
    """The longest start of `value` of at most `limit` units of UTF-16 as JSON, whole lines if that costs little."""
    if units(value[: limit + 1]) <= limit and len(value) <= limit:
        return value
    low, high = 0, min(len(value), limit)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if units(value[:middle]) <= limit else (low, middle - 1)
    start = value[:low]
    line = start.rfind("\n")
    return start[:line] if line > low * 0.8 else start


def when(moment: datetime) -> str:
    """`22 Nov 14:32 UTC`: the same words for everyone in a channel, whichever client shows them."""
    at = moment.astimezone(UTC)
    return f"{at.day} {at:%b %H:%M} UTC"


def clock(moment: datetime) -> str:
    """`14:32 UTC`."""
    return f"{moment.astimezone(UTC):%H:%M} UTC"


def lasting(time: timedelta) -> str:
    """A length of time in its two largest units: `45 s`, `3 min 20 s`, `6 h`, `2 d 4 h`."""
    seconds = max(0, round(time.total_seconds()))
    parts = [(seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s")]
    first = next((index for index, (amount, _) in enumerate(parts) if amount), 3)
    return " ".join(f"{amount} {unit}" for amount, unit in parts[first : first + 2] if amount) or "0 s"


def percent(value: float | None) -> str:
    """`45 %`, or a dash when it was not measured."""
    return "–" if value is None or not math.isfinite(value) else f"{value:.0f} %"


def count(number: int, noun: str) -> str:
    """`1 instance`, `24 instances`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def units(value: Any) -> int:
    """The length of a value as JSON, in units of UTF-16."""
    encoded = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return len(encoded) if encoded.isascii() else len(encoded.encode("utf-16-le", "surrogatepass")) // 2
