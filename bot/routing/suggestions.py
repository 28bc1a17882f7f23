"""Phrases that would have been understood, for words that were not. Suggesting never executes anything."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from rapidfuzz import fuzz, process, utils

from bot.routing.slots import choices, kind_of, slot
from cards.answers import Suggestion
from skills.kit.declaration import Risk, Skill, plain, slots

_MOST_COMPARED = 300
"""Characters of a message that are compared: a pasted log tells nothing more by being long."""


class Suggestions:
    """Every example of every skill, compared by likeness."""

    def __init__(self, skills: Iterable[Skill]) -> None:
        self._phrases = {
            plain(example): (skill.name, _pressable(skill, example)) for skill in skills for example in skill.examples
        }
        self._prepared = {phrase: utils.default_process(phrase) for phrase in self._phrases}

    def near(self, words: str, allowed: frozenset[str] | None = None, most: int = 3) -> tuple[Suggestion | str, ...]:
        """Up to `most` examples of different skills that are like `words`, the likeliest first; only of skills in `allowed`.

        One that means the same to everybody is a Suggestion, for a button; one that names an example's instance is a phrase.
        """
        said = utils.default_process(words[:_MOST_COMPARED])
        found: dict[str, Suggestion | str] = {}
        for _, _, phrase in process.extract(said, self._prepared, scorer=fuzz.token_set_ratio, score_cutoff=50.0, limit=30):
            skill, pressable = self._phrases[phrase]
            if allowed is None or skill in allowed:
                found.setdefault(skill, pressable or phrase)
        return tuple(found.values())[:most]


def _pressable(skill: Skill, example: str) -> Suggestion | None:
    """The example as a button; None when it changes something, or names what only the example's author has."""
    said = [(argument, value) for _, argument, value in slots(example) if argument]
    if skill.risk is not Risk.READ or not all(_universal(skill, argument) for argument, _ in said):
        return None
    arguments: dict[str, Any] = {argument: slot(skill.arguments, argument, [value]).read(value) for argument, value in said}
    return Suggestion(plain(example), skill.name, arguments)


def _universal(skill: Skill, argument: str) -> bool:
    """One of a few words, or a length of time. Names, ids, tags and pages are somebody's own."""
    kind = kind_of(skill.arguments, argument)
    return kind is timedelta or bool(choices(kind))
