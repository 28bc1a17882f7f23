from __future__ import annotations

import re

import pytest

import skills
from skills.help.models import HelpOverview
from skills.help.overview import Help, show_help
from skills.kit import Risk
from skills.kit.catalogue import discover
from tests.unit.skills.run import Person

CATALOGUE = discover(skills)


async def overview(topic: str = "", *, only: tuple[str, ...] = ()) -> HelpOverview:
    allowed = [one for one in CATALOGUE if not only or one.name in only]
    return await show_help.run(Help(topic=topic), caller=Person(*allowed))


def names(result: HelpOverview) -> list[str]:
    return [entry.name for group in result.groups for entry in group.skills]


async def test_everything_is_grouped_by_noun_with_reading_first() -> None:
    result = await overview()
    assert [group.noun for group in result.groups] == ["approvals", "audit", "commands", "costs", "instances"]
    instances = next(group for group in result.groups if group.noun == "instances")
    risks = [entry.risk for entry in instances.skills]
    assert risks == sorted(risks, key=lambda risk: risk is not Risk.READ)


async def test_only_what_the_caller_may_do_is_shown() -> None:
    result = await overview(only=("instances.list", "help"))
    assert names(result) == ["instances.list"]
    assert result.caller == "Ada"


async def test_somebody_who_may_do_nothing_gets_nothing() -> None:
    result = await overview(only=("help",))
    assert result.groups == ()


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("stop", ["instances.stop"]),
        ("instances.stop", ["instances.stop"]),
        ("stopping", ["instances.stop"]),
        ("costs", ["costs.rightsize", "costs.summary"]),
        ("the cost", ["costs.rightsize", "costs.summary"]),
        ("run a command", ["commands.run"]),
        ("shut down", ["instances.stop"]),
    ],
)
async def test_a_topic_narrows(topic: str, expected: list[str]) -> None:
    result = await overview(topic)
    assert names(result) == expected
    assert result.matched


async def test_a_topic_nobody_knows_shows_everything_and_says_so() -> None:
    result = await overview("kubernetes")
    assert not result.matched
    assert len(names(result)) == len(CATALOGUE) - 1


async def test_a_topic_one_may_not_use_looks_like_one_that_is_not_there() -> None:
    result = await overview("stop", only=("instances.list", "help"))
    assert not result.matched


async def test_examples_hold_no_made_up_ids() -> None:
    said = [example for group in (await overview()).groups for entry in group.skills for example in entry.examples]
    assert "command status ID" in said
    assert "output of command ID on web-1" in said
    assert len(set(said)) == len(said)
    assert not any(re.search(r"\b[0-9a-f]{8}\b", example) for example in said)


async def test_examples_read_as_people_type_them() -> None:
    (entry,) = (await overview("stop")).groups[0].skills
    assert "stop web-server-01" in entry.examples
    assert entry.confirmed
    assert entry.consequences
    assert not any("{" in example for example in entry.examples)
