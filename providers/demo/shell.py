"""A small simulated shell: enough of bash's grammar for the commands people try, and nothing that runs on this machine.

`sleep` and the like only move a clock, so the outcome of a command is known at once, with the second each line appears.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from providers.demo.load import Load
from providers.demo.machine import Machine

_OPERATOR = r"&&|\|\||2>&1|[12&]?>>?\s*[^\s;&|]+|[;|&\n]"
_WORD = r"(?:\$\([^()]*\)|[^\s;&|'\"\\]|\\.|'[^']*'|\"(?:[^\"\\]|\\.)*\")+"
_TOKEN = re.compile(rf"[ \t]*(?:(?P<operator>{_OPERATOR})|(?P<comment>#[^\n]*)|(?P<word>{_WORD}))", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:\{(\w+|\?)\}|(\w+|\?)|\(([^()]*)\))")


@dataclass(frozen=True)
class Chunk:
    """A piece of output: `at` seconds after the command began."""

    at: float
    stream: Literal["out", "err"]
    text: str


@dataclass
class Outcome:
    """What a whole command came to. seconds: how long it took."""

    chunks: list[Chunk] = field(default_factory=list[Chunk])
    code: int = 0
    seconds: float = 0.0

    def text(self, stream: Literal["out", "err"], until: float) -> str:
        """Everything it had printed on that stream `until` seconds after it began."""
        return "".join(chunk.text for chunk in self.chunks if chunk.stream == stream and chunk.at <= until)


@dataclass
class Context:
    """What a program sees. now: Unix seconds when it runs. stdin: what the pipe gave it, or None."""

    machine: Machine
    load: Load
    now: float
    args: list[str]
    stdin: str | None
    variables: Mapping[str, str]
    out: list[str] = field(default_factory=list[str])
    err: list[str] = field(default_factory=list[str])
    seconds: float = 0.0
    leave: bool = False

    def say(self, *lines: str) -> None:
        """Print lines."""
        self.out.extend(line + "\n" for line in lines)

    def fail(self, line: str, code: int = 1) -> int:
        """Print a line on stderr and return the exit code."""
        self.err.append(line + "\n")
        return code

    @property
    def flags(self) -> str:
        """The letters of every single-dash option, together."""
        return "".join(arg[1:] for arg in self.args if re.fullmatch(r"-[A-Za-z]+", arg))

    @property
    def operands(self) -> list[str]:
        """The arguments that are not options."""
        return [arg for arg in self.args if not arg.startswith("-")]


Program = Callable[[Context], int | None]


class _Exit(Exception):
    pass


@dataclass
class _Segment:
    """One pipeline: its programs' words, how stderr is sent, and the operator before it."""

    joined: str
    commands: list[list[str]]
    merged: bool = False
    hidden: frozenset[str] = frozenset()


