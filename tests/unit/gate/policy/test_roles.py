from __future__ import annotations

import pytest

from gate.policy import Policies, PolicySettings
from tests.unit.gate.policy.asking import ANNA, CATALOGUE, ask, holder, policies, targets

STOP, LIST = CATALOGUE.get("instances.stop"), CATALOGUE.get("instances.list")


def test_everybody_reads_by_default_and_nobody_changes() -> None:
    policy = policies()
    assert policy.may(ANNA, LIST)
    assert not policy.may(ANNA, STOP)
    assert not policy.decide(ask(ANNA, "instances.stop", targets())).allowed


def test_a_group_of_the_credential_gives_its_role() -> None:
    policy = policies(members={"group-1": "admin"})
    assert policy.roles(ANNA.model_copy(update={"groups": ("other", "group-1")})) == ("admin",)
    assert policy.may(ANNA.model_copy(update={"groups": ("group-1",)}), STOP)
    assert not policy.may(ANNA, STOP)


def test_the_same_id_of_another_tenant_is_somebody_else() -> None:
    policy = policies(members={ANNA.key: "admin"})
    assert policy.may(ANNA, STOP)
    assert not policy.may(ANNA.model_copy(update={"tenant": "t2"}), STOP)


def test_the_roles_of_a_person_and_their_groups_add_up() -> None:
    policy = policies(roles={"stopper": ["instances:stop"]}, members={ANNA.key: "viewer", "g": "stopper", "h": "stopper"})
    both = ANNA.model_copy(update={"groups": ("g", "h")})
    assert policy.roles(both) == ("viewer", "stopper")
    assert policy.may(both, STOP)
    assert policy.may(both, LIST)


def test_without_a_default_role_a_stranger_may_nothing() -> None:
    policy = policies(default_role="")
    assert not policy.may(ANNA, LIST)
    decision = policy.decide(ask(ANNA, "instances.list"))
    assert not decision.allowed
    assert "you have no role" in decision.reason


def test_a_role_of_the_settings_grants_its_patterns_and_climbs_the_same_ladder() -> None:
    policy = policies(roles={"stopper": ["instances:stop", "costs:*"]})
    assert policy.decide(ask("stopper", "instances.stop", targets())).requirement == "confirm"
    assert policy.decide(ask("stopper", "instances.stop", targets("prod", 6))).requirement == "second_person"
    assert policy.decide(ask("stopper", "costs.summary")).policies == ("role:stopper",)
    assert not policy.may(holder("stopper"), CATALOGUE.get("instances.start"))


def test_a_role_without_permissions_waits_for_policies() -> None:
    policy = policies(roles={"night": []})
    assert not any(policy.may(holder("night"), skill) for skill in CATALOGUE)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"members": {"x": "admn"}}, "there is no role 'admn'"),
        ({"default_role": "nobody"}, "there is no role 'nobody'"),
        ({"roles": {"admin": ["*"]}}, "'admin' is shipped"),
        ({"roles": {'x", "y': ["*"]}}, "use letters"),
        ({"roles": {"stopper": ["instance:stop"]}}, "no permission is 'instance:stop'"),
        ({"without": ["confirm-changes"]}, "'confirm-changes' cannot be left out"),
        ({"without": ["operator-work"]}, "'operator-work' cannot be left out; these can: .*operator-works"),
    ],
)
def test_settings_that_mean_nothing_stop_the_boot(settings: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Policies(PolicySettings.model_validate(settings), CATALOGUE)


def test_a_time_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="Europe/Zurich"):
        PolicySettings(zone="Middle/Earth")
