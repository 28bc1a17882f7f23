from __future__ import annotations

from typing import Any

import pytest

import skills
from bot.presentation import Presentation
from bot.routing.grammar import Grammar
from bot.routing.router import Route
from gate.action import Target
from skills.kit.catalogue import discover
from tests.unit.cards import samples

CATALOGUE = discover(skills)


def undo(skill: str, targets: tuple[Target, ...], **shown: str) -> str:
    """What the confirm card says under "To undo"."""
    action = samples.action(targets=1).model_copy(update={"skill": skill, "targets": targets, "shown": shown})
    card = Presentation(CATALOGUE).action(action).card
    return _facts(card).get("To undo", "")


def _facts(node: Any) -> dict[str, str]:
    if isinstance(node, dict):
        own = {fact["title"]: fact["value"] for fact in node.get("facts", ())}
        return own | _facts(list(node.values()))
    return {key: value for one in node for key, value in _facts(one).items()} if isinstance(node, list) else {}


def named(*names: str) -> tuple[Target, ...]:
    return tuple(Target(id=f"i-{number}", name=name) for number, name in enumerate(names))


def test_the_way_back_is_words_that_do_it() -> None:
    words = undo("instances.stop", named("web-1", "web-2"), instances="web-1 and web-2")
    assert words == "start web-1, web-2"
    assert Grammar(CATALOGUE).parse(words) == Route("instances.start", {"instances": ["web-1", "web-2"]}, "grammar")


def test_equal_names_are_told_apart_by_id() -> None:
    assert undo("instances.stop", named("web", "web", "api")) == "start i-0, i-1, api"


def test_more_names_than_anybody_repeats_are_those() -> None:
    assert undo("instances.stop", named(*(f"a-rather-long-name-{number}" for number in range(50)))) == "start those"


def test_where_names_do_not_suffice_what_undoes_it_is_said() -> None:
    assert undo("instances.tag", named("web-1")) == CATALOGUE.get("instances.untag").summary


@pytest.mark.parametrize("skill", ["commands.run", "instances.reboot"])
def test_what_cannot_be_undone_promises_nothing(skill: str) -> None:
    assert undo(skill, named("web-1"), command="df -h") == ""


def test_what_a_command_printed_is_shown_without_its_secrets() -> None:
    printed = samples.report(samples.outcome(output="DB_PASSWORD=Tr0ub4dor\nDB_HOST=db-01"))
    reply = Presentation(CATALOGUE).result(CATALOGUE.get("commands.run"), printed)
    assert "Tr0ub4dor" not in f"{reply.card} {reply.text}"
    assert "DB_HOST=db-01" in str(reply.card)
