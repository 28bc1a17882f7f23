"""`help`: what can be done here, by what the caller may do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby

from pydantic import Field

import cards.help
from skills.help.models import HelpEntry, HelpGroup, HelpOverview
from skills.kit import Arguments, Risk, Skill, skill
from skills.kit.declaration import plain, slots
from skills.kit.ports.run import Caller

_SMALL = frozenset(
    ["a", "an", "the", "with", "about", "for", "of", "on", "to", "how", "do", "i", "can", "you", "is", "what", "me", "my"]
)

_MADE_UP = re.compile(r"(?=.*\d)[0-9a-f]{8}(-[0-9a-f]{4,})*")
"""An id such as a command has, in an example. Those of instances stay: people know what theirs look like."""


class Help(Arguments):
    """About what."""

    topic: str = Field("", max_length=200, description="A noun or verb such as instances or stop; nothing means everything.")


@skill(
    "help",
    permission="help:read",
    view=cards.help.overview,
    examples=(
        "help",
        "help {stop:topic}",
        "help with {costs:topic}",
        "what can you do",
        "what can I do here",
        "what can I ask you",
        "what can I ask",
        "how do I {run a command:topic}",
        "show commands",
    ),
)
async def show_help(args: Help, *, caller: Caller) -> HelpOverview:
    """Show what you can do here, with phrases to say."""
    return _overview(caller.name, args.topic, tuple(caller.skills()))


@lru_cache(maxsize=256)  # the same for everybody who may do the same, and asked for more than anything else
def _overview(name: str, topic: str, skills: tuple[Skill, ...]) -> HelpOverview:
    allowed = [one for one in skills if one.name != "help"]
    fitting = narrowed(allowed, topic)
    groups = _grouped(fitting or allowed)
    return HelpOverview(caller=name, topic=topic, matched=bool(fitting) or not topic, groups=groups)


def narrowed(skills: Sequence[Skill], topic: str) -> list[Skill]:
    """Those the topic is about: by name, else by summary and examples; all for no topic."""
    words = [word for word in _words(topic) if word not in _SMALL]
    if not words:
        return list(skills) if not topic.strip() else []
    by_name = [one for one in skills if all(_among(word, _words(one.name)) for word in words)]
    if by_name:
        return by_name
    return [one for one in skills if set(words) <= set(_words(_about(one)))]


def _about(one: Skill) -> str:
    return " ".join((one.name, one.summary, *map(plain, one.examples)))


def _words(text: str) -> list[str]:
    return re.findall(r"[\w-]+", text.casefold())


def _among(word: str, words: Sequence[str]) -> bool:
    """The same word but for its ending: `cost` fits `costs`, `stopping` fits `stop`."""
    return any(
        word == other or (min(len(word), len(other)) > 2 and (other.startswith(word) or word.startswith(other)))
        for other in words
    )


def _grouped(skills: Sequence[Skill]) -> tuple[HelpGroup, ...]:
    def noun(one: Skill) -> str:
        return one.name.partition(".")[0]

    in_order = sorted(skills, key=lambda one: (noun(one), one.risk is not Risk.READ, one.name))
    return tuple(HelpGroup(noun=key, skills=tuple(map(_entry, group))) for key, group in groupby(in_order, noun))


def _spoken(example: str) -> str:
    """The example as a person would say it, without the made-up ids that nobody could say: `command status ID`."""
    return "".join(text + ("ID" if _MADE_UP.fullmatch(value) else value) for text, _, value in slots(example))


def _entry(one: Skill) -> HelpEntry:
    return HelpEntry(
        name=one.name,
        summary=one.summary,
        examples=tuple(dict.fromkeys(map(_spoken, one.examples))),
        risk=one.risk,
        confirmed=one.risk is not Risk.READ,
        consequences=one.consequences,
    )
