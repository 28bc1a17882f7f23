"""The grammar: what people usually say, compiled from the skills' own examples. It needs no network and no model.

A message is understood only as a whole. Conditions, questions about doing, negations and reports therefore fit nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.routing import clauses
from bot.routing.phrase import Phrase, phrases
from bot.routing.router import Clarify, Context, NotUnderstood, Outcome, Route
from bot.routing.slots import Slot
from bot.routing.vocabulary import BEFORE, PRONOUN, without_courtesy_after
from gate.reference import is_bare
from skills.kit.declaration import Risk, Skill, plain, slots

LONGEST = 1000
"""Characters of a message that may be a request; bounds how long the regular expressions take."""

_FIRST = re.compile(r"[^\s,:]+")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True)
class _Fit:
    """A phrase that a message fits: the arguments, or the question that has to be answered first."""

    phrase: Phrase
    arguments: dict[str, Any]
    question: str = ""


class Grammar:
    """Routes by the examples of `skills`. Two skills that fit a message equally well are no answer."""

    def __init__(self, skills: Iterable[Skill]) -> None:
        self._exact: dict[str, str] = {}
        every: list[Phrase] = []
        for skill in skills:
            self._exact |= {plain(e).lower(): skill.name for e in skill.examples if not any(a for _, a, _ in slots(e))}
            distinct = {(phrase.pattern.pattern, phrase.incomplete): phrase for phrase in phrases(skill)}
            every += distinct.values()
        every.sort(key=lambda phrase: -phrase.weight)
        self._floating = [phrase for phrase in every if not phrase.starts]
        words = {word for phrase in every for word in phrase.starts}
        self._starting = {word: [p for p in every if not p.starts or word in p.starts] for word in words}

    async def route(self, words: str, context: Context) -> Outcome:
        """What the words mean, by the grammar alone."""
        return self.parse(words, context.recent)

    def parse(self, words: str, recent: Sequence[str] = ()) -> Outcome:
        """The same without a context. recent: ids that "those" may mean."""
        if skill := self._exact.get(words.strip().lower()):
            return Route(skill, {}, "grammar")
        if len(words) > LONGEST:
            return NotUnderstood()
        whole = _INVISIBLE.sub("", words)
        whole = whole[len(found[0]) :].strip() if (found := BEFORE.match(whole)) else whole.strip()
        text = without_courtesy_after(whole)
        return self._direct(whole, text, recent) or self._narrowed(text, recent) or NotUnderstood()

    def _direct(self, whole: str, text: str, recent: Sequence[str]) -> Route | Clarify | None:
        """The one skill whose phrases fit best; else the one question there is to ask."""
        fits = list(self._fits(whole, text, recent))
        complete = _best([fit for fit in fits if not fit.question])
        if complete:
            return Route(complete.phrase.skill.name, complete.arguments, "grammar")
        unclear = None if any(not fit.question for fit in fits) else _best(fits)
        return Clarify(unclear.question) if unclear else None

    def _narrowed(self, text: str, recent: Sequence[str]) -> Route | None:
        """A request that only looks, with clauses such as "in staging" taken off."""
        for rest, said in clauses.peeled(text):
            fits = self._fits(rest, rest, recent)
            narrowed = [
                one for fit in fits if not fit.question and fit.phrase.skill.risk is Risk.READ and (one := _with(fit, said))
            ]
            if best := _best(narrowed):
                return Route(best.phrase.skill.name, best.arguments, "grammar")
        return None

    def _fits(self, whole: str, text: str, recent: Sequence[str]) -> Iterator[_Fit]:
        """Phrases that fit, the most specific first; after a complete one, only those as specific."""
        first, enough = _FIRST.match(text), 0.0
        for phrase in self._starting.get(first[0].lower(), self._floating) if first else ():
            if phrase.weight < enough:
                return
            if fit := _fit(phrase, whole if phrase.verbatim else text, recent):
                enough = enough if fit.question else phrase.weight
                yield fit


def _best(fits: Sequence[_Fit]) -> _Fit | None:
    """The most specific; None when two skills are equally so."""
    if not fits:
        return None
    weight = max(fit.phrase.weight for fit in fits)
    best = [fit for fit in fits if fit.phrase.weight == weight]
    return best[0] if len({fit.phrase.skill.name for fit in best}) == 1 else None


def _with(fit: _Fit, said: dict[str, str]) -> _Fit | None:
    """The fit and what the clauses say; None when its skill takes no such clause, or has that argument already."""
    narrowing = clauses.read(fit.phrase.skill.arguments, said)
    if narrowing is None or narrowing.keys() & fit.arguments.keys():
        return None
    return replace(fit, arguments=fit.arguments | narrowing)


def _fit(phrase: Phrase, text: str, recent: Sequence[str]) -> _Fit | None:
    match = phrase.pattern.fullmatch(text)
    if not match:
        return None
    if phrase.incomplete:
        return _Fit(phrase, {}, _which(phrase.skill))
    arguments: dict[str, Any] = {}
    for place in phrase.slots:
        said = match[place.argument]
        if place.names and (pronoun := PRONOUN.fullmatch(said)):
            if question := _unclear(pronoun, recent, phrase.skill):
                return _Fit(phrase, {}, question)
            value: Any = _meant(place, recent)
        else:
            value = place.read(said)
        if value is None:
            return None
        if place.names and any(is_bare(name) for name in ([value] if isinstance(value, str) else value)):
            return _Fit(phrase, {}, _which(phrase.skill))
        arguments[place.argument] = value
    return _Fit(phrase, arguments)


def _meant(place: Slot, recent: Sequence[str]) -> Any:
    return list(recent) if isinstance(place.read("x"), list) else recent[0]


def _unclear(pronoun: re.Match[str], recent: Sequence[str], skill: Skill) -> str:
    """The question to ask when "it" or "those" does not say which; empty when it does."""
    if not recent or (pronoun["one"] and len(recent) > 1):
        return _which(skill)
    return ""


def _which(skill: Skill) -> str:
    example = next((e for e in skill.examples if any(argument for _, argument, _ in slots(e))), skill.examples[0])
    return f"Which instances do you mean? Say a name, an id or a tag, for example: {plain(example)}"
