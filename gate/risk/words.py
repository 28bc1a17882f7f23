"""Words as programs would get them: quotes gone, what only the shell will know marked.

A marker is one character that no command can hold, because commands are read as bytes. A word is an ordinary `str`, so tables
compare it as one; what is unknown in it never equals anything they allow.
"""

from __future__ import annotations

QUOTED = "\ue000"  # the value of a quoted variable: one argument, or a part of it
SPLIT = "\ue001"  # unquoted: any number of arguments, any text
OUTPUT = "\ue002"  # the output of a command, quoted
SPLIT_OUTPUT = "\ue003"  # the same, unquoted
BOUND = "\ue004"  # a variable the command itself fills: its value came from another program or a list
MARKERS = frozenset((QUOTED, SPLIT, OUTPUT, SPLIT_OUTPUT, BOUND))
_LOOSE = frozenset((SPLIT, SPLIT_OUTPUT, BOUND))


def unknown(word: str) -> bool:
    """Whether any part of the word is only known when it runs."""
    return not word.isascii() and not MARKERS.isdisjoint(word)


def loose(word: str) -> bool:
    """Whether the word may turn out to be an option: it starts with an unquoted expansion or a glob."""
    first = word[:1]
    return first in _LOOSE or (first in "*?[" and first != "" and not word.startswith("*/"))


def bound(word: str) -> bool:
    """Whether the word starts with what another program or a list gave."""
    return word[:1] == BOUND


def shown(word: str) -> str:
    """The word for a person: its bytes as UTF-8, markers as `$…`."""
    plain = "".join("\0" if character in MARKERS else character for character in word)
    return plain.encode("latin-1", "replace").decode(errors="replace").replace("\0", "$…")


def names(text: str) -> frozenset[str]:
    """A set of words, from one text for the eye."""
    return frozenset(text.split())