class Shell:
    """Runs command lines on one machine. programs: by name."""

    def __init__(self, machine: Machine, load: Load, programs: Mapping[str, Program], *, now: float, user: str = "root") -> None:
        self._machine = machine
        self._load = load
        self._programs = programs
        self._now = now
        self._outcome = Outcome()
        self._variables = {
            "HOSTNAME": machine.plan.name,
            "USER": user,
            "HOME": "/root",
            "PWD": "/usr/bin",
            "SHELL": "/bin/bash",
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
            "?": "0",
        }

    def run(self, script: str) -> Outcome:
        """Run a script of any number of lines. A syntax error ends it with 2, an unknown program gives 127, as bash has it."""
        try:
            for segment in _parse(script):
                failed = self._outcome.code != 0
                if (segment.joined == "&&" and failed) or (segment.joined == "||" and not failed):
                    continue
                self._pipeline(segment)
        except ValueError as error:
            self._print("err", f"bash: -c: {error}\n")
            self._outcome.code = 2
        except _Exit:
            pass
        return self._outcome

    def _pipeline(self, segment: _Segment) -> None:
        stdin: str | None = None
        leave = False
        for words in segment.commands:
            context = self._program(words, stdin)
            out, err = "".join(context.out), "".join(context.err)
            self._outcome.seconds += context.seconds
            if "err" not in segment.hidden:
                if segment.merged:
                    out += err
                else:
                    self._print("err", err)
            stdin, leave = out, context.leave
        if "out" not in segment.hidden:
            self._print("out", stdin or "")
        self._variables["?"] = str(self._outcome.code)
        if leave:
            raise _Exit

    def _program(self, words: list[str], stdin: str | None) -> Context:
        assigned = [word for word in words if re.match(r"[A-Za-z_]\w*=", word)] if words else []
        if assigned and len(assigned) == len(words):
            self._variables.update({key: self._expand(value) for key, _, value in (word.partition("=") for word in words)})
            words = ["true"]
        name, *args = [self._expand(word) for word in words]
        context = Context(self._machine, self._load, self._now + self._outcome.seconds, args, stdin, dict(self._variables))
        if name in ("sudo", "command", "nohup", "time", "env") and args:
            return self._program([shlex.quote(arg) for arg in args if not arg.startswith("-")], stdin)
        program = self._programs.get(name.rsplit("/", 1)[-1])
        if program is None:
            self._outcome.code = context.fail(f"bash: line 1: {name}: command not found", 127)
        else:
            self._outcome.code = program(context) or 0
        return context

    def _expand(self, word: str) -> str:
        """Quotes off, variables and `$(command)` filled in, but not inside single quotes."""
        pieces = re.split(r"('[^']*')", word)
        filled = [piece if piece.startswith("'") else _VARIABLE.sub(self._value, piece) for piece in pieces]
        return "".join(shlex.split("".join(filled), comments=False)) if re.search(r"['\"\\]", word) else "".join(filled)

    def _value(self, match: re.Match[str]) -> str:
        if match[3] is None:
            return self._variables.get(match[1] or match[2], "")
        inner = Shell(self._machine, self._load, self._programs, now=self._now + self._outcome.seconds).run(match[3])
        return inner.text("out", inner.seconds).rstrip("\n")

    def _print(self, stream: Literal["out", "err"], text: str) -> None:
        if text:
            self._outcome.chunks.append(Chunk(self._outcome.seconds, stream, text))


def _parse(script: str) -> list[_Segment]:
    """The pipelines of a script in order. Errors: ValueError in bash's words."""
    segments: list[_Segment] = []
    current = _Segment(";", [[]])
    position = 0
    script = script.replace("\\\n", "").strip()
    while position < len(script):
        match = _TOKEN.match(script, position)
        if match is None:
            if not script[position:].strip():
                break
            raise ValueError(f"unexpected EOF while looking for matching `{script[position:].strip()[0]}'")
        position = match.end()
        if match["word"]:
            current.commands[-1].append(match["word"])
        elif match["operator"]:
            current = _operator(match["operator"], current, segments)
    _close(current, segments, "newline")
    return segments


def _operator(operator: str, current: _Segment, segments: list[_Segment]) -> _Segment:
    """Apply an operator to the pipeline being read and return the one that goes on."""
    if operator == "|":
        if not current.commands[-1]:
            raise ValueError("syntax error near unexpected token `|'")
        current.commands.append([])
        return current
    if operator == "2>&1":
        current.merged = True
        return current
    if ">" in operator:
        streams = {"2": {"err"}, "&": {"out", "err"}}.get(operator[0], {"out"})
        current.hidden |= streams
        return current
    _close(current, segments, operator)
    return _Segment(operator if operator in ("&&", "||") else ";", [[]])


def _close(current: _Segment, segments: list[_Segment], operator: str) -> None:
    if current.commands == [[]]:
        if operator in ("&&", "||", "|") or current.joined in ("&&", "||"):
            raise ValueError(f"syntax error near unexpected token `{operator}'")
        return
    if not current.commands[-1]:
        raise ValueError(f"syntax error near unexpected token `{operator}'")
    segments.append(current)
