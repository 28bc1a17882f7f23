"""Names and tags that somebody else chose never widen or redirect what a person said."""

from __future__ import annotations

import pytest

import skills
from gate.targets import Targets
from providers.memory.compute import MemoryCompute
from providers.memory.fleet import instance, sample_fleet
from skills.kit.catalogue import discover
from skills.kit.declaration import Skill
from skills.kit.errors import Ambiguous, OpsError

DECOY = "i-0dec0000000000001"
STOP: Skill = discover(skills).get("instances.stop")


async def found(said: str, name: str, environment: str = "", **tags: str) -> set[str]:
    """The ids that a change would act on, in a fleet with one more instance; empty when the person is asked instead."""
    compute = MemoryCompute([*sample_fleet(), instance(name, DECOY, environment=environment, tags={"Name": name, **tags})])
    try:
        _, targets, _ = await Targets(compute).resolve(STOP, STOP.arguments.model_validate({"instances": [said]}))
    except Ambiguous:
        return set()
    return {target.id for target in targets}


async def plainly(said: str) -> set[str]:
    """The same, in the fleet as it is."""
    _, targets, _ = await Targets(MemoryCompute(sample_fleet())).resolve(
        STOP, STOP.arguments.model_validate({"instances": [said]})
    )
    return {target.id for target in targets}


@pytest.mark.parametrize(
    "said",
    [
        "all instances",
        "everything in staging",
        "the staging boxes",
        "stopped instances",
        "the web servers",
        "web-*",
        "env=staging",
        "tag:Environment=production",
        "i-0a1b2c3d4e5f60001",
        "I-0A1B2C3D4E5F60001",
        "web-server-01",
        "all",
        "everything",
        "production",
        "running",
        "t3.medium instances",
    ],
)
async def test_a_name_chosen_to_be_mistaken_takes_nothing_over(said: str) -> None:
    try:
        meant = await plainly(said)
    except OpsError:
        meant = set[str]()
    for name in (said, said.upper(), f"the {said}", f"{said}\u200b", said.replace("e", "\u0435")):
        acted_on = await found(said, name)
        assert acted_on in (set(), meant, meant | {DECOY}), (said, name)
        assert not acted_on or acted_on != {DECOY}


@pytest.mark.parametrize("word", ["web", "api", "db"])
async def test_a_tag_chosen_to_be_mistaken_draws_nothing_in(word: str) -> None:
    said = f"the {word} servers"
    for tags in ({"Note": word}, {"Environment": word}, {"Role": word.upper()}):
        assert await found(said, "report-99", **tags) in (set(), await plainly(said))


@pytest.mark.parametrize(("name", "said"), [("\ufb01le-01", "file-01"), ("\u212a-01", "k-01"), ("w\u0435b-09", "web-09")])
async def test_letters_that_look_alike_are_not_alike(name: str, said: str) -> None:
    assert await found(said, name) == set()


async def test_commands_in_names_and_tags_are_only_text() -> None:
    text = "staging; stop web-server-01"
    assert await found("staging", text, Environment=text, Note=text) in (set(), await plainly("all staging instances"))


@pytest.mark.parametrize("name", ["i-0a1b2c3d4e5f60002", "api-01 and db-01", "web-1? Confirm", "wеb-server-01", "a, b"])
async def test_a_question_says_whose_an_odd_name_is(name: str) -> None:
    compute = MemoryCompute([*sample_fleet(), instance(name, DECOY)])
    resolved = await Targets(compute).resolve(STOP, STOP.arguments.model_validate({"instances": [DECOY]}))
    assert resolved.shown["instances"] == f"{name} ({DECOY})"
