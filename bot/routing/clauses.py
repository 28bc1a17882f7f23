"""Clauses that may follow or stand inside any request that only looks: "in staging", "tagged team=payments", "over the last 6h".

They are known by the argument they fill: a skill that has an argument of that name (or a Duration) takes the clause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bot.routing.slots import DURATION, PAIR, REGION, kind_of, slot
from gate.reference import NOUN
from skills.kit.arguments import Arguments

WINDOW = "<window>"
"""Stands for whichever argument of the skill is a Duration."""

_TRAILING = {
    "page": r"(?:on\s+)?page\s+(?P<v>\S+)",
    "sort": r"(?:sort(?:ed)?|order(?:ed)?)\s+by\s+(?P<v>\S+)",
    "tags": rf"(?:tagged|labelled|with\s+(?:the\s+)?tags?)\s+(?:with\s+)?(?P<v>{PAIR}(?:(?:\s*,\s*|\s+)(?:and\s+)?{PAIR})*)",
    "region": rf"in\s+(?:the\s+)?(?:region\s+)?(?P<v>{REGION.pattern})(?:\s+region)?",
    "environment": r"in\s+(?:the\s+)?(?P<v>[a-z][\w-]*)(?:\s+(?:environment|env))?",
    "type": r"of\s+(?:the\s+)?type\s+(?P<v>\S+)",
    "name": r"(?:named|called)\s+(?P<v>\S+)",
    "state": r"(?:that|which)\s+are\s+(?:currently\s+)?(?P<v>[\w-]+)",
    "day": r"(?P<v>today|yesterday)",
    WINDOW: rf"(?:(?:over|for|in|during|within|of|from)\s+)?(?=(?:the\s+)?(?:last|past)\s)(?P<v>{DURATION})",
}
_INSIDE = {
    "state": rf"\b(?P<v>running|stopped|pending|stopping)\s+(?=(?:\S+\s+){{0,2}}{NOUN}(?:\W|$))",
    "environment": rf"\b(?P<v>prod|production|staging|stage|dev|development|test|qa)\s+(?=(?:\S+\s+){{0,2}}{NOUN}(?:\W|$))",
}
_CLAUSES = [
    *((name, re.compile(rf"[\s,]+(?:and\s+)?{pattern}$", re.IGNORECASE)) for name, pattern in _TRAILING.items()),
    *((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _INSIDE.items()),
]


def peeled(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """`text` with one more clause taken off each time, and what the clauses say; nothing for a text without any."""
    said: dict[str, str] = {}
    while found := next(((name, m) for name, clause in _CLAUSES if name not in said and (m := clause.search(text))), None):
        name, match = found
        said[name] = match["v"]
        text = (text[: match.start()] + text[match.end() :]).strip()
        yield text, dict(said)


def read(model: type[Arguments], said: dict[str, str]) -> dict[str, Any] | None:
    """What the clauses say as arguments of `model`; None when it has no such argument or the value is none of its."""
    arguments: dict[str, Any] = {}
    for name, words in said.items():
        argument = next((f for f in model.model_fields if kind_of(model, f) is timedelta), "") if name == WINDOW else name
        if argument not in model.model_fields:
            return None
        value = slot(model, argument, []).read(words)
        if value is None:
            return None
        arguments[argument] = value
    return arguments
