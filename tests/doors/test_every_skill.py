"""Every skill through every door: the same words, the same card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import skills
from skills.kit.catalogue import discover
from skills.kit.declaration import Risk, Skill, plain
from tests.doors.house import House, house
from tests.unit.cards.validator import problems

CATALOGUE = discover(skills)


def phrase(skill: Skill) -> str:
    """An example of it that names nothing the twins do not have."""
    return next((plain(e) for e in skill.examples if all(name in FLEET for name in _named(e))), plain(skill.examples[0]))


FLEET = ("web-server-01", "web-server-02", "api-01", "db-01")


def _named(example: str) -> list[str]:
    from skills.kit.declaration import slots

    return [value for _, argument, value in slots(example) if argument == "instances"]


async def through_api(here: House, words: str) -> tuple[int, dict[str, Any]]:
    return await here.say(words)


@pytest.mark.parametrize("skill", list(CATALOGUE), ids=lambda skill: skill.name)
async def test_both_doors_answer_alike(skill: Skill, tmp_path: Path) -> None:
    words = phrase(skill)
    async with house(tmp_path) as here:
        status, answer = await here.say(words)
        assert (await here.teams.say(words))[0] in (200, 202)
        (sent, *_) = await here.connector.wait(1)
        assert sent.card is not None
        assert problems(sent.card) == []
        if status != 200:  # what the twins do not have, such as an old command id, is an error in both
            assert answer["error"]["message"] in json.dumps(sent.card, ensure_ascii=False)
            return
        (attachment,) = answer["data"]["attachments"]
        assert problems(attachment["content"]) == []
        if not skill.command:  # of a run, one door shows the beginning and the other the end
            assert sent.card["body"][0] == attachment["content"]["body"][0]
        at_once = skill.risk is Risk.READ or skill.command  # the example only reads, and that needs no confirmation
        assert answer["status"] == ("success" if at_once else "pending")


@pytest.mark.parametrize("skill", [s for s in CATALOGUE if s.risk is not Risk.READ], ids=lambda skill: skill.name)
async def test_a_viewer_is_refused_at_both_doors(skill: Skill, tmp_path: Path) -> None:
    words = phrase(skill)
    async with house(tmp_path, role="viewer") as here:
        status, answer = await here.say(words)
        assert (status, answer["error"]["code"]) == (403, "PERMISSION_DENIED")
        await here.teams.say(words)
        (sent, *_) = await here.connector.wait(1)
        assert skill.permission in json.dumps(sent.card)
        assert here.service.compute.changes == []
