"""Many targets: each that looks different is asked about once, all must be allowed, the strictest wins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cedarpy
import pytest

from gate.principal import Principal
from tests.unit.gate.policy.asking import ANNA, ask, policies, targets

BEN = Principal(kind="user", id="ben")
TEAM_WEB = """
permit (principal in Role::"viewer", action == Action::"instances.stop", resource)
when { resource.hasTag("team") && resource.getTag("team") == "web" };
"""


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What Cedar is asked."""
    asked: list[Any] = []
    real = cedarpy.is_authorized

    def counting(request: Any, *rest: Any) -> Any:
        asked.append(request)
        return real(request, *rest)

    monkeypatch.setattr(cedarpy, "is_authorized", counting)
    return asked


def test_fifty_that_look_alike_cost_as_much_as_one(calls: list[Any]) -> None:
    policy = policies()
    policy.decide(ask("operator", "instances.stop", targets("staging")))
    one = len(calls)
    assert one > 0
    calls.clear()
    alike = tuple(t.model_copy(update={"tags": {"Name": t.name}}) for t in targets("staging", 50))
    policies().decide(ask("operator", "instances.stop", alike))
    assert len(calls) == one


def test_the_same_question_is_not_asked_twice(calls: list[Any]) -> None:
    policy = policies()
    first = policy.decide(ask("operator", "instances.stop", targets("staging")))
    calls.clear()
    assert policy.decide(ask("operator", "instances.stop", targets("staging"))) == first
    assert not calls
    assert policy.decide(ask("viewer", "instances.stop", targets("staging"))) != first
    assert calls


def test_the_strictest_target_decides_what_it_takes() -> None:
    policy = policies()
    mixed = targets("staging", 5) + targets("production")
    assert policy.decide(ask("operator", "instances.stop", mixed)).requirement == "second_person"
    assert policy.decide(ask("operator", "instances.terminate", targets("staging") + targets("production"))).approvals == 1


def test_one_target_that_is_not_permitted_denies_all_and_is_named(tmp_path: Path) -> None:
    policy = policies(tmp_path, TEAM_WEB)
    web, data = targets("a", 2, tags={"team": "web"}), targets("b", 5, tags={"team": "data"})
    assert policy.decide(ask("viewer", "instances.stop", web)).allowed
    decision = policy.decide(ask("viewer", "instances.stop", web + data))
    assert not decision.allowed
    assert decision.reason.endswith("This is about b-1, b-2, b-3 and 2 more.")


def test_what_different_targets_need_is_needed_together(tmp_path: Path) -> None:
    own = """
    forbid (principal, action, resource) when { resource.environment == "a" } unless { context.typed };
    forbid (principal, action, resource) when { resource.environment == "b" } unless { context.approvals >= 1 };
    """
    policy = policies(tmp_path, own)
    needs = {name: policy.decide(ask("admin", "instances.stop", targets(name))) for name in "ab"}
    assert (needs["a"].typed, needs["a"].approvals, needs["b"].typed, needs["b"].approvals) == (True, 0, False, 1)
    both = policy.decide(ask("admin", "instances.stop", targets("a") + targets("b")))
    assert (both.requirement, both.typed, both.approvals) == ("second_person", True, 1)


def test_which_environments_are_production_is_a_setting() -> None:
    policy = policies(production=["main", "eu-*"])
    needs = {
        e: policy.decide(ask("operator", "instances.terminate", targets(e))).requirement for e in ("main", "EU-1", "prod", "")
    }
    assert needs == {"main": "second_person", "EU-1": "second_person", "prod": "type_name", "": "type_name"}


def test_people_of_one_role_are_asked_about_once_unless_a_statement_tells_them_apart(calls: list[Any], tmp_path: Path) -> None:
    policy = policies(members={"user:ben": "operator"})
    first = policy.decide(ask("operator", "instances.stop", targets()))
    calls.clear()
    assert policy.decide(ask(BEN, "instances.stop", targets())) == first
    assert not calls
    policy = policies(tmp_path, 'forbid (principal == User::"user:ben", action, resource);', members={"user:ben": "operator"})
    assert policy.decide(ask("operator", "instances.stop", targets())) == first
    assert not policy.decide(ask(BEN, "instances.stop", targets())).allowed
    policy = policies(
        tmp_path, 'forbid (principal, action, resource) when { principal.tenant == "t2" };', default_role="operator"
    )
    assert policy.decide(ask(ANNA, "instances.stop", targets())) == first
    assert not policy.decide(ask(ANNA.model_copy(update={"tenant": "t2"}), "instances.stop", targets())).allowed
