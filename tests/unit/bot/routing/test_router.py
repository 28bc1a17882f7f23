"""The chain asks one router after the other, says when one was passed over, and suggests without executing."""

from __future__ import annotations

import skills
from bot.routing.grammar import Grammar
from bot.routing.router import Chain, Clarify, Context, NotUnderstood, Outcome, Route
from bot.routing.suggestions import Suggestions
from cards.answers import Suggestion
from skills.kit.catalogue import discover
from skills.kit.declaration import plain
from skills.kit.errors import OpsError, Unavailable
from tests.unit.bot.routing.catalogue import SKILLS


class Answering:
    """A router with one answer."""

    def __init__(self, answer: Outcome | OpsError) -> None:
        self.answer, self.asked = answer, 0

    async def route(self, words: str, context: Context) -> Outcome:
        self.asked += 1
        if isinstance(self.answer, OpsError):
            raise self.answer
        return self.answer


FOUND = Route("vm.list", {}, "claude")
SUGGESTIONS = Suggestions(SKILLS)
REAL = discover(skills)


async def test_the_first_who_understands_answers() -> None:
    second = Answering(FOUND)
    assert await Chain([Grammar(SKILLS), second], SUGGESTIONS).route("stop web-1", Context()) == Route(
        "vm.stop", {"instances": ["web-1"]}, "grammar"
    )
    assert second.asked == 0


async def test_the_next_is_asked_when_one_does_not_understand() -> None:
    assert await Chain([Answering(NotUnderstood()), Answering(FOUND)], SUGGESTIONS).route("x", Context()) == FOUND


async def test_a_question_is_an_answer() -> None:
    second = Answering(FOUND)
    assert await Chain([Answering(Clarify("Which?")), second], SUGGESTIONS).route("x", Context()) == Clarify("Which?")
    assert second.asked == 0


async def test_a_router_that_is_down_is_passed_over_and_said() -> None:
    down = Answering(Unavailable("It is down.", part="model"))
    assert await Chain([down, Answering(FOUND)], SUGGESTIONS).route("x", Context()) == Route(
        "vm.list", {}, "claude", degraded=True
    )
    assert await Chain([down, Answering(Clarify("Which?"))], SUGGESTIONS).route("x", Context()) == Clarify(
        "Which?", degraded=True
    )
    outcome = await Chain([down], SUGGESTIONS).route("strat web-1", Context())
    assert isinstance(outcome, NotUnderstood)
    assert outcome.degraded
    assert outcome.suggestions


async def test_what_was_understood_before_the_failure_is_not_degraded() -> None:
    down = Answering(Unavailable("It is down.", part="model"))
    outcome = await Chain([Grammar(SKILLS), down], SUGGESTIONS).route("list instances", Context())
    assert outcome == Route("vm.list", {}, "grammar")


async def test_typos_are_suggested_and_never_executed() -> None:
    outcome = await Chain([Grammar(SKILLS)], SUGGESTIONS).route("strat web-1", Context())
    assert isinstance(outcome, NotUnderstood)
    assert "start web-1" in outcome.suggestions
    assert not outcome.degraded


def test_suggestions_are_of_different_skills_and_only_of_allowed_ones() -> None:
    assert len(SUGGESTIONS.near("stop web-1")) <= 3
    assert SUGGESTIONS.near("stop web-1", frozenset({"vm.describe"})) == ("show web-1",)
    assert SUGGESTIONS.near("stop web-1", frozenset()) == ()


def test_nothing_alike_suggests_nothing() -> None:
    assert SUGGESTIONS.near("qqqqqq zzzz") == ()
    assert SUGGESTIONS.near("") == ()


def test_a_pasted_log_is_compared_by_its_beginning() -> None:
    assert SUGGESTIONS.near("x" * 100_000) == ()


def test_what_means_the_same_to_everybody_can_be_pressed() -> None:
    suggestions, grammar = Suggestions(REAL), Grammar(REAL)
    pressable = {
        one.title: one
        for skill in REAL
        for example in skill.examples
        for one in suggestions.near(plain(example), frozenset({skill.name}))
        if isinstance(one, Suggestion)
    }
    assert {"list instances", "health report", "costs"} <= pressable.keys()
    assert "stop web-server-01" not in pressable
    assert not any("web-server-01" in title or "team=payments" in title for title in pressable)
    for title, one in pressable.items():
        assert grammar.parse(title) == Route(one.skill, one.arguments, "grammar")
        REAL.get(one.skill).arguments.model_validate(one.arguments)
