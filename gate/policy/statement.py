"""Cedar text in statements that know where they stand. Cedar says what is wrong but not where: the places are found here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any, NamedTuple

import cedarpy

_TOKENS = re.compile(r'\s+|//[^\n]*|(?P<piece>"(?:\\.|[^"\\])*"|\w+|::|&&|\|\||[=!<>]=|.)', re.DOTALL)
_NOTHING = "unable to find an applicable action"
"""What Cedar adds when an action or a type is misspelt; alone it means that the statement can never apply."""


class PolicyError(ValueError):
    """Policies that cannot be used. problems: each with its file, line and reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class Token(NamedTuple):
    """A piece of Cedar text; line: from 1."""

    text: str
    line: int


@dataclass(frozen=True)
class Statement:
    """One `permit` or `forbid`. source: the file's name. line: where it begins. data: Cedar's JSON form of it."""

    source: str
    text: str
    tokens: tuple[Token, ...]
    data: dict[str, Any]

    @property
    def line(self) -> int:
        """Where it begins."""
        return self.tokens[0].line

    @property
    def place(self) -> str:
        """Where it stands, as errors say it."""
        return f"{self.source}:{self.line}"

    @property
    def id(self) -> str:
        """Its `@id`, else its place."""
        return self._annotation("id") or self.place

    @property
    def forbids(self) -> bool:
        """It forbids; else it permits."""
        return self.data["effect"] == "forbid"

    @property
    def reason(self) -> str:
        """Why, for a person."""
        verb = "forbids" if self.forbids else "permits"
        return self._annotation("reason") or f"The policy {self.id} {verb} it."

    @property
    def remedy(self) -> str:
        """What to do about it; may be empty."""
        return self._annotation("remedy")

    @cached_property
    def nodes(self) -> list[dict[str, Any]]:
        """Every object in its JSON form."""
        return list(_nodes(self.data))

    def _annotation(self, name: str) -> str:
        return str(self.data.get("annotations", {}).get(name) or "")


def read(source: str, text: str) -> list[Statement]:
    """The statements of a text. Errors: PolicyError for what is not Cedar, one problem for each statement."""
    statements: list[Statement] = []
    problems: list[str] = []
    for tokens, piece in _split(text):
        try:
            found = json.loads(cedarpy.policies_to_json_str(piece))
        except ValueError as error:
            line, why = _syntax(tokens, str(error))
            problems.append(f"{source}:{line}: {why}")
            continue
        if found["templates"]:
            problems.append(f"{source}:{tokens[0].line}: a template (`?principal`, `?resource`) decides nothing by itself")
            continue
        (data,) = found["staticPolicies"].values()
        statements.append(Statement(source, piece, tokens, data))
    if problems:
        raise PolicyError(problems)
    return statements


def problems(statements: Sequence[Statement], schema: cedarpy.Schema, words: Sequence[str]) -> list[str]:
    """What does not fit the schema, each with file, line and reason. words: what a misspelt one may have meant."""
    result = cedarpy.validate_policies("\n".join(statement.text for statement in statements), schema, release_gil=True)
    found: dict[str, list[str]] = {}
    for error in result.errors:
        found.setdefault(error.policy_id, []).append(error.error.removeprefix(f"for policy `{error.policy_id}`").lstrip(", :"))
    lines: list[str] = []
    for position, statement in enumerate(statements):
        errors = found.pop(f"policy{position}", [])  # Cedar names statements by their position in the text
        telling = [error for error in errors if not error.startswith(_NOTHING)] or errors
        lines += [_line(statement, error, words) for error in telling]
    return [*dict.fromkeys(lines), *(error for errors in found.values() for error in errors)]


def _split(text: str) -> Iterator[tuple[tuple[Token, ...], str]]:
    """The text at its semicolons: tokens and piece; the piece of the last one may be without one."""
    tokens: list[Token] = []
    line, begin = 1, 0
    for match in _TOKENS.finditer(text):
        if match["piece"]:
            begin = begin if tokens else match.start()
            tokens.append(Token(match["piece"], line))
        line += match[0].count("\n")
        if match["piece"] == ";":
            yield tuple(tokens), text[begin : match.end()]
            tokens = []
    if tokens:
        yield tuple(tokens), text[begin:]


def _syntax(tokens: tuple[Token, ...], error: str) -> tuple[int, str]:
    """The line of a syntax error: of the first token after which no end could follow."""
    if "end of input" in error:
        return tokens[-1].line, f"the statement that begins in line {tokens[0].line} does not end; is a `;` missing?"
    for end in range(1, len(tokens) + 1):
        begun = " ".join(token.text for token in tokens[:end])
        try:
            cedarpy.policies_to_json_str(begun)
        except ValueError as said:
            if str(said) == error and "end of input" not in str(said):
                at = tokens[end - 1]
                # What Cedar refuses only when the statement is whole stands somewhere before its end.
                return (_where(tokens, error) if end == len(tokens) else at.line), error
    return tokens[0].line, error


def _line(statement: Statement, error: str, words: Sequence[str]) -> str:
    line, near = _where(statement.tokens, error), _near(error, words)
    if error.startswith(_NOTHING):
        error = "no skill has this principal, action and resource: it can never apply"
    if tag := re.search(r"safety of access to tag `(.+)` on", error):
        error = f"a target may not have the tag {tag[1]}; ask `resource.hasTag({tag[1]}) && ...` first"
    if role := re.match(r"entity `Role::(.+?)` is of an enumerated", error):
        error = f"there is no role {role[1]}; roles are declared in the settings"
    error = re.sub(r' in context for Action::"[^"]+"', " in context", error)  # the same for each skill
    return f"{statement.source}:{line}: {error}" + (f"; did you mean `{near}`?" if near else "")


def _near(error: str, words: Sequence[str]) -> str:
    """What the first unknown name in an error may have meant; empty when nothing is near."""
    for quoted in _quoted(error):
        name = quoted.rpartition("::")[2].strip('"')
        if name not in words and (match := get_close_matches(name, words, n=1, cutoff=0.75)):
            return match[0]
    return ""


def _where(tokens: Sequence[Token], error: str) -> int:
    """The line of the first thing the error names, else of the statement."""
    for quoted in (*_quoted(error), error.rpartition(": ")[2]):
        name = quoted.rpartition("::")[2]
        for token in tokens:
            if token.text == name or (token.text.startswith('"') and name in token.text):
                return token.line
    return tokens[0].line


def _quoted(error: str) -> list[str]:
    return re.findall(r"`([^`]+)`", error)


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    children: Any = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from _nodes(child)
