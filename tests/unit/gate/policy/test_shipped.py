"""What the shipped statements say: one table to read, one test for each of its rows."""

from __future__ import annotations

from pathlib import Path

import cedarpy
import pytest

from gate.policy.files import SHIPPED
from gate.policy.schema import schema, words
from gate.policy.statement import problems, read
from tests.unit.gate.policy.asking import CATALOGUE, ROLES, ask, policies, targets

TABLE = """
skill                command       environment  count | viewer   operator        admin
instances.list       -             production       1 | none     none            none
costs.summary        -             -                0 | none     none            none
commands.status      -             -                0 | none     none            none
instances.stop       -             staging          1 | denied   confirm         confirm
instances.stop       -             staging         50 | denied   confirm         confirm
instances.stop       -             production       1 | denied   confirm         confirm
instances.stop       -             production       5 | denied   confirm         confirm
instances.stop       -             production       6 | denied   second_person   second_person
instances.stop       -             Prod-EU          6 | denied   second_person   second_person
instances.stop       -             -                6 | denied   second_person   second_person
instances.tag        -             production       6 | denied   second_person   second_person
instances.terminate  -             staging          1 | denied   type_name       type_name
instances.terminate  -             production       1 | denied   second_person   second_person
commands.run         read_only     production       1 | denied   none            none
commands.run         read_only     production      50 | denied   none            none
commands.run         changing      staging          1 | denied   confirm         confirm
commands.run         changing      production       6 | denied   second_person   second_person
commands.run         destructive   staging          1 | denied   type_name       type_name
commands.run         destructive   staging         50 | denied   type_name       type_name
commands.run         destructive   production       1 | denied   second_person   second_person
commands.run         unparsed      staging          1 | denied   type_name       type_name
commands.run         unparsed      production       1 | denied   second_person   second_person
"""
ROWS = [line.replace("|", "").split() for line in TABLE.strip().splitlines()[1:]]
TEAM = policies()
ALONE = policies(second_person=False)


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_what_each_role_may_and_what_it_takes(row: list[str]) -> None:
    skill, command, environment, count, *expected = row
    on = targets("" if environment == "-" else environment, int(count))
    for role, answer in zip(ROLES, expected, strict=True):
        decision = TEAM.decide(ask(role, skill, on, command_class="" if command == "-" else command))
        assert (decision.requirement.value if decision.allowed else "denied") == answer, (role, decision)


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_who_is_alone_types_the_name_where_others_need_a_second_person(row: list[str]) -> None:
    skill, command, environment, count, *expected = row
    on = targets("" if environment == "-" else environment, int(count))
    for role, answer in zip(ROLES, expected, strict=True):
        decision = ALONE.decide(ask(role, skill, on, command_class="" if command == "-" else command))
        wanted = "type_name" if answer == "second_person" else answer
        assert (decision.requirement.value if decision.allowed else "denied") == wanted, (role, decision)


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_exactly_what_it_takes_is_enough_and_less_is_not(row: list[str]) -> None:
    skill, command, environment, count, *_ = row
    on = targets("" if environment == "-" else environment, int(count))
    given = {"command_class": "" if command == "-" else command}
    needed = TEAM.decide(ask("admin", skill, on, **given))
    confirmed = needed.requirement != "none"
    enough = ask("admin", skill, on, confirmed=confirmed, typed=needed.typed, approvals=needed.approvals, **given)
    assert TEAM.check(enough).allowed
    if confirmed:
        short = TEAM.check(ask("admin", skill, on, **given))
        assert not short.allowed
        assert (short.requirement, short.reason, short.remedy) == (needed.requirement, needed.reason, needed.remedy)


def test_a_second_person_is_enough_without_typing_where_a_name_would_do() -> None:
    assert TEAM.check(ask("operator", "instances.terminate", targets(), confirmed=True, approvals=1)).allowed


def test_what_an_operator_lacks_is_said_with_who_has_it() -> None:
    decision = TEAM.decide(ask("viewer", "instances.stop", targets()))
    assert decision.reason == "instances.stop needs instances:stop; you have viewer."
    assert decision.remedy == "Ask an administrator for the role operator or admin."
    assert decision == TEAM.outlook(ask("viewer", "instances.stop").principal, CATALOGUE.get("instances.stop"))


def test_why_a_second_person_is_needed_is_said_with_the_statements_that_decided() -> None:
    decision = TEAM.decide(ask("operator", "instances.stop", targets("production", 6)))
    assert decision.reason == "It changes more than 5 targets, production among them."
    assert decision.remedy == "A second person has to approve it; or do 5 at a time."
    assert decision.policies == ("second-person-many-production", "operator-works")
    assert (decision.typed, decision.approvals) == (False, 1)


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.cedar")), ids=lambda path: path.name)
def test_the_shipped_statements_fit_the_schema_and_say_why(path: Path) -> None:
    statements = read(path.name, path.read_text())
    assert not problems(statements, cedarpy.Schema.from_str(schema(list(CATALOGUE), ROLES)), words(list(CATALOGUE), ROLES))
    for statement in statements:
        assert statement.id != statement.place
        assert statement.data["annotations"].keys() >= {"id", "reason"}
        assert statement.remedy or not statement.forbids
