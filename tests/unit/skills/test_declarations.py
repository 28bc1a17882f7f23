"""Every skill's declaration, as the grammar, the model, the cards and the docs read it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from typing import get_args

import pytest
from pydantic import TypeAdapter, ValidationError

import skills
from skills.kit import Risk, Skill
from skills.kit.arguments import references
from skills.kit.catalogue import Bound, discover
from skills.kit.declaration import plain, schema, slots
from skills.kit.ports.commands import Commands
from skills.kit.ports.compute import Compute
from skills.kit.ports.costs import Costs
from skills.kit.ports.history import History
from skills.kit.ports.metrics import Metrics
from skills.kit.ports.pending import Pending
from skills.kit.ports.run import Caller, Progress

CATALOGUE = discover(skills)
ALL = pytest.mark.parametrize("skill", list(CATALOGUE), ids=lambda skill: skill.name)


def test_every_skill_is_found() -> None:
    """A subset: who adds a skill adds a file and a test, and changes nothing here."""
    expected = {
        "audit.history",
        "audit.mine",
        "commands.run",
        "commands.status",
        "costs.rightsize",
        "costs.summary",
        "help",
        "instances.describe",
        "instances.health",
        "instances.list",
        "instances.metrics",
        "instances.reboot",
        "instances.start",
        "instances.stop",
        "instances.tag",
        "instances.untag",
    }
    assert expected <= {skill.name for skill in CATALOGUE}


def test_the_ports_they_need_are_the_known_ones() -> None:
    ports = {Compute: object(), Metrics: object(), Commands: object(), Costs: object(), History: object()}
    assert len(Bound(CATALOGUE, ports, scoped=(Progress, Caller, Pending)).catalogue) == len(CATALOGUE)


@ALL
def test_its_words_are_complete(skill: Skill) -> None:
    assert skill.summary.endswith(".")
    assert re.fullmatch(r"[a-z]+:[a-z]+", skill.permission)
    assert 2 <= len(skill.examples) <= 12
    assert timedelta(0) < skill.timeout <= timedelta(minutes=90)
    assert all(re.fullmatch(r"[a-z0-9]+:[A-Z]\w+", action) for action in skill.iam)
    assert skill.iam or skill.name in ("help", "approvals.list", "audit.history", "audit.mine")


@ALL
def test_one_that_changes_says_what_that_means(skill: Skill) -> None:
    if skill.risk is Risk.READ:
        assert not skill.confirm
    else:
        assert skill.confirm.endswith("?")
        assert skill.consequences
        assert Progress in skill.ports.values()


@ALL
def test_its_examples_fill_slots_that_fit_and_all_that_is_needed(skill: Skill) -> None:
    fields = skill.arguments.model_fields
    for example in skill.examples:
        said = {argument: value for _, argument, value in slots(example) if argument}
        lists = {name: [value] for name, value in said.items() if "list[" in str(fields[name].annotation)}
        try:
            skill.arguments.model_validate({**said, **lists})
        except ValidationError as error:
            pytest.fail(f"{plain(example)!r}: {error}")


@ALL
def test_its_schema_is_simple_enough_for_a_model(skill: Skill) -> None:
    shown = schema(skill.arguments)
    assert shown["type"] == "object"
    assert shown["additionalProperties"] is False
    assert all(field.get("description") for field in shown["properties"].values())


@ALL
def test_its_defaults_are_what_its_schema_allows(skill: Skill) -> None:
    for name, shown in schema(skill.arguments)["properties"].items():
        if "pattern" in shown and "default" in shown:
            assert re.match(shown["pattern"], shown["default"]), name


@ALL
def test_its_result_survives_being_kept(skill: Skill) -> None:
    assert TypeAdapter(skill.result).json_schema(by_alias=True)


def test_no_phrase_means_two_skills() -> None:
    often = Counter(plain(example).casefold() for skill in CATALOGUE for example in set(skill.examples))
    assert [phrase for phrase, count in often.items() if count > 1] == []


def test_what_names_instances_is_marked_so_that_it_is_resolved_before_anyone_confirms() -> None:
    for skill in CATALOGUE:
        marked = {name: marker.kind for name, marker in references(skill.arguments).items()}
        named = {name for name in skill.arguments.model_fields if name in ("instance", "instances")}
        assert set(marked) == named
        assert set(marked.values()) <= {"instance"}


def test_what_changes_something_is_confirmed() -> None:
    changing = {skill.name for skill in CATALOGUE if skill.risk is not Risk.READ}
    verbs = ("start", "stop", "reboot", "tag", "untag")
    assert {"commands.run", *(f"instances.{verb}" for verb in verbs)} <= changing


def test_literals_are_words_a_person_can_say() -> None:
    for skill in CATALOGUE:
        for field in skill.arguments.model_fields.values():
            words = [value for value in get_args(field.annotation) if isinstance(value, str)]
            assert all(re.fullmatch(r"[a-z_-]+", word) for word in words)
