"""An example phrase of a skill, compiled: the whole of a message fits it or it does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from bot.routing.slots import Slot, slot
from bot.routing.vocabulary import (
    APART,
    BEFORE,
    FILLERS,
    PADDING,
    PREPOSITIONS,
    READING_FILLERS,
    SAME,
    WEAK,
    without_courtesy_after,
)
from gate.reference import NOUN
from skills.kit.declaration import Risk, Skill, slots

_GROUPS = {tuple(phrase.split()): group for group in SAME for phrase in group}
_LONGEST = max(len(words) for words in _GROUPS)
_NOUN = re.compile(NOUN, re.IGNORECASE)
_PREPOSITION = re.compile(PREPOSITIONS)
_FILLERS = frozenset(FILLERS.split("|"))


@dataclass(frozen=True)
class Phrase:
    """One way to ask for a skill. starts: the first words it may begin with; empty when a value comes first.

    weight: how specific it is, by which the best of several is chosen. incomplete: what it acts on is not said.
    """

    skill: Skill
    pattern: re.Pattern[str]
    slots: tuple[Slot, ...]
    starts: frozenset[str]
    weight: float
    incomplete: bool = False

    @property
    def verbatim(self) -> bool:
        """It ends in free text that will be carried out, so nothing may be stripped from its end."""
        return bool(self.slots) and self.slots[-1].free and self.skill.risk is not Risk.READ


@dataclass(frozen=True)
class _Words:
    """Words that have to be there. variants: every form of them. pattern: a regular expression for all of them."""

    variants: tuple[str, ...]
    pattern: str


def phrases(skill: Skill) -> Iterator[Phrase]:
    """Every phrase that the examples of `skill` stand for."""
    said: dict[str, list[str]] = {}
    for example in skill.examples:
        for _, argument, value in slots(example):
            if argument:
                said.setdefault(argument, []).append(value)
    for example in map(_uncourteous, skill.examples):
        items: list[_Words | Slot] = []
        for text, argument, _ in slots(example):
            items += _literals(text, skill)
            if argument:
                weak = all(isinstance(item, _Words) and WEAK.issuperset(item.variants) for item in items)
                items.append(slot(skill.arguments, argument, said[argument], distinctive=weak))
        yield _phrase(skill, items)
        yield from _apart(skill, items)
        if _may_lack_its_end(skill, items):
            yield _phrase(skill, _without_preposition(items[:-1]), incomplete=True)


def _uncourteous(example: str) -> str:
    """Courtesy is understood around every phrase, so that of an example says nothing."""
    bare = example[found.end() :] if (found := BEFORE.match(example)) else example
    return without_courtesy_after(bare)


def _phrase(skill: Skill, items: list[_Words | Slot], *, incomplete: bool = False) -> Phrase:
    fillers = PADDING if skill.risk is Risk.READ else FILLERS
    # Articles and "all" before instances belong to what names them.
    gaps = ["", *(_gap(before, item, fillers) for before, item in pairwise(items))]
    end = rf"(?:\s+(?:{fillers}|for|{NOUN}))*" if incomplete else rf"(?:\s+(?:{fillers}))*" if skill.risk is Risk.READ else ""
    first, places = items[0], tuple(item for item in items if isinstance(item, Slot))
    parts = (f"(?P<{i.argument}>{i.pattern})" if isinstance(i, Slot) else i.pattern for i in items)
    pattern = "".join(gap + part for gap, part in zip(gaps, parts, strict=True))
    starts = frozenset(v.split()[0] for v in first.variants) if isinstance(first, _Words) else frozenset[str]()
    if starts and skill.risk is Risk.READ:  # "my last commands"
        pattern, starts = rf"(?:(?:{FILLERS})\s+)?{pattern}", starts | _FILLERS
    return Phrase(
        skill=skill,
        pattern=re.compile(pattern + end, re.IGNORECASE),
        slots=places,
        starts=starts,
        weight=sum(item.weight if isinstance(item, Slot) else 1.0 for item in items),
        incomplete=incomplete,
    )


def _gap(before: _Words | Slot, item: _Words | Slot, fillers: str) -> str:
    """What may stand between two pieces."""
    if _names(before) and isinstance(item, Slot) and item.free:
        return r"\s*:\s+"  # nothing else tells where the names end and the free text begins
    return r"[\s,:]+" + (r"(?:(?:me|us)\s+)?" if _names(item) else rf"(?:(?:{fillers})\s+)*")


def _names(item: _Words | Slot) -> bool:
    return isinstance(item, Slot) and item.names


def _apart(skill: Skill, items: list[_Words | Slot]) -> Iterator[Phrase]:
    """The same with the verb's second word after what it acts on, for verbs that allow it."""
    if len(items) < 2 or not (isinstance(items[0], _Words) and isinstance(items[1], Slot) and items[1].names):
        return
    for variant in items[0].variants:
        if match := APART.fullmatch(variant):
            verb, particle = _Words((match[1],), match[1]), match[2]
            ending = r"(?:back\s+)?(?:up|on|online)" if particle in ("up", "on") else particle
            yield _phrase(skill, [verb, items[1], _Words((particle,), ending), *items[2:]])


