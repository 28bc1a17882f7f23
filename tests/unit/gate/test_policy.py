from __future__ import annotations

import pytest

from gate.policy import PolicySettings, RolePolicy
from gate.principal import Principal
from tests.toy import list_lamps, switch_off

ANNA = Principal(kind="teams", id="anna", tenant="t1")


def test_everybody_reads_by_default_and_nobody_changes() -> None:
    policy = RolePolicy(PolicySettings())
    assert policy.decide(ANNA, list_lamps).allowed
    assert not policy.decide(ANNA, switch_off).allowed


def test_a_group_gives_its_role() -> None:
    policy = RolePolicy(PolicySettings(members={"group-1": "admin"}))
    assert policy.decide(ANNA.model_copy(update={"groups": ("group-1",)}), switch_off).allowed
    assert not policy.decide(ANNA, switch_off).allowed


def test_the_same_id_of_another_tenant_is_somebody_else() -> None:
    policy = RolePolicy(PolicySettings(members={ANNA.key: "admin"}))
    assert not policy.decide(ANNA.model_copy(update={"tenant": "t2"}), switch_off).allowed


def test_without_a_default_role_a_stranger_may_nothing() -> None:
    assert not RolePolicy(PolicySettings(default_role="")).decide(ANNA, list_lamps).allowed


def test_a_role_that_does_not_exist_stops_the_boot() -> None:
    with pytest.raises(ValueError, match="admn"):
        RolePolicy(PolicySettings(members={"x": "admn"}))
