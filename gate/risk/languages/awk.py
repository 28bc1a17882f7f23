"""awk programs: read with a small lexer, so that a `>` is told from a comparison and a `|` from one in a regular expression."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"(?P<space>[ \t]+|\\\n|#[^\n]*)|(?P<string>\"(?:\\.|[^\"\\\n])*\")|(?P<number>\d+(?:\.\d*)?|\.\d+)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>\|\||&&|\|&|[<>=!]=|\+\+|--|>>|[-+*/%^]=|\n|.)",
    re.DOTALL,
)
_REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])*/")
_FORBIDDEN = frozenset(
    ("system", "getline", "close", "ENVIRON", "PROCINFO", "fflush", "extension", "load", "include", "ARGV", "SYMTAB", "FUNCTAB")
)


def objection(program: str) -> str | None:
    """Why a program is not known to be harmless; None if it only prints."""
    reader = _Reader()
    at = 0
    while at < len(program):
        if program[at] == "/" and reader.previous not in _OPERANDS:
            regex = _REGEX.match(program, at)
            if regex is None:
                return "a regular expression that does not end"
            at, reader.previous = regex.end(), "string"
            continue
        token = _TOKEN.match(program, at)
        if token is None:
            return "not understood"
        at = token.end()
        if token.lastgroup != "space" and (reason := reader.refuses(token.lastgroup or "", token[0])):
            return reason
    return None


class _Reader:
    """What has been read so far, as far as it decides about the next token.

    printing: the depth of parentheses where a print statement began, while it lasts. opened: of each open parenthesis, whether it
    holds a condition, after which an expression begins anew and `/` is not a division.
    """

    def __init__(self) -> None:
        self.previous = ""
        self.printing: int | None = None
        self.opened: list[bool] = []

    def refuses(self, kind: str, text: str) -> str | None:
        """Take one token in; why it is not harmless."""
        reason = _refused(kind, text)
        if text in (">", ">>") and self.printing is not None and len(self.opened) <= self.printing:
            reason = "writes to a file"
        elif text == "(":
            self.opened.append(self.previous in _CONDITIONAL)
        elif text == ")":
            if not self.opened:
                return "not understood"
            self.previous = "condition" if self.opened.pop() else ")"
            return reason
        elif text in ("print", "printf"):
            self.printing = len(self.opened)
        elif text in (";", "}", "{") or (text == "\n" and self.previous not in _CONTINUED):
            self.printing = None
        self.previous = text if kind == "sign" or text in _KEYWORDS else kind
        return reason


_CONTINUED = frozenset((",", "&&", "||", "?", ":"))
_OPERANDS = frozenset(("name", "number", "string", ")", "]", "++", "--"))
_CONDITIONAL = frozenset(("if", "while", "for"))
_KEYWORDS = frozenset(("print", "printf", "return", "in", "if", "while", "for", "do", "else", "case", "BEGIN", "END", "exit"))


def _refused(kind: str, text: str) -> str | None:
    if kind == "name" and text in _FORBIDDEN:
        return f"{text} is not harmless"
    if kind == "string" and re.search(r"/inet|\\[xu0-7]", text):
        return "a string that may be a network or hides its text"
    if kind == "sign" and text in ("|", "|&", "@", '"', "`"):
        return f"{text} may run a program"
    return None