def _may_lack_its_end(skill: Skill, items: list[_Words | Slot]) -> bool:
    """Does it end with the instances it needs, and say enough before them to be known without?"""
    *before, last = items
    if (
        not before
        or not isinstance(last, Slot)
        or not last.names
        or any(isinstance(i, Slot) and (i.free or i.names) for i in before)
    ):
        return False
    weak = len(before) == 1 and isinstance(before[0], _Words) and WEAK.issuperset(before[0].variants)
    return not weak and skill.arguments.model_fields[last.argument].is_required()


def _without_preposition(items: list[_Words | Slot]) -> list[_Words | Slot]:
    last = items[-1]
    prepositional = isinstance(last, _Words) and all(_PREPOSITION.fullmatch(variant) for variant in last.variants)
    return items[:-1] if prepositional and len(items) > 1 else items


def _literals(text: str, skill: Skill) -> Iterator[_Words]:
    """The words of `text` that matter, each with all that stands for it."""
    reading = skill.risk is Risk.READ
    fillers = re.compile(READING_FILLERS if reading else FILLERS)
    words = [w for w in re.sub(r"[,:?!.;](?=\s|$)", " ", text.lower()).split() if not fillers.fullmatch(w)]
    while words:
        taken = next((n for n in range(min(_LONGEST, len(words)), 0, -1) if tuple(words[:n]) in _GROUPS), 0)
        if taken:
            yield _group(_GROUPS[tuple(words[:taken])])
        elif _NOUN.fullmatch(words[0]):
            yield _Words(("ec2", "aws", "virtual", "private", "cloud", *_NOUNS), NOUN)
        elif reading and _PREPOSITION.fullmatch(words[0]):
            yield _Words(tuple(PREPOSITIONS.split("|")), f"(?:{PREPOSITIONS})")
        else:
            yield _plural(words[0]) if reading else _Words((words[0],), re.escape(words[0]))
        del words[: taken or 1]


_NOUNS = [f"{noun}{s}" for noun in ("instance", "server", "box", "machine", "vm", "host", "node", "vps") for s in ("", "s", "es")]


def _group(group: tuple[str, ...]) -> _Words:
    longest_first = sorted(group, key=len, reverse=True)
    # A word between the parts of a phrase, such as "tell me about", changes nothing.
    between = rf"\s+(?:(?:{FILLERS})\s+)*"
    return _Words(group, "(?:" + "|".join(between.join(map(re.escape, phrase.split())) for phrase in longest_first) + ")")


def _plural(word: str) -> _Words:
    stem = word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word
    return _Words((stem, stem + "s"), re.escape(stem) + "s?")
