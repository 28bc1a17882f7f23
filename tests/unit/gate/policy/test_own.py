"""The operator's own statements."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gate.action import Target
from tests.unit.gate.policy.asking import ANNA, CATALOGUE, ask, policies, targets

FREEZE = """
@id("freeze") @reason("Changes are frozen until 3 January.") @remedy("Wait, or ask the release manager.")
forbid (principal, action, resource)
when { resource.production && context.risk != "read" && context.date >= 20261220 && context.date <= 20270103 };
"""
HOURS = """
@id("office-hours") @reason("Production is changed from 8 to 18, Monday to Friday.")
forbid (principal, action in Action::"risk:change", resource)
when
{
  resource.production &&
  (context.hour < 8 || context.minute >= 18 * 60 || ["saturday", "sunday"].contains(context.weekday))
}
unless { principal in Role::"admin" };
"""


@pytest.mark.parametrize(
    ("now", "frozen"),
    [
        ("2026-12-19T22:59:59+00:00", False),
        ("2026-12-19T23:00:00+00:00", True),
        ("2027-01-03T22:59:59+00:00", True),
        ("2027-01-03T23:00:00+00:00", False),
    ],
)
def test_a_freeze_begins_and_ends_at_midnight_of_the_operators_zone(tmp_path: Path, now: str, frozen: bool) -> None:
    policy = policies(tmp_path, FREEZE, zone="Europe/Zurich")
    at = datetime.fromisoformat(now)
    decision = policy.decide(ask("admin", "instances.stop", targets("production"), now=at))
    assert decision.allowed is not frozen
    assert policy.decide(ask("admin", "instances.stop", targets("staging"), now=at)).allowed
    assert policy.decide(ask("admin", "instances.list", targets("production"), now=at)).allowed
    if frozen:
        assert decision.reason == "Changes are frozen until 3 January."
        assert decision.remedy == "Wait, or ask the release manager."
        assert decision.policies == ("freeze",)


@pytest.mark.parametrize(
    ("now", "open_"),
    [
        ("2026-11-24T07:59:59", False),
        ("2026-11-24T08:00:00", True),
        ("2026-11-24T17:59:59", True),
        ("2026-11-24T18:00:00", False),
        ("2026-11-28T12:00:00", False),
        ("2026-11-30T12:00:00", True),
    ],
)
def test_allowed_hours_have_exact_edges_and_exceptions(tmp_path: Path, now: str, open_: bool) -> None:
    policy = policies(tmp_path, HOURS)
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert policy.decide(ask("operator", "instances.stop", targets("production"), now=at)).allowed is open_
    assert policy.decide(ask("admin", "instances.stop", targets("production"), now=at)).allowed
    assert policy.check(ask("operator", "instances.stop", targets("production"), now=at, confirmed=True)).allowed is open_


def test_the_same_policy_answers_anew_when_time_passes(tmp_path: Path) -> None:
    policy = policies(tmp_path, HOURS)
    answers = [
        policy.decide(
            ask("operator", "instances.stop", targets("production"), now=datetime(2026, 11, 24, hour, tzinfo=UTC))
        ).allowed
        for hour in (7, 8, 17, 18, 8, 7)
    ]
    assert answers == [False, True, True, False, True, False]


def test_a_forbid_of_the_operator_overrides_every_permit(tmp_path: Path) -> None:
    policy = policies(tmp_path, '@id("never") forbid (principal, action == Action::"instances.terminate", resource);')
    for who in ("operator", "admin"):
        decision = policy.decide(ask(who, "instances.terminate", targets()))
        assert not decision.allowed
        assert decision.reason == "The policy never forbids it."
        assert decision.policies == ("never",)
        assert not policy.may(ask(who, "help").principal, CATALOGUE.get("instances.terminate"))


def test_a_permit_of_the_operator_still_needs_a_confirmation(tmp_path: Path) -> None:
    policy = policies(
        tmp_path, '@id("on-call") permit (principal in Group::"on-call", action in Action::"instances:*", resource);'
    )
    called = ANNA.model_copy(update={"groups": ("on-call",)})
    assert policy.decide(ask(called, "instances.reboot", targets())).requirement == "confirm"
    assert policy.decide(ask(called, "instances.terminate", targets())).requirement == "type_name"
    assert not policy.decide(ask(ANNA, "instances.reboot", targets())).allowed


def test_tags_accounts_and_single_targets_can_be_meant(tmp_path: Path) -> None:
    own = """
    permit (principal in Role::"viewer", action == Action::"instances.reboot", resource)
    when { resource.hasTag("team") && resource.getTag("team") == "web" };
    permit (principal in Role::"viewer", action == Action::"instances.start", resource == Target::"i-staging-2");
    permit (principal in Role::"viewer", action == Action::"instances.stop", resource) when { resource.account == "1" };
    """
    policy = policies(tmp_path, own)
    one, two = targets(count=2)
    assert policy.decide(ask("viewer", "instances.reboot", targets(tags={"team": "web"}))).allowed
    assert not policy.decide(ask("viewer", "instances.reboot", targets(tags={"team": "data", "Team": "web"}))).allowed
    assert not policy.decide(ask("viewer", "instances.reboot", (one,))).allowed
    assert policy.decide(ask("viewer", "instances.start", (two,))).allowed
    assert not policy.decide(ask("viewer", "instances.start", (one, two))).allowed
    assert policy.decide(ask("viewer", "instances.stop", (one, two))).allowed


def test_a_condition_that_does_not_hold_is_not_taken_for_a_missing_role(tmp_path: Path) -> None:
    own = """
    @id("dev") @reason("Viewers stop development machines.")
    permit (principal in Role::"viewer", action == Action::"instances.stop", resource)
    when { resource.environment == "dev" };
    """
    policy = policies(tmp_path, own)
    assert policy.may(ANNA, CATALOGUE.get("instances.stop"))
    decision = policy.decide(ask("viewer", "instances.stop", targets("staging")))
    assert decision.reason == "Viewers stop development machines. But not here and now."
    assert decision.remedy == "Ask an administrator for the role operator or admin."


def test_a_shipped_statement_can_be_left_out_for_ones_own(tmp_path: Path) -> None:
    own = """
    @id("many") @reason("More than 20.")
    forbid (principal, action in Action::"risk:change", resource) when { context.count > 20 } unless { context.approvals >= 1 };
    """
    policy = policies(tmp_path, own, without=["second-person-many-production"])
    assert policy.decide(ask("operator", "instances.stop", targets("production", 20))).requirement == "confirm"
    assert policy.decide(ask("operator", "instances.stop", targets("production", 21))).requirement == "second_person"


def test_two_other_people_and_a_name_can_be_asked_for(tmp_path: Path) -> None:
    own = 'forbid (principal, action == Action::"instances.stop", resource) unless { context.approvals >= 2 && context.typed };'
    decision = policies(tmp_path, own).decide(ask("admin", "instances.stop", targets()))
    assert (decision.requirement, decision.typed, decision.approvals) == ("second_person", True, 2)
    assert decision.remedy == "It needs two other people and the target's name, typed."


def test_more_than_can_be_given_is_a_no(tmp_path: Path) -> None:
    own = '@id("three") forbid (principal, action == Action::"instances.stop", resource) unless { context.approvals >= 3 };'
    decision = policies(tmp_path, own).decide(ask("admin", "instances.stop", targets()))
    assert not decision.allowed
    assert decision.policies == ("three",)


def test_the_door_and_the_kind_of_credential_can_be_meant(tmp_path: Path) -> None:
    own = (
        'forbid (principal, action in Action::"risk:change", resource) when { context.door == "api" || principal.kind == "key" };'
    )
    policy = policies(tmp_path, own, members={"key:robot": "admin"})
    robot = ANNA.model_copy(update={"kind": "key", "id": "robot", "tenant": ""})
    assert policy.decide(ask("admin", "instances.stop", targets())).allowed
    assert not policy.decide(ask("admin", "instances.stop", targets(), door="api")).allowed
    assert not policy.decide(ask(robot, "instances.stop", targets())).allowed


def test_text_from_outside_is_only_compared(tmp_path: Path) -> None:
    own = """
    permit (principal in Role::"viewer", action == Action::"instances.stop", resource)
    when { resource.hasTag("a") && resource.getTag("a") == "b" };
    """
    hostile = '"}; permit(principal, action, resource); //\n\u202e\x00'
    policy = policies(tmp_path, own)
    evil = Target(id=hostile, name=hostile, environment=hostile, region=hostile, tags={"a": hostile, hostile: "b"})
    assert not policy.decide(ask("viewer", "instances.stop", (evil,))).allowed
    stranger = ANNA.model_copy(update={"id": hostile, "groups": (hostile, 'x" in Role::"admin')})
    assert not policy.decide(ask(stranger, "instances.stop", (evil,))).allowed
    assert policy.decide(ask("admin", "instances.stop", (evil,))).requirement == "confirm"
