"""The examples of docs/policy.md do what the page says."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gate.policy import Decision, Policies
from gate.policy.command import assumed, explain, principal
from gate.policy.request import Request
from gate.policy.schema import CONTEXT, TARGET, USER
from tests.unit.gate.policy.asking import ANNA, CATALOGUE, NOON, ask, policies, targets

PAGE = (Path(__file__).parents[4] / "docs" / "policy.md").read_text()
EXAMPLES = {id: text for text, id in re.findall(r'```cedar\n(@id\("([^"]+)"\).*?)```', PAGE, re.DOTALL)}
PAYMENTS = ANNA.model_copy(update={"groups": ("5f0c0e4a-0000-0000-0000-000000000000",)})
ROBOT = ANNA.model_copy(update={"kind": "key", "id": "robot", "tenant": ""})
CHRISTMAS = datetime(2026, 12, 24, 12, tzinfo=UTC)
NIGHT = datetime(2026, 11, 24, 22, tzinfo=UTC)


@pytest.fixture
def policy(tmp_path: Path) -> Policies:
    """All examples together."""
    return policies(
        tmp_path, "\n".join(EXAMPLES.values()), without=["second-person-many-production"], members={ROBOT.key: "operator"}
    )


def takes(decision: Decision) -> str:
    return decision.requirement.value if decision.allowed else "denied"


@pytest.mark.parametrize(
    ("request_", "expected", "by"),
    [
        (ask("operator", "instances.stop", targets("production"), now=CHRISTMAS), "denied", "year-end-freeze"),
        (ask("admin", "instances.stop", targets("production"), now=CHRISTMAS), "confirm", "confirm-changes"),
        (ask("operator", "instances.stop", targets("staging"), now=CHRISTMAS), "confirm", "confirm-changes"),
        (ask("operator", "instances.list", targets("production"), now=CHRISTMAS), "none", "operator-reads"),
        (ask("operator", "instances.stop", targets("production"), now=NIGHT), "second_person", "office-hours"),
        (ask("operator", "instances.stop", targets("production")), "confirm", "confirm-changes"),
        (ask(PAYMENTS, "instances.stop", targets(tags={"team": "payments"})), "confirm", "payments-team"),
        (ask(PAYMENTS, "instances.stop", targets(tags={"team": "web"})), "denied", "payments-team"),
        (ask("admin", "instances.stop", targets(tags={"role": "database"})), "second_person", "databases"),
        (ask(ROBOT, "commands.run", targets(), command_class="changing"), "denied", "keys-only-read"),
        (ask(ROBOT, "commands.run", targets(), command_class="read_only"), "none", "operator-works"),
        (ask("operator", "instances.stop", targets("production", 20)), "confirm", "confirm-changes"),
        (ask("operator", "instances.stop", targets("production", 21)), "second_person", "many"),
    ],
)
def test_an_example_does_what_the_page_says(policy: Policies, request_: Request, expected: str, by: str) -> None:
    decision = policy.decide(request_)
    assert takes(decision) == expected
    assert by in decision.policies


def test_every_example_is_tried() -> None:
    assert set(EXAMPLES) == {"year-end-freeze", "office-hours", "payments-team", "databases", "keys-only-read", "many"}


def test_the_command_on_the_page_works(policy: Policies) -> None:
    who, skill, *words = re.findall(r"policy explain --as (.+?)  ", PAGE)[0].split()
    assert "viewer" in explain(policy, assumed(principal(who), CATALOGUE.get(skill), words, NOON))


def test_the_page_says_everything_a_statement_may_read() -> None:
    for name in (*CONTEXT, *TARGET, *USER):
        assert re.search(rf"`(\w*\.)?{name}`", PAGE), name
