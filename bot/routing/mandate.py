"""Whether a person's own words ask for a change. A model may point at a request; only a person makes one.

What changes something is never read from a model's answer alone: some clause of the message, outside anything quoted or pasted,
must say by the grammar exactly what the model answered. What is unclear is no mandate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from bot.routing.grammar import Grammar
from bot.routing.router import Route
from bot.routing.vocabulary import BEFORE
from gate.reference import unquoted
from skills.kit.arguments import Arguments, references
from skills.kit.declaration import Skill

LONGEST = 1000
"""Characters of a message that can ask for a change; what is longer is mostly pasted."""

_MOST_CLAUSES = 12
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
_ATOM = re.compile(r"```(?s:.*?)(?:```|$)|\"[^\"]*\"|`[^`]*`|“[^”]*”|(?<!\w)'[^']*'(?!\w)")
"""Something quoted: nothing inside it is said by who quotes it."""

_MATERIAL = re.compile(r":\s|\n|\s[>|]")
"""What follows is something the person shows, not something they say."""

_UNSURE = re.compile(
    r"\b(?:if|when|whenever|unless|until|till|after|before|once|whether|why|how|not|never|without|instead|except|but|only|other|rather"
    r"|cannot|dont|cant|wont|should|(?:would|could)(?!\s+(?:you|u)\b)|says?|said|saying|reads|mean|means|told|tells|wrote|asks|asked|wait|sorry"
    r"|actually|oops|ignore|disregard|forget)\b|\b\w+n['’]t\b",
    re.IGNORECASE,
)
"""Conditions, negations, reports, questions, corrections: with one of these, what stands beside it may not be meant."""

_QUESTION = re.compile(
    r"(?:is|are|was|were|am|do|does|did|has|have|had|may|might|can|could|shall|will|what|what['’]?s|which|who|whom|whose|where)\b",
    re.IGNORECASE,
)
_BOUNDARY = re.compile(r"[.!?;]+(?:\s+|$)")
_START = re.compile(r",\s*(?:(?:so|and|then|please|pls)\s+)*|\s(?:so|and|then|please|pls)\s+", re.IGNORECASE)
_END = re.compile(r",?\s+(?:because|cause|cuz|so)\s|,\s+(?:it|they|that|this|we|i)\b", re.IGNORECASE)
_TURNED = (
    re.compile(r"(?:give|do)\s+(?P<what>\S.*?)\s+an?\s+(?:(?:quick|fresh|hard|clean|little)\s+)?(?P<verb>[a-z]+)", re.IGNORECASE),
    re.compile(r"(?P<what>\S.*?)\s+needs?\s+an?\s+(?:(?:quick|fresh|hard|clean)\s+)?(?P<verb>[a-z]+)", re.IGNORECASE),
)
"""Requests with the verb as a noun at their end: "give web-1 a restart"."""


def asked_for(grammar: Grammar, words: str, skill: Skill, arguments: Arguments, recent: Sequence[str]) -> bool:
    """Do these words themselves ask for exactly this: the skill, its targets and every other argument?

    arguments: the model's, validated. recent: ids that "it" may mean.
    """
    wanted = _comparable(skill, arguments)
    names = [name for field in references(skill.arguments) for name in _listed(getattr(arguments, field))]
    for clause, before in _clauses(words):
        subject = len(names) == 1 and re.match(re.escape(_name(names[0])) + r"(?![\w.*=/:-])", _name(before))
        outcome = grammar.parse(clause, names if subject else recent)
        if not isinstance(outcome, Route) or outcome.skill != skill.name or not _whole(clause, words, outcome.arguments):
            continue
        try:
            read = skill.arguments.model_validate(outcome.arguments)
        except ValidationError:
            continue  # words that fit the phrase but not the argument: no model's answer can be equal to them
        if _comparable(skill, read) == wanted:
            return True
    return False


def is_clear(words: str) -> bool:
    """Are these words free of questions, conditions, negations and reports?"""
    own = _ATOM.sub(" … ", _INVISIBLE.sub("", words))
    return not _UNSURE.search(own) and not any(_asks(sentence) for sentence in _sentences(own))


def _clauses(words: str) -> Iterator[tuple[str, str]]:
    """Every stretch of the person's own words that could be a request, each with the clause before it."""
    if len(words) > LONGEST or not is_clear(words[found.end() :] if (found := BEFORE.match(words)) else words):
        return
    own = _own(words)
    count = 0
    for sentence in _sentences(own):
        hidden = _hidden(sentence)
        starts = [0, *(match.end() for match in _START.finditer(hidden))]
        ends = [len(sentence), *(match.start() for match in _END.finditer(hidden))]
        for before, start in zip([0, *starts], starts, strict=False):
            for end in (end for end in ends if end > start):
                if (count := count + 1) > _MOST_CLAUSES:
                    return
                clause = sentence[start:end].strip()
                yield clause, sentence[before:start]
                yield from ((f"{turned['verb']} {turned['what']}", "") for form in _TURNED if (turned := form.fullmatch(clause)))


def _whole(clause: str, words: str, arguments: Mapping[str, Any]) -> bool:
    """Is no text that will be carried out cut short? What ends a clause without quotes must end the message."""
    cut = any(isinstance(value, str) and clause.endswith(value) for value in arguments.values())
    return not cut or words.rstrip().endswith(clause)


def _own(words: str) -> str:
    """The message as far as the person speaks; what they quote stays, as something quoted."""
    text = _INVISIBLE.sub("", words).strip()
    text = text[found.end() :] if (found := BEFORE.match(text)) else text
    cut = _MATERIAL.search(_hidden(text))
    return text[: cut.start()] if cut else text


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for match in _BOUNDARY.finditer(_hidden(text)):
        yield text[start : match.end()].strip()
        start = match.end()
    if text[start:].strip():
        yield text[start:].strip()


def _asks(sentence: str) -> bool:
    """Is it a question and no polite request?"""
    polite = BEFORE.match(sentence)
    bare = sentence[polite.end() :] if polite else sentence
    return bool(_QUESTION.match(bare)) or ("?" in sentence and bare == sentence.strip())


def _hidden(text: str) -> str:
    """`text`, as long as it was, with what is quoted made unreadable: no boundary is found inside."""
    return _ATOM.sub(lambda match: "x" * len(match[0]), text)


def _comparable(skill: Skill, arguments: Arguments) -> dict[str, Any]:
    """Arguments as they compare: defaults filled in, names without case, order, quotes and articles."""
    given = arguments.model_dump()
    for field in references(skill.arguments):
        given[field] = {_name(name) for name in _listed(given[field])}
    return given


def _name(said: str) -> str:
    return re.sub(r"^(?:(?:the|a|an|my|our)\s+)+", "", " ".join(unquoted(said).casefold().split()))


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())
