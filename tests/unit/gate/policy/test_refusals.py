"""What cannot be evaluated is denied, and says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from gate.policy import approvals
from tests.unit.gate.policy.asking import ANNA, CATALOGUE, ask, policies, targets

OVERFLOW = "context.count * 9223372036854775807 < 0"
"""False for one target; cannot be computed for two."""


@pytest.mark.parametrize("given", [{}, {"confirmed": True}])
def test_a_forbid_that_fails_denies_instead_of_being_skipped(tmp_path: Path, given: dict[str, bool]) -> None:
    policy = policies(tmp_path, f'@id("broken") forbid (principal, action, resource) when {{ {OVERFLOW} }};')
    request = ask("admin", "instances.stop", targets(count=2), **given)
    for decision in (policy.decide(request), policy.check(request)):
        assert not decision.allowed
        assert "could not be evaluated" in decision.reason
        assert "integer overflow" in decision.reason
    assert policy.decide(ask("admin", "instances.stop", targets(count=1))).allowed


def test_a_permit_that_fails_denies_although_another_permits(tmp_path: Path) -> None:
    policy = policies(tmp_path, f"permit (principal, action, resource) when {{ {OVERFLOW} }};")
    assert not policy.decide(ask("admin", "instances.stop", targets(count=2))).allowed


def test_a_statement_that_fails_on_one_rung_denies_on_that_rung(tmp_path: Path) -> None:
    own = "forbid (principal, action, resource) when { context.approvals * 9223372036854775807 < 0 };"
    policy = policies(tmp_path, own)
    assert policy.check(ask("admin", "instances.stop", targets(), confirmed=True, approvals=1)).allowed
    assert not policy.check(ask("admin", "instances.stop", targets(), confirmed=True, approvals=2)).allowed


def test_a_skill_the_policy_was_not_made_for_is_denied() -> None:
    unknown = replace(CATALOGUE.get("instances.stop"), name="instances.explode")
    policy = policies()
    decision = policy.decide(replace(ask("admin", "instances.stop", targets()), skill=unknown))
    assert not decision.allowed
    assert "there is no skill 'instances.explode'" in decision.reason
    assert not policy.may(ask("admin", "help").principal, unknown)


def test_a_time_without_a_zone_is_no_time() -> None:
    with pytest.raises(ValueError, match="time zone"):
        ask("admin", "instances.stop", now=datetime(2026, 11, 24, 12))  # noqa: DTZ001


def test_only_distinct_other_people_approve() -> None:
    ben = ANNA.model_copy(update={"id": "ben", "name": "Ben"})
    cleo = ANNA.model_copy(update={"id": "anna", "tenant": "t2"})
    key = ANNA.model_copy(update={"kind": "key", "id": "robot", "tenant": ""})
    renamed = ANNA.model_copy(update={"name": "Somebody Else", "groups": ("g",)})
    assert approvals(ANNA, []) == 0
    assert approvals(ANNA, [ANNA, renamed]) == 0
    assert approvals(ANNA, [ben, ben, ben.model_copy(update={"name": "Benjamin"})]) == 1
    assert approvals(ANNA, [ben, cleo]) == 2
    assert approvals(ANNA, [key, key.model_copy(update={"kind": "agent"}), key.model_copy(update={"kind": "aws"})]) == 0


def test_an_approval_of_somebody_else_does_not_replace_the_permission() -> None:
    assert not policies().check(ask("viewer", "instances.stop", targets(), confirmed=True, typed=True, approvals=2)).allowed
