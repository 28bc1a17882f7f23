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
    at, previous = 0, ""
    printing: int | None = None  # the depth of parentheses where the print statement began
    opened: list[bool] = []  # of each open parenthesis: whether it holds a condition, after which an expression begins anew
    while at < len(program):
        if program[at] == "/" and previous not in _OPERANDS:
            regex = _REGEX.match(program, at)
            if regex is None:
                return "a regular expression that does not end"
            at, previous = regex.end(), "string"
            continue
        token = _TOKEN.match(program, at)
        if token is None:
            return "not understood"
        kind, text, at = token.lastgroup or "", token[0], token.end()
        if kind == "space":
            continue
        if reason := _refused(kind, text):
            return reason
        if text == "(":
            opened.append(previous in _CONDITIONAL)
        elif text == ")":
            if not opened:
                return "not understood"
            previous = "condition" if opened.pop() else ")"
            continue
        elif text in ("print", "printf"):
            printing = len(opened)
        elif printing is not None and text in (">", ">>") and len(opened) <= printing:
            return "writes to a file"
        elif text in (";", "}", "{") or (text == "\n" and previous not in (",", "&&", "||")):
            printing = None
        previous = text if kind == "sign" or text in _KEYWORDS else kind
    return None


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
