"""Programs as data: one line for each form of a command that is known to be harmless, and a matcher for words against it.

A line is `NAMES [SUBCOMMANDS] : TOKENS`. Names are separated by commas; each subcommand word may have alternatives (`get|list`).
What no line covers is not harmless. Tokens:

    *            any option is harmless, but for the ones denied here
    -x  --long   this option is harmless; without `*` only those that are named
    -x:          it takes a value;  -x?  it may have one in the same word;  -#  stands for -5, -20 and the like
    !-x          it writes, executes or sends
    ~-x          it never ends, or needs a person at a keyboard
    $-x          it shows secrets
    +-x|-y       one of these must be there
    @2  @1-2     how many operands there may be; without, any number
    >N           after N operands comes another command, which is judged in its place
    =name        the handler of that name looks at the rest, see `gate/risk/handlers.py`
    raw          options are not looked at, the handler gets every word
    go           options have one dash and whole words (-name=value), as in Go programs
    bare         may be used without a subcommand
    calm risky   whether a variable that could turn into an option is tolerated; without: risky if the list is closed or has `!`

A form with subcommands hands its options down to them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from gate.risk.assessment import Findings
from gate.risk.words import bound, loose, shown, unknown

Kind = Literal["allowed", "value", "attached", "danger", "endless", "secret"]
_REASON: dict[Kind, str] = {
    "danger": "{} can write, execute or send",
    "endless": "{} does not end by itself",
    "secret": "{} shows secrets",
}
_ARITY: dict[str, Kind] = {":": "value", "?": "attached"}
_SIGN: dict[str, Kind] = {"!": "danger", "~": "endless", "$": "secret"}


class Judge(Protocol):
    """What a handler may ask of whoever walks the command. piped: the program whose output comes in; fed: the file that does."""

    findings: Findings
    piped: str | None
    fed: str | None

    def command(self, words: list[str], piece: str) -> None:
        """Judge another command, given as words."""
        ...

    def code(self, text: str, piece: str) -> None:
        """Judge a text the shell would run."""
        ...


@dataclass(slots=True)
class Call:
    """A matched command. options: by name, every value it was given, "" where it takes none. rest: the command after `>N`."""

    program: str
    form: Form
    path: list[str]
    options: dict[str, list[str]]
    operands: list[str]
    rest: list[str]
    judge: Judge
    piece: str

    def values(self, *options: str) -> list[str]:
        """Every value these options were given."""
        return [value for option in options for value in self.options.get(option, ())]

    def deny(self, reason: str) -> None:
        """This call is not harmless."""
        self.judge.findings.changing(reason, self.piece)

    def destroy(self, reason: str) -> None:
        """This call destroys."""
        self.judge.findings.destructive(reason, self.piece)


Handler = Callable[[Call], None]


@dataclass(slots=True)
class Form:
    """One line, resolved. known: an option to its kind; subs: by word."""

    known: dict[str, Kind] = field(default_factory=dict)
    open: bool = True
    single_dash: bool = False
    bare: bool = False
    raw: bool = False
    harmless: bool = False
    risky: bool = False
    denies: bool = False
    required: list[frozenset[str]] = field(default_factory=list)
    operands: tuple[int, int] | None = None
    skip: int | None = None
    handler: str | None = None
    subs: dict[str, Form] = field(default_factory=dict)


def read(lines: str, into: dict[str, Form]) -> None:
    """Add the forms of a table to `into`, by program. Programs must stand above their subcommands; a line with `#` is a comment,
    an indented one goes on with the one above."""
    for text in re.sub(r"(?<=[|,])\n +|\n +", _joint, lines).splitlines():
        if not text or text.startswith("#"):
            continue
        head, _, tokens = text.partition(" :")
        names, *path = head.split()
        for name in names.split(","):
            for form in _nodes(into.setdefault(name, Form()), path):
                _fill(form, tokens.split(), inherit=bool(path))


def _joint(found: re.Match[str]) -> str:
    """What joins an indented line to the one above: nothing within a list of alternatives."""
    return "" if found.string[found.start() - 1] in "|," else " "


def _nodes(form: Form, path: list[str]) -> Iterable[Form]:
    if not path:
        yield form
        return
    for word in path[0].split("|"):
        sub = form.subs.get(word)
        if sub is None:
            sub = form.subs[word] = Form(known=dict(form.known), single_dash=form.single_dash)
        yield from _nodes(sub, path[1:])


def _fill(form: Form, tokens: list[str], *, inherit: bool) -> None:
    form.harmless = True
    form.bare |= inherit or "bare" in tokens
    form.single_dash |= "go" in tokens
    form.raw |= "raw" in tokens
    form.open = "*" in tokens
    for mark in tokens:
        _note(form, mark)
    if form.single_dash:
        form.known = {"-" + name.lstrip("-"): kind for name, kind in form.known.items()}
        form.required = [frozenset("-" + name.lstrip("-") for name in alternatives) for alternatives in form.required]
    form.denies = "danger" in form.known.values()
    denied = any(mark[0] == "!" for mark in tokens)
    form.risky = "calm" not in tokens and ("risky" in tokens or denied or not (inherit or form.open))


def _note(form: Form, mark: str) -> None:
    """One token that is more than a word."""
    sign, rest = mark[0], mark[1:]
    if sign in _SIGN:
        form.known[rest] = _SIGN[sign]
    elif sign == "+":
        form.required.append(frozenset(rest.split("|")))
        for option in rest.split("|"):
            form.known.setdefault(option, "allowed")
    elif sign == "@":
        low, _, high = rest.partition("-")
        form.operands = (int(low), int(high or low))
    elif sign == ">":
        form.skip = int(rest)
    elif sign == "=":
        form.handler = rest
    elif sign == "-":
        form.known[mark.rstrip(":?")] = _ARITY.get(mark[-1], "allowed")


def match(program: str, form: Form, words: list[str], judge: Judge, piece: str) -> Call | None:
    """The call these words (without the program's name) make; None, with findings, if it is not known to be harmless."""
    call = Call(program, form, [], {}, [], [], judge, piece)
    if form.raw:
        call.operands = list(words)
        return call
    at = 0
    while 0 <= at < len(words):
        word = words[at]
        if word == "--":
            _rest(call, words, at + 1)
            break
        if len(word) > 1 and word[0] == "-":
            at = _option(call, word, words, at + 1)
        elif call.form.skip is not None and len(call.operands) == call.form.skip:
            call.rest = words[at:]
            break
        else:
            at = at + 1 if _operand(call, word) else -1
    return call if at >= 0 and _complete(call) else None


def _rest(call: Call, words: list[str], at: int) -> None:
    """What follows `--`: the operands that are still missing, and the command."""
    if call.form.skip is None:
        call.operands += words[at:]
        return
    missing = call.form.skip - len(call.operands)
    call.operands += words[at : at + missing]
    call.rest = words[at + missing :]


def _operand(call: Call, word: str) -> bool:
    """Note a subcommand or an operand; False, with a finding, if it is not known to be harmless."""
    form = call.form
    if form.subs and not call.operands:
        sub = form.subs.get(word)
        if sub is None:
            call.deny(f"{_named(call)} {shown(word)} is not known to be harmless")
            return False
        call.form = sub
        call.path.append(word)
    elif (form.risky and loose(word)) or ((form.denies or form.skip) and bound(word)):
        call.deny(f"{shown(word)} could turn into an option of {_named(call)}")
        return False
    else:
        call.operands.append(word)
    return True


def _named(call: Call) -> str:
    return " ".join((call.program, *call.path))


def _complete(call: Call) -> bool:
    form, reason = call.form, None
    if "--help" in call.options and form.skip is None and not call.operands:
        return True
    if not form.harmless or (form.subs and not form.bare and not call.operands):
        reason = f"{_named(call)} alone is not known to be harmless"
    elif form.operands is not None and not form.operands[0] <= len(call.operands) <= form.operands[1]:
        reason = f"{_named(call)} with {len(call.operands)} operands is not known to be harmless"
    else:
        for option in form.required:
            if option.isdisjoint(call.options):
                reason = f"{_named(call)} without {' or '.join(sorted(option))} is not known to be harmless, or does not end"
    if reason:
        call.deny(reason)
    return reason is None


def _option(call: Call, word: str, words: list[str], at: int) -> int:
    """Note one option word; the index after it and its value, or -1 with a finding."""
    form = call.form
    if word == "--help":
        call.options["--help"] = [""]
        return at
    if form.single_dash or word[1] == "-":
        name, equals, value = word.partition("=")
        if form.single_dash:
            name = "-" + name.lstrip("-")
        kind = form.known.get(name) or _abbreviated(form, name)
        if kind is None and (not form.open or unknown(name)):
            return _refuse(call, "allowed", name)
        if kind in _REASON:
            return _refuse(call, kind, name)
        if kind == "value" and not equals:
            value = words[at] if at < len(words) else ""
            at += 1
        call.options.setdefault(name, []).append(value)
        return at
    return _cluster(call, word, words, at)


def _cluster(call: Call, word: str, words: list[str], at: int) -> int:
    known, form = call.form.known, call.form
    start = 1
    if word[1].isdigit() and (form.open or "-#" in known):
        start = len(word) - len(word[1:].lstrip("0123456789"))
    for index in range(start, len(word)):
        name = "-" + word[index]
        kind = known.get(name)
        if kind == "allowed" or (kind is None and form.open and not unknown(name)):
            call.options.setdefault(name, []).append("")
        elif kind == "value" or kind == "attached":
            value = word[index + 1 :]
            if not value and kind == "value":
                value = words[at] if at < len(words) else ""
                at += 1
            call.options.setdefault(name, []).append(value)
            break
        else:
            return _refuse(call, kind or "allowed", word if kind is None else name)
    return at


def _abbreviated(form: Form, name: str) -> Kind | None:
    """GNU's getopt takes `--comp` for `--compress-program`: an abbreviation of what is denied is denied."""
    if len(name) > 2 and not form.single_dash:
        for option, kind in form.known.items():
            if kind in _REASON and option.startswith(name):
                return kind
    return None


def _refuse(call: Call, kind: Kind, name: str) -> int:
    reason = _REASON.get(kind, "option {} is not known to be harmless").format(shown(name))
    call.deny(f"{_named(call)}: {reason}")
    return -1
