"""Phrases that would have been understood, for words that were not. Suggesting never executes anything."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process, utils

from skills.kit.declaration import Skill, plain

_MOST_COMPARED = 300
"""Characters of a message that are compared: a pasted log tells nothing more by being long."""


class Suggestions:
    """Every example of every skill, compared by likeness."""

    def __init__(self, skills: Iterable[Skill]) -> None:
        self._phrases = {plain(example): skill.name for skill in skills for example in skill.examples}
        self._prepared = {phrase: utils.default_process(phrase) for phrase in self._phrases}

    def near(self, words: str, allowed: frozenset[str] | None = None, most: int = 3) -> tuple[str, ...]:
        """Up to `most` examples of different skills that are like `words`, the likeliest first; only of skills in `allowed`."""
        said = utils.default_process(words[:_MOST_COMPARED])
        found: dict[str, str] = {}
        for _, _, phrase in process.extract(said, self._prepared, scorer=fuzz.token_set_ratio, score_cutoff=50.0, limit=30):
            skill = self._phrases[phrase]
            if allowed is None or skill in allowed:
                found.setdefault(skill, phrase)
        return tuple(found.values())[:most]
