"""The question, the run and the end of an action; errors, choices and suggestions."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from cards import actions, answers
from cards.answers import Suggestion
from gate.action import ActionState
from skills.kit.errors import Ambiguous, Candidate, Throttled
from tests.unit.cards import samples
from tests.unit.cards.validator import elements, problems, texts


def said(card: dict[str, Any]) -> str:
    return json.dumps(card["body"], ensure_ascii=False)


def confirm(targets: int = 1, question: str = "Stop web-server-01?", **given: Any) -> dict[str, Any]:
    return actions.confirm(samples.action(targets=targets), question=question, now=samples.NOW, **given)


def test_a_question_says_what_where_who_what_it_means_and_until_when() -> None:
    card = confirm(consequences="It stops serving.", undo="start web-server-01", requester="Ana Horvat")
    expected = ("Stop web-server-01?", "i-00000000000000000", "running", "production", "eu-west-1")
    for part in (*expected, "Ana Horvat", "It stops serving.", "start web-server-01", "03:19 UTC (in 15 min)"):
        assert part in said(card)


def test_a_decision_is_executed_and_falls_back_to_a_message_with_the_same_data() -> None:
    yes, no = confirm()["actions"]
    assert (yes["type"], yes["verb"], yes["data"], yes["style"]) == (
        "Action.Execute",
        "confirm",
        {"action": "confirm_k7Qm2Zx9"},
        "positive",
    )
    assert (no["type"], no["verb"], no["data"]) == ("Action.Execute", "cancel", {"action": "cancel_k7Qm2Zx9"})
    for button in (yes, no):
        assert button["fallback"]["type"] == "Action.Submit"
        assert button["fallback"]["data"] == button["data"]


def test_what_cannot_be_undone_looks_like_it() -> None:
    assert confirm(destructive=True)["actions"][0]["style"] == "destructive"


def test_arguments_stay_on_the_server() -> None:
    action = samples.action(arguments={"command": "secret words"})
    assert "secret words" not in json.dumps(actions.confirm(action, question="Run it?", now=samples.NOW))


def test_every_target_of_fifty_is_named_before_anyone_confirms() -> None:
    card = confirm(targets=50)
    assert problems(card) == []
    for n in range(50):
        assert samples.instance(n).id in said(card)
    assert "On 50 instances" in said(card)


def test_targets_that_cannot_all_be_named_cannot_be_confirmed() -> None:
    few = confirm(targets=120)
    assert [button["verb"] for button in few["actions"]] == ["confirm", "cancel"]
    assert samples.instance(119).id in said(few)
    many = confirm(targets=900)
    assert problems(many) == []
    assert [button["verb"] for button in many["actions"]] == ["cancel"]


def test_a_long_command_is_shown_whole() -> None:
    command = "".join(f"echo {n}; " for n in range(600))
    card = confirm(question=f"Run `{command}` on web-server-01?")
    assert command.strip() in said(card)
    assert [button["verb"] for button in card["actions"]] == ["confirm", "cancel"]


def test_what_cannot_be_shown_whole_cannot_be_confirmed() -> None:
    card = confirm(question="Run `" + '"' * 8000 + "` on web-server-01?")
    assert problems(card) == []
    assert [button["verb"] for button in card["actions"]] == ["cancel"]
    assert "cannot be confirmed here" in said(card)


def test_what_hides_in_a_command_is_written_out() -> None:
    card = confirm(question="Run `ls \x1b]0;rm -rf /\x07` on web-server-01?")
    assert "x1b" in card["body"][0]["text"]
    assert "rm -rf /" in card["body"][0]["text"]


def test_a_question_that_is_over_says_so() -> None:
    late = actions.confirm(samples.action(), question="Stop it?", now=samples.NOW + timedelta(minutes=20))
    assert {"title": "Expires", "value": "Now"} in next(
        one for one in elements(late) if "facts" in one and "Expires" in str(one)
    )["facts"]


def test_a_run_shows_its_steps_and_can_be_cancelled() -> None:
    card = actions.running(samples.action(ActionState.RUNNING, 4, samples.STEPS), "Stop 4 instances")
    assert "2 of 4 steps done" in said(card)
    assert "ec2:StopInstances is missing" in said(card)
    assert [button["verb"] for button in card["actions"]] == ["cancel"]


def test_a_run_that_is_being_cancelled_has_no_button_left() -> None:
    card = actions.running(samples.action(ActionState.RUNNING, 4, samples.STEPS, cancel_requested=True), "Stop 4 instances")
    assert "actions" not in card
    assert "Cancelling" in said(card)


def test_steps_without_room_are_the_done_ones() -> None:
    steps = tuple(samples.STEPS[0].model_copy(update={"target": f"web-{n}"}) for n in range(120))
    card = actions.running(samples.action(ActionState.RUNNING, 1, (*steps, samples.STEPS[3])), "Stop many")
    assert problems(card) == []
    assert "db-primary" in said(card)
    assert "more steps" in said(card)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (ActionState.CANCELLED, "Ana Horvat cancelled it at 03:05 UTC. Nothing ran and nothing was changed."),
        (ActionState.EXPIRED, "Nobody confirmed before 03:19 UTC. Nothing ran and nothing was changed."),
        (ActionState.STOPPED, "What was done before stays done"),
        (ActionState.FAILED, "AWS did not let me stop db-primary."),
    ],
)
def test_an_end_without_result_says_what_ran_and_leaves_no_button(state: ActionState, expected: str) -> None:
    failure = samples.FAILURE if state is ActionState.FAILED else None
    card = actions.decided(samples.action(state, failure=failure), "Stop web-server-01")
    assert expected in said(card)
    assert "actions" not in card
    assert expected[:20] in card["fallbackText"]


def test_an_error_says_what_happened_what_did_not_and_what_next() -> None:
    card = answers.error(Throttled("AWS asks to slow down.", retry_after=7, details="RequestLimitExceeded"), "c-1")
    for part in (
        "Too many requests",
        "AWS asks to slow down.",
        "Nothing was changed.",
        "7 seconds",
        "RequestLimitExceeded",
        "c-1",
        "THROTTLED",
    ):
        assert part in said(card)


def ambiguous(
    arguments: dict[str, Any], names: tuple[str, ...] = ("web-1", "web-2"), field: str = "instances"
) -> list[dict[str, Any]]:
    candidates = [Candidate(f"i-{n}", name) for n, name in enumerate(names)]
    error = Ambiguous("Several are called web.", field=field, said="web", candidates=candidates)
    return answers.ambiguous(error, "instances.stop", arguments)["actions"]


def test_a_choice_asks_the_same_again_with_the_id_in_place_of_the_words() -> None:
    first, second = ambiguous({"instances": ["api", "web"], "other": 1})
    assert first["title"] == "web-1"
    assert first["data"] == {"run": {"skill": "instances.stop", "arguments": {"instances": ["api", "i-0"], "other": 1}}}
    assert second["data"]["run"]["arguments"]["instances"] == ["api", "i-1"]
    assert ambiguous({"instance": "web"}, field="instance")[0]["data"]["run"]["arguments"] == {"instance": "i-0"}


def test_equal_names_are_told_apart_by_id_and_more_than_five_are_counted() -> None:
    assert [button["title"] for button in ambiguous({"instances": ["web"]}, ("web", "web"))] == ["web (i-0)", "web (i-1)"]
    assert len(ambiguous({"instances": ["web"]}, tuple(f"web-{n}" for n in range(20)))) == 5


def test_a_candidate_is_shown_with_its_id_once_and_what_tells_it_apart() -> None:
    candidates = [Candidate("i-1", "web", "running · staging · eu-west-1 · i-1"), Candidate("i-2", "i-2", "stopped · i-2")]
    error = Ambiguous("Several fit.", field="instance", said="web", candidates=candidates)
    body = answers.ambiguous(error, "instances.describe", {})["body"]
    shown = [list(texts(part)) for part in body if part["type"] == "Container"]
    assert shown == [["web", "i-1 · running · staging · eu-west-1"], ["i-2", "stopped"]]


def test_words_nobody_understood_are_shown_and_help_is_offered() -> None:
    card = answers.unknown("stahp", ["stop web-1", Suggestion("List instances", "instances.list", {})])
    assert "stahp" in said(card)
    assert "stop web-1" in said(card)
    assert [button["data"]["run"]["skill"] for button in card["actions"]] == ["instances.list", "help"]
