"""sed scripts: every command is read; what writes (w), executes (e) or is not known is refused."""

from __future__ import annotations

import re

from gate.risk.words import unknown

_ADDRESS = re.compile(r"(?:\d+(?:~\d+)?|\$|\+\d+|~\d+|/(?:\\.|\[\^?\]?[^\]/\n]*\]|[^/\\\n\[])*/[IM]*)", re.DOTALL)
_SIMPLE = frozenset("pPdDnNgGhHxlz=}{F")
_LABEL = re.compile(r"\s*[\w.-]*")
_FLAGS = re.compile(r"[gpiImM0-9]*")


def objection(script: str) -> str | None:
    """Why a script is not known to be harmless; None if it only edits the text that flows through it."""
    if unknown(script):
        return "a script that is only known when it runs"
    at = 0
    while at < len(script):
        if script[at] in " \t\n;":
            at += 1
            continue
        if script[at] == "#":
            return "a comment may hide what follows"
        at = _address(script, at)
        if at >= len(script):
            return "an address without a command"
        name = script[at]
        at = _command(script, name, at + 1)
        if at < 0:
            return f"command {name} is not known to be harmless"
    return None


def _address(text: str, at: int) -> int:
    for _ in range(2):
        found = _ADDRESS.match(text, at)
        if not found:
            break
        at = found.end()
        while at < len(text) and text[at] in " \t":
            at += 1
        if text[at : at + 1] != ",":
            break
        at += 1
        while at < len(text) and text[at] in " \t":
            at += 1
    while at < len(text) and text[at] in "! \t":
        at += 1
    return at


def _command(text: str, name: str, at: int) -> int:
    """The index after the command, -1 if it is refused."""
    if name in _SIMPLE:
        return at
    if name in "qQ":
        return at + len(text[at:]) - len(text[at:].lstrip(" 0123456789"))
    if name in "btT:":
        label = _LABEL.match(text, at)
        return label.end() if label else at
    if name in "iac":
        end = text.find("\n", at)
        return -1 if "\\" in text[at:] and "\n" in text[at:] else (len(text) if end < 0 else end)
    if name in "sy" and at < len(text) and text[at] not in "\\\n":
        return _substitution(text, name, at)
    return -1


def _substitution(text: str, name: str, at: int) -> int:
    delimiter = text[at]
    at += 1
    for part in range(2):
        while at < len(text) and text[at] != delimiter:
            if text[at] == "\\":
                at += 1
            elif text[at] == "[" and part == 0 and name == "s":
                at = _bracket(text, at, delimiter)
            at += 1
        at += 1
    if at > len(text):
        return -1
    flags = _FLAGS.match(text, at) if name == "s" else None
    end = flags.end() if flags else at
    rest = text[end : end + 1]
    return end if rest in ("", ";", "\n", "}", " ", "\t") else -1


def _bracket(text: str, at: int, delimiter: str) -> int:
    """The index of the `]`; beyond the text, so refused, with the delimiter inside: there seds differ in where the part ends."""
    end = text.find("]", at + (3 if text[at + 1 : at + 2] == "^" else 2))
    return len(text) if end < 0 or delimiter in text[at:end] else end
