"""What holds for any text: it never raises, ends in time, and what is added to a harmless command cannot hide."""

from __future__ import annotations

import shlex
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.risk import Class, assess
from gate.risk.assess import Shell
from gate.risk.commands import FORMS
from tests.unit.gate.risk import commands

_HARMLESS = st.sampled_from(commands.DIAGNOSTICS)
_SHELLS: tuple[Shell, ...] = ("bash", "powershell", "cmd")
_SHELL_TEXT = st.text(alphabet="abls-rm $(){}[]<>|&;'\"`\\/=*?!~#\n\t0.,:@%^+_", max_size=60)


@given(st.text(max_size=300), st.sampled_from(_SHELLS))
def test_any_text_is_answered(text: str, shell: Shell) -> None:
    assert assess(text, shell).risk in Class


@given(_SHELL_TEXT)
@settings(max_examples=300)
def test_shell_syntax_with_a_program_nobody_knows_is_never_read_only(text: str) -> None:
    assert assess(f"{text}\nfrobnicate x").risk is not Class.READ_ONLY
    assert assess(f"frobnicate{text}" if text[:1] in " \t" else f"frobnicate {text}").risk is not Class.READ_ONLY


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1, max_size=12))
def test_a_word_is_read_only_only_if_a_form_knows_it(word: str) -> None:
    if assess(word).risk is Class.READ_ONLY:
        assert word in FORMS


@given(
    _HARMLESS,
    st.sampled_from(
        [
            "; rm -rf x",
            " | sh",
            " $(reboot)",
            " && reboot",
            " || reboot",
            "\nreboot",
            " `reboot`",
            " > f",
            ' "$(reboot)"',
            "&reboot",
        ]
    ),
)
def test_what_is_appended_to_a_harmless_command_is_seen(command: str, added: str) -> None:
    assert assess(command + added).risk is not Class.READ_ONLY


@given(
    _HARMLESS,
    st.sampled_from(
        ["reboot; ", "reboot | ", "X=$(reboot) ; ", "(reboot); ", "LD_PRELOAD=x ", "if reboot; then ls; fi; ", "! reboot; "]
    ),
)
def test_what_stands_before_a_harmless_command_is_seen(command: str, before: str) -> None:
    assert assess(before + command).risk is not Class.READ_ONLY


@given(
    _HARMLESS,
    st.sampled_from(["sh -c {}", "bash -lc {}", "ssh web1 {}", "sudo sh -c {}", "eval {}", "kubectl exec p -- sh -c {}"]),
)
def test_a_wrapped_command_with_a_write_is_seen(command: str, wrapper: str) -> None:
    assert assess(wrapper.format(shlex.quote(f"{command} > f"))).risk is not Class.READ_ONLY


@given(_HARMLESS)
def test_quoting_the_whole_command_makes_it_one_unknown_program(command: str) -> None:
    assert assess(shlex.quote(command) + " x").risk is not Class.READ_ONLY or " " not in command


@given(st.sampled_from(sorted(FORMS)), st.lists(st.text(alphabet="abcdefw-=/.:0 ", min_size=1, max_size=8), max_size=4))
def test_any_arguments_of_a_known_program_are_answered(program: str, arguments: list[str]) -> None:
    assert assess(shlex.join([program, *arguments])).risk in Class


@pytest.mark.parametrize("shell", _SHELLS)
@pytest.mark.parametrize(
    "text",
    [
        "ls " + "$(" * 4_000 + "ls" + ")" * 4_000,
        "(" * 3_000 + "ls" + ")" * 3_000,
        'echo "' + '$(echo "' * 400 + "x" + '")' * 400 + '"',
        "`ls`" * 2_000,
        "sudo " * 1_500 + "ls",
        "bash -c " * 900 + "ls",
        "echo $((" + "1+" * 3_900 + "1))",
        "${a:-" * 1_500 + "x" + "}" * 1_500,
        "[[ " + "( " * 2_000 + "a" + " )" * 2_000 + " ]]",
        "if ls; then " * 600,
        "cat <<A " * 900,
        "<a" * 4_000,
        "echo " + "{a," * 2_600,
        "awk '" + "(" * 8_000 + "'",
        "mongosh --eval 'db." + "a." * 3_500 + "'",
        "x" * 100_000,
        "ls " * 40_000,
        "'" * 100_001,
    ],
    ids=lambda text: text[:14] if len(text) > 14 else text,
)
def test_long_and_deep_input_is_answered_in_bounded_time(text: str, shell: Shell) -> None:
    started = time.perf_counter()
    assert assess(text, shell).risk in Class
    assert time.perf_counter() - started < 5.0
