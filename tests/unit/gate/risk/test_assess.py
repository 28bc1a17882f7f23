"""What bash commands are called: nothing but plain reading is read-only, and what destroys is told apart."""

from __future__ import annotations

import concurrent.futures

import pytest

from gate.risk import Class, assess
from tests.unit.gate.risk import commands


@pytest.mark.parametrize("command", commands.DIAGNOSTICS)
def test_a_diagnostic_is_read_only(command: str) -> None:
    assessment = assess(command)
    assert (assessment.risk, assessment.reason) == (Class.READ_ONLY, "only reads")
    assert assessment.safe_to_run


@pytest.mark.parametrize("command", [*commands.CHANGING, *commands.SECRETS, *commands.ENDLESS, *commands.SENDING])
def test_what_writes_runs_code_leaks_or_never_ends_is_not_read_only(command: str) -> None:
    assessment = assess(command)
    assert assessment.risk is not Class.READ_ONLY
    assert assessment.reason
    assert assessment.piece
    assert not assessment.safe_to_run


@pytest.mark.parametrize("command", commands.DESTRUCTIVE)
def test_what_destroys_is_destructive(command: str) -> None:
    assert assess(command).risk is Class.DESTRUCTIVE


@pytest.mark.parametrize("command", commands.NOT_UNDERSTOOD)
def test_what_is_not_understood_is_unparsed(command: str) -> None:
    assert assess(command).risk is Class.UNPARSED


def test_the_piece_is_the_offending_part_of_the_command() -> None:
    assessment = assess("df -h && kubectl get pods | tee /etc/motd; uptime")
    assert assessment.piece == "tee /etc/motd"
    assert assessment.reason == "writes to a file"


def test_the_worst_finding_is_what_is_said() -> None:
    assert assess("touch x; rm -rf y; touch z").piece == "rm -rf y"


def test_a_destructive_part_of_something_not_understood_is_still_destructive() -> None:
    assert assess("rm -rf x; ls 'a").risk is Class.DESTRUCTIVE


@pytest.mark.parametrize("command", ["kubectl logs <pod> -n <name-space>", "oc get <kind>/<name> -o yaml", "dig <host name>"])
def test_a_command_with_blanks_is_judged_but_not_safe_to_run_as_it_stands(command: str) -> None:
    assessment = assess(command)
    assert assessment.risk is Class.READ_ONLY
    assert assessment.template
    assert not assessment.safe_to_run


@pytest.mark.parametrize(
    "command", ["<tool> get pods", "kubectl <verb> pods", "cat <a>out", "cat <<EOF>out\nx\nEOF", "kubectl delete pod <pod>"]
)
def test_a_blank_hides_nothing(command: str) -> None:
    assert assess(command).risk is not Class.READ_ONLY


def test_text_that_spells_destruction_is_not_let_through() -> None:
    assert assess("echo 'rm -rf /'").risk is Class.CHANGING


def test_a_program_in_a_system_folder_is_that_program_and_elsewhere_is_not() -> None:
    assert assess("/usr/bin/df -h").risk is Class.READ_ONLY
    assert assess("/home/eve/df -h").risk is Class.CHANGING


def test_assessments_agree_across_threads() -> None:
    mixed = [*commands.DIAGNOSTICS, *commands.DESTRUCTIVE] * 3
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert list(pool.map(assess, mixed)) == [assess(command) for command in mixed]


def test_characters_that_crash_the_grammar_are_kept_from_it() -> None:
    assert assess("df {\U0010e4b1 \xe9").risk is Class.READ_ONLY
    assert assess("\xe9=1 df").risk is Class.CHANGING
    assert assess("frobnicate-\xe9 x").reason == "frobnicate-\xe9 is not known to be harmless"
