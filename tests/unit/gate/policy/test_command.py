from __future__ import annotations

from pathlib import Path

import pytest

from gate.policy import PolicyError, PolicySettings
from gate.policy.command import assumed, check, explain, principal
from tests.unit.gate.policy.asking import ANNA, CATALOGUE, NOON, policies


def told(who: str, skill: str, *words: str, folder: Path | None = None, own: str = "") -> list[str]:
    return explain(policies(folder, own), assumed(principal(who), CATALOGUE.get(skill), words, NOON)).splitlines()


def test_check_lists_what_is_in_force(tmp_path: Path) -> None:
    (tmp_path / "own.cedar").write_text('\n@id("never")\nforbid (principal, action == Action::"instances.terminate", resource);')
    lines = check(PolicySettings(files=tmp_path, roles={"stopper": ["*:stop"]}), CATALOGUE).splitlines()
    assert "permit  admin-everything  (defaults/roles.cedar:15)" in lines
    assert "permit  role:stopper  (OPS_POLICY__ROLES:1)" in lines
    assert "forbid  never  (own.cedar:2)" in lines
    assert lines[-1] == "10 statements, all right."


def test_check_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "own.cedar").write_text("permit")
    with pytest.raises(PolicyError, match=r"own\.cedar:1"):
        check(PolicySettings(files=tmp_path), CATALOGUE)


def test_explain_says_decision_requirement_statements_and_places() -> None:
    assert told("user:operator", "instances.stop", "web-1", "environment=staging") == [
        "user:operator (operator): instances.stop",
        "  on web-1 (staging)",
        "Allowed. It changes something.",
        "It needs a confirmation.",
        "Confirm it.",
        "  forbid  confirm-changes  (defaults/ladder.cedar:3)",
        "  permit  operator-works  (defaults/roles.cedar:11)",
    ]


def test_explain_says_what_would_make_it_allowed() -> None:
    lines = told("user:viewer", "instances.stop", "count=2")
    assert "Denied. instances.stop needs instances:stop; you have viewer." in lines
    assert lines[-1] == "Ask an administrator for the role operator or admin."


def test_explain_takes_what_is_assumed_of_targets_command_and_time(tmp_path: Path) -> None:
    own = '@reason("Night.") forbid (principal, action in Action::"risk:change", resource) when { context.hour >= 20 };'
    assert "Denied. Night." in told("user:admin", "instances.stop", "time=20:00", folder=tmp_path, own=own)
    assert "It needs a second person." in told("user:admin", "instances.stop", "count=6", "environment=production")
    assert "It needs the target's name, typed." in told("user:admin", "commands.run", "db-1", "class=unparsed", "environment=dev")
    assert "It needs nothing more." in told("user:admin", "commands.run", "class=read_only", "tag.team=web")


@pytest.mark.parametrize(
    "words", [["class=harmless"], ["count=many"], ["count=9999"], ["colour=red"], ["time=25:00"], ["date=soon"]]
)
def test_what_makes_no_sense_is_refused(words: list[str]) -> None:
    with pytest.raises(ValueError):
        assumed(ANNA, CATALOGUE.get("instances.stop"), words, NOON)


def test_a_principal_is_written_as_its_key() -> None:
    assert principal("teams:t1/anna").key == ANNA.key
    assert principal("key:robot", ["g"]).groups == ("g",)
    for wrong in ("anna", "teams:", "human:anna", ":x"):
        with pytest.raises(ValueError, match="is not a principal"):
            principal(wrong)
