"""The grammar of the list: what a line lets through, and that every line of the list is sound."""

from __future__ import annotations

import pytest

from gate.risk import commands
from gate.risk.assessment import Class, Findings
from gate.risk.forms import Call, Form, match, read
from gate.risk.handlers import HANDLERS
from gate.risk.words import BOUND, QUOTED, SPLIT


class Alone:
    """A judge of one command."""

    piped: str | None = None
    fed: str | None = None

    def __init__(self) -> None:
        self.findings = Findings()

    def command(self, words: list[str], piece: str) -> None:
        raise AssertionError(words)

    def code(self, text: str, piece: str) -> None:
        raise AssertionError(text)


def call(line: str, words: list[str]) -> Call | None:
    forms: dict[str, Form] = {}
    read(line, forms)
    judge = Alone()
    matched = match("tool", forms["tool"], words, judge, "tool ...")
    assert (matched is None) == (judge.findings.risk is not Class.READ_ONLY)
    return matched


@pytest.mark.parametrize(
    ("line", "words", "harmless"),
    [
        ("tool : -a -n: --name: --all", "-a -n 5 --name=x --all file".split(), True),
        ("tool : -a", ["-b"], False),
        ("tool : -a", ["-ab"], False),
        ("tool : -a -n:", ["-an5"], True),
        ("tool : -a -p?", ["-pax", "-a"], True),
        ("tool : --all", ["--al"], False),
        ("tool : * !--output !-o", ["-xyz", "--other"], True),
        ("tool : * !--output !-o", ["--outp", "x"], False),
        ("tool : * !--output !-o", ["-xo", "f"], False),
        ("tool : * ~-f", ["-5f"], False),
        ("tool : -#", ["-20"], True),
        ("tool : -a", ["-20"], False),
        ("tool : +-c|--count -c:", ["x"], False),
        ("tool : +-c|--count -c:", ["-c", "3", "x"], True),
        ("tool : @1", ["a", "b"], False),
        ("tool : @0-1", ["a"], True),
        ("tool : go -name:", ["--name", "x", "-name=y"], True),
        ("tool : go -name:", ["-n"], False),
        ("tool : -n:\ntool get|list : *", ["-n", "x", "list", "-o", "y"], True),
        ("tool : -n:\ntool get|list : *", ["delete"], False),
        ("tool : -n:\ntool get|list : *", [], False),
        ("tool : -n:\ntool get : *", [SPLIT], False),
        ("tool : !--evil\ntool get : *", ["get", "--evil"], False),
        ("tool : -a", ["--help"], True),
        ("tool a b : *\ntool a : @0", ["a"], True),
        ("tool a b : *\ntool a : @0", ["a", "c"], False),
    ],
)
def test_a_line_lets_through_what_it_names(line: str, words: list[str], *, harmless: bool) -> None:
    assert (call(line, words) is not None) is harmless


@pytest.mark.parametrize(
    ("line", "word", "tolerated"),
    [
        ("tool : *", SPLIT, True),
        ("tool : -a", SPLIT, False),
        ("tool : -a", QUOTED, True),
        ("tool : -a", "*.txt", False),
        ("tool : * !-x", SPLIT, False),
        ("tool : * !-x calm", SPLIT, True),
        ("tool : * !-x calm", BOUND, False),
        ("tool : * calm", BOUND, True),
    ],
)
def test_what_could_turn_into_an_option(line: str, word: str, *, tolerated: bool) -> None:
    assert (call(line, [word]) is not None) is tolerated


def test_the_command_after_a_wrapper_keeps_its_own_options() -> None:
    matched = call("tool : -u: >1", ["-u", "x", "pod", "rm", "-u", "y"])
    assert matched is not None
    assert (matched.operands, matched.rest) == (["pod"], ["rm", "-u", "y"])


def test_two_dashes_end_the_options_and_begin_the_command() -> None:
    matched = call("tool : -u: >1", ["pod", "-u", "x", "--", "rm", "-f"])
    assert matched is not None
    assert matched.rest == ["rm", "-f"]


def test_an_indented_line_goes_on_with_the_one_above() -> None:
    assert call("tool get|\n    list : -a\n    -b", ["list", "-a", "-b"]) is not None


def forms(form: Form) -> list[Form]:
    return [form, *(inner for sub in form.subs.values() for inner in forms(sub))]


def test_every_handler_that_is_named_is_there_and_every_one_there_is_named() -> None:
    named = {form.handler for program in commands.FORMS.values() for form in forms(program) if form.handler}
    assert named == set(HANDLERS)


def test_no_shell_interpreter_or_editor_may_be_called_freely() -> None:
    for program in ("bash", "sh", "python3", "perl", "ruby", "node", "psql", "mysql", "ssh", "sudo", "xargs", "env"):
        form = commands.FORMS[program]
        assert not form.open
        assert form.handler or form.required
    assert not {"vi", "vim", "less", "more", "man", "nc6", "socat", "telnet", "tclsh", "gdb", "ed", "emacs"} & set(commands.FORMS)


def test_programs_that_can_write_or_execute_by_an_option_have_no_open_list() -> None:
    for program in (
        "sort",
        "sed",
        "awk",
        "tar",
        "curl",
        "wget",
        "tcpdump",
        "openssl",
        "date",
        "hostname",
        "sysctl",
        "mount",
        "rsync",
        "rpm",
        "ip",
    ):
        if program in commands.FORMS:
            assert not commands.FORMS[program].open
