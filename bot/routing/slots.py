"""How a value of each kind of argument is written, and how it is read. One Slot per argument an example marks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from bot.routing.vocabulary import FILLERS, VALUES
from gate.reference import NUMBERS, is_distinctive, is_reference, take_apart, unquoted
from skills.kit.arguments import Arguments, references

_NUMBER = r"(?:\d+|" + "|".join(NUMBERS) + r")"
_UNIT = r"(?:s|m|h|d|w|secs?|mins?|hrs?|seconds?|minutes?|hours?|days?|weeks?)"
DURATION = rf"(?:(?:the\s+)?(?:last|past)\s+)?(?:(?:{_NUMBER}|an?)\s*)?{_UNIT}"
"""A length of time: `6h`, `30 minutes`, `the last hour`, `past two days`."""

_QUOTED = r"\"[^\"]+\"|'[^']+'|`[^`]+`|“[^”]+”"
_WORD = rf"(?:{_QUOTED}|[^\s,\"'`“”]+)"
PAIR = rf"[^\s=,]+=(?:{_QUOTED}|[^\s,]+)"
"""`key=value`, the value quoted when it has spaces."""
REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d", re.IGNORECASE)
_FENCED = r"```(?:[a-z]+\n)?(?s:.+?)```"
_FREE = rf"(?:{_FENCED}|{_QUOTED}|\S.*)"
_COMMA = re.compile(r"\s*(?:,\s*(?:and\s+)?|;|&|\s(?:and|plus)\s)\s*", re.IGNORECASE)
_PAIRS = re.compile(rf"{_COMMA.pattern}|\s+(?=[^\s=]+=)", re.IGNORECASE)
_SPACE = r"[\s_-]+"
_BOTH = re.compile(r"both\s+(?=.+\sand\s)", re.IGNORECASE)


@dataclass(frozen=True)
class Slot:
    """One argument's place in a phrase. pattern: a regular expression. read: the value of what was said, or None when it
    cannot be one. weight: how much a match tells, between 0 (anything fits) and 1. names: it names instances."""

    argument: str
    pattern: str
    read: Callable[[str], Any]
    weight: float
    names: bool = False
    free: bool = False


def slot(model: type[Arguments], argument: str, values: list[str], *, distinctive: bool = False) -> Slot:
    """The place of `argument`, by its type; `values` are what the examples have there.

    distinctive: a name must look like one, because nothing else in the phrase tells that instances are meant.
    """
    many, kind = _kind(model.model_fields[argument].annotation)
    if argument in references(model):
        read = _references if many else _reference
        return Slot(argument, r"\S.*?", _distinctly(read) if distinctive else read, 0.1, names=True)
    if words := choices(kind):
        pattern = "(?:" + "|".join(_SPACE.join(map(re.escape, word.split())) for word in words) + ")"
        return _listed(argument, pattern, lambda said: words.get(_plain(said)), 0.9, many)
    if kind is int:
        return _listed(argument, _NUMBER, _integer, 0.8, many)
    if kind is timedelta:
        return Slot(argument, DURATION, duration, 0.8)
    if kind is dict:
        return Slot(argument, r"\S.*?", _pairs, 0.2)
    if kind is str and not many and any(" " in value for value in values):
        return Slot(argument, _FREE, _text, 0.0, free=True)
    pairs = bool(values) and all("=" in value for value in values)
    return _listed(argument, PAIR if pairs else _WORD, _like(argument, values), 0.3, many)


def choices(kind: Any) -> dict[str, Any]:
    """The words of a type that takes one of a few, each with its value; empty for any other type."""
    if get_origin(kind) is Literal:
        values = list(get_args(kind))
    elif isinstance(kind, type) and issubclass(kind, Enum):
        values = [member.value for member in kind]
    else:
        return {}
    words = {_plain(str(value)): value for value in values}
    others = {other: words[word] for word in words for other in VALUES.get(word, ()) if other not in words}
    return dict(sorted({**words, **others}.items(), key=lambda item: -len(item[0])))


def kind_of(model: type[Arguments], argument: str) -> Any:
    """The type of one value of `argument`, Optional, list and Annotated taken off."""
    return _kind(model.model_fields[argument].annotation)[1]


def duration(said: str) -> str:
    """A length of time as `skills.kit.Duration` takes it: `the last two hours` becomes `2h`."""
    words = re.sub(r"^(?:the\s+)?(?:last|past)\s+", "", said.strip().lower())
    match = re.fullmatch(rf"({_NUMBER}|an?)?\s*({_UNIT})", words)
    if not match:
        return said
    number = NUMBERS.get(match[1], match[1]) if match[1] not in (None, "a", "an") else 1
    return f"{number}{match[2][0]}"


def _kind(annotation: Any) -> tuple[bool, Any]:
    """Is it a list, and of what."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(parts[0])
    if origin in (list, tuple, set, frozenset):
        return True, _kind(parts[0])[1]
    if origin is dict:
        return False, dict
    inner = [part for part in parts if part is not NoneType]
    return _kind(inner[0]) if origin is not Literal and inner else (False, annotation)


def _listed(argument: str, pattern: str, read: Callable[[str], Any], weight: float, many: bool) -> Slot:
    """A place for one value, or for several with commas or "and" between them when the argument takes a list."""
    if not many:
        return Slot(argument, pattern, read, weight)

    def each(said: str) -> Any:
        values = [read(part) for part in (_PAIRS if pattern == PAIR else _COMMA).split(said)]
        return None if None in values else values

    # One way only to read each separator: two would make long lists take for ever.
    comma = r"\s*[,;&]\s*(?:and\s+)?|\s+(?:and|plus)\s+" + (r"|\s+" if pattern == PAIR else "")
    return Slot(argument, f"{pattern}(?:(?:{comma}){pattern})*", each, weight)


def _references(said: str) -> list[str] | None:
    parts = [part for part in _COMMA.split(_BOTH.sub("", said)) if part]
    return [unquoted(part) for part in parts] if parts and all(map(is_reference, parts)) else None


def _reference(said: str) -> str | None:
    return unquoted(said) if is_reference(said) and not take_apart(said).plural else None


def _integer(said: str) -> int | None:
    return int(said) if said.isdecimal() else NUMBERS.get(said.lower())


def _pairs(said: str) -> dict[str, str] | None:
    parts = [part for part in _PAIRS.split(said) if part]
    if any("=" not in part for part in parts):
        return None
    return {key.strip(): unquoted(value) for key, _, value in (part.partition("=") for part in parts)}


def _distinctly(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda said: read(said) if is_distinctive(said) else None


def _like(argument: str, values: list[str]) -> Callable[[str], str | None]:
    """Reads a word that looks like the examples': where each of theirs has a digit, a dot or `=`, it must have one too.

    A region, such as eu-west-1, is read for an argument of that name only.
    """
    marks = [mark for mark in (r"\d", r"\.", "=") if values and all(re.search(mark, value) for value in values)]

    def read(said: str) -> str | None:
        word = re.sub(rf"^(?:{FILLERS})\s+", "", unquoted(said), flags=re.IGNORECASE)
        elsewhere = argument != "region" and REGION.fullmatch(word)
        return word if not elsewhere and all(re.search(mark, word) for mark in marks) else None

    return read


def _text(said: str) -> str:
    fenced = re.fullmatch(r"```(?:[a-z]+\n)?(.+?)```", said.strip(), re.DOTALL)
    if fenced:
        return fenced[1].strip()
    said = said.strip()
    return unquoted(said) if re.fullmatch(_QUOTED, said) else said


def _plain(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text.strip().lower())
