"""What people say when they mean instances, taken apart: articles, quantifiers and nouns off, the words that narrow it left.

Only words are looked at here; `gate.fleet` compares them with what there is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NOUN = r"(?:(?:ec2|aws|cloud|virtual|private)\s+)*(?:instance|server|box|machine|vm|host|node|vps|ec2)(?:e?s)?"
"""One of the nouns for an instance, singular or plural, as a regular expression."""

_ONES = "zero one two three four five six seven eight nine ten eleven twelve"
NUMBERS = {
    **{word: number for number, word in enumerate(_ONES.split())},
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "fifty": 50,
}
"""Number words people use for how many."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ARTICLES = _set("the a an my our")
_QUANTIFIERS = _set("all every each both whole entire")
_LINKS = _set("in of from tagged with tag tags named called type that which are is labelled")
_PLACES = _set("environment env region account")
_OTHER = _set(
    # Words that show that a longer text is no reference: conditions, times, negations, questions ...
    "for to on if when whenever unless until till at after before because then not no never or but except and while since so was "
    "were be been has had have how why what who whom where now again about by via into without instead please don't dont "
    "today tonight tomorrow yesterday "
    # ... and things that are no instances.
    "alert alerts alarm alarms app apps application applications cluster clusters container containers deployment deployments "
    "incident incidents job jobs monitoring pod pods policy process service services ticket tickets"
)
_NOUN = re.compile(NOUN, re.IGNORECASE)
_PAIR = re.compile(r"(?:tag:)?[^\s=]+=\S+", re.IGNORECASE)
_QUOTES = "\"'`“”‘’«»"
_SHAPE = re.compile(
    r"[AQCO]*W{0,4}T?N(?:L+A?[WT]P?)*"  # the two staging web servers; instances tagged team=payments; boxes in staging
    r"|A?W{0,2}NW"  # instance web-1, the test server web-1
    r"|A?W|T"  # web-1, web-*, team=payments
    r"|Q[QACO]*W{1,3}"  # all databases
    r"|X(?:[LO]+A?[WT]P?)*|Q(?:[LO]+A?[WT]P?)+"  # everything, everything in staging, all of staging
)


@dataclass(frozen=True)
class Said:
    """A reference taken apart.

    text: as it was said, quotes removed. words: what narrows it, lower case, in order. every: all of them were asked for.
    plural: more than one may be meant. count: how many there should be, if that was said.
    """

    text: str
    words: tuple[str, ...]
    every: bool = False
    plural: bool = False
    count: int | None = None


def unquoted(text: str) -> str:
    """`text` without spaces and one pair of quotes or backticks around it."""
    text = text.strip()
    if len(text) > 1 and text[0] in _QUOTES and text[-1] in _QUOTES:
        return text[1:-1].strip()
    return text


def take_apart(text: str) -> Said:
    """What `text` says, whatever it is; a name or an id is one word that narrows."""
    text = unquoted(text)
    words: list[str] = []
    every, plural, count = False, False, None
    for word, kind in _tokens(text):
        if kind in "WTF":
            words.append(word)
        elif kind in "QX":
            every = plural = True
            count = 2 if word == "both" else count
        elif kind == "C":
            count = _number(word)
            plural = plural or count != 1
        elif kind == "N":
            plural = plural or (word.endswith("s") and word != "vps")
    return Said(text, tuple(words), every, plural, count)


def is_reference(text: str) -> bool:
    """Could these words name instances at all? False for half a sentence, a condition, or a thing that is no instance."""
    bare = unquoted(text)
    if bare != text.strip():
        return bool(bare)
    return _SHAPE.fullmatch("".join(kind for _, kind in _tokens(bare))) is not None


def is_distinctive(text: str) -> bool:
    """Does it look like a name by itself: a digit, a hyphen or the like in it, quotes around it, or a noun beside it?"""
    return unquoted(text) != text.strip() or bool(re.search(r"[\d._*=-]", text)) or any(kind == "N" for _, kind in _tokens(text))


def is_bare(text: str) -> bool:
    """Nothing but articles and nouns, such as "a server": somebody still has to say which."""
    said = take_apart(text)
    return not said.words and not said.every


def _number(token: str) -> int:
    return int(token) if token.isdecimal() else NUMBERS[token]


def _tokens(text: str) -> list[tuple[str, str]]:
    """Each word in lower case with one letter for what it is; a noun of several words is one token."""
    lowered = _NOUN_PHRASE.sub(lambda match: match[0].replace(" ", "\N{NO-BREAK SPACE}"), " ".join(text.lower().split()))
    return [(token, _kind(token)) for token in lowered.split(" ") if token]


_NOUN_PHRASE = re.compile(r"(?<!\S)" + NOUN + r"(?!\S)", re.IGNORECASE)


def _kind(token: str) -> str:
    for kind, words in _KINDS.items():
        if token in words:
            return kind
    if _PAIR.fullmatch(token):
        return "T"
    if token.isdecimal() or token in NUMBERS:
        return "C"
    return "N" if _NOUN.fullmatch(token.replace("\N{NO-BREAK SPACE}", " ")) else "W"


_KINDS = {
    "A": _ARTICLES,
    "Q": _QUANTIFIERS,
    "X": frozenset({"everything"}),
    "O": frozenset({"of"}),
    "L": _LINKS - {"of"},
    "P": _PLACES,
    "F": _OTHER,
}
