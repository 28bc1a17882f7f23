"""Every card, from believable and from hostile data: valid, small enough, and without life of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cards import actions, answers, audit, commands, costs, instances
from cards import help as helping
from cards.parts import MAX_BYTES, ROOM, marked_demo, size
from gate.action import ActionState
from skills.instances import models as model
from skills.kit.errors import Ambiguous, Candidate, Forbidden
from skills.kit.ports.commands import Phase
from tests.unit.cards import samples
from tests.unit.cards.poison import NASTY, poisoned
from tests.unit.cards.validator import elements, problems, texts

Builder = Callable[[str], dict[str, Any]]
OURS = frozenset({"id", "instance_id", "command_id", "command_ids"})
"""What a provider or the gate made has a form; it is not text from outside."""

ASKABLE = {f"instances.{verb}" for verb in ("list", "health", "metrics", "start", "stop", "reboot")} | {
    *("commands.status", "costs.summary", "costs.rightsize", "help", "audit.history", "audit.mine")
}


def _action(state: ActionState, text: str) -> dict[str, Any]:
    found = samples.action(state, 14, samples.STEPS, failure=samples.FAILURE if state is ActionState.FAILED else None)
    hostile = poisoned(found, text, OURS | {"digest"})
    if state is ActionState.PENDING:
        return actions.confirm(hostile, question=text, consequences=text, undo=text, requester=text, now=samples.NOW)
    return actions.decided(hostile, text)


def _ambiguous(text: str) -> dict[str, Any]:
    candidates = [Candidate(f"i-{n}", text, text) for n in range(12)]
    whole = text.encode("utf-8", "replace").decode()  # arguments were validated: they have no broken characters
    error = Ambiguous(text, field="instances", said=text, candidates=candidates)
    return answers.ambiguous(error, "instances.stop", {"instances": [whole], "command": whole})


HOSTILE: dict[str, Builder] = {
    "list": lambda text: instances.listed(poisoned(samples.listing(20), text, OURS | {"asked"})),
    "detail": lambda text: instances.described(poisoned(samples.detail(), text, OURS)),
    "health_fleet": lambda text: instances.health(poisoned(samples.health(), text, OURS)),
    "health_one": lambda text: instances.health(poisoned(samples.health(fleet=False), text, OURS)),
    "metrics": lambda text: instances.metrics(poisoned(samples.measurements(10), text, OURS)),
    "changed": lambda text: instances.changed(poisoned(samples.changed(50), text, OURS)),
    "tagged": lambda text: instances.tagged(poisoned(samples.tagged(), text, OURS)),
    "command": lambda text: commands.ran(poisoned(samples.report(samples.outcome(errors="x", page=2, pages=3)), text, OURS)),
    "commands": lambda text: commands.ran(
        poisoned(samples.report(*(samples.outcome(n, ok=n > 9) for n in range(50))), text, OURS)
    ),
    "costs": lambda text: costs.summary(poisoned(samples.spent(), text, OURS)),
    "rightsize": lambda text: costs.rightsize(poisoned(samples.sizes(), text, OURS)),
    "help": lambda text: helping.overview(poisoned(samples.overview(), text, OURS)),
    "help_topic": lambda text: helping.overview(poisoned(samples.overview(), text, OURS | {"name", "noun"})),
    "audit": lambda text: audit.history(poisoned(samples.past(50), text, OURS | {"outcome", "skill", "asked"})),
    "error": lambda text: answers.error(Forbidden(text, missing=text, unchanged=text, remedy=text, details=text), text),
    "ambiguous": _ambiguous,
    "unknown": lambda text: answers.unknown(text, [text] * 9),
    **{f"action_{state.value}": lambda text, state=state: _action(state, text) for state in ActionState},
}


@pytest.mark.parametrize("name", samples.samples())
def test_every_sample_is_valid(name: str) -> None:
    assert problems(samples.samples()[name]) == []


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_gives_a_valid_and_lifeless_card(name: str, text: str) -> None:
    _check(HOSTILE[name](text))


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(sorted(HOSTILE)), text=st.text(max_size=400))
def test_any_text_gives_a_valid_and_lifeless_card(name: str, text: str) -> None:
    _check(HOSTILE[name](text))


def _check(card: dict[str, Any]) -> None:
    assert problems(marked_demo(card)) == []
    for text in texts(card):
        assert _lifeless(text), text
    for element in elements(card):
        if element["type"].startswith("Action."):
            asked = element["data"].get("run", {}).get("skill")
            assert asked in ASKABLE or element["data"]["action"].startswith(("confirm_", "cancel_"))


def _lifeless(text: str) -> bool:
    """No Markdown is left after the escapes are taken out, and nothing that a client replaces."""
    left = re.sub(r"\\[!-/:-@\[-`{-~]", "", text)
    inline = re.search(r"[\\`*\[\]<~]|(?<![^\W_])_|_(?![^\W_])|&#?\w+;", left)
    leading = re.match(r"(#{1,6}|[-+]|\d{1,9}[.)])(\s|$)|>|---", text)
    return not inline and not leading and "{{DATE(" not in text.upper() and "{{TIME(" not in text.upper()


def test_a_page_of_a_hundred_instances_fits_or_says_what_did_not() -> None:
    card = instances.listed(samples.listing(100, pages=1, page_size=100))
    shown = sum(element["type"] == "TableRow" for element in elements(card)) - 1
    assert size(card) <= MAX_BYTES - ROOM
    assert any(f"{100 - shown} instances of this page did not fit" in text for text in texts(card))
    assert card["actions"][0]["data"]["run"]["arguments"] == {"state": "running", "page_size": 12, "page": 1}


def test_twelve_instances_with_long_names_fit_whole() -> None:
    long = {"name": "n" * 64, "type": "u7inh-32tb.480xlarge", "tags": {"Environment": "e" * 40}}
    card = instances.listed(samples.listing(instances=tuple(samples.instance(n, **long) for n in range(12))))
    assert sum(element["type"] == "TableRow" for element in elements(card)) == 13
    assert all(f"i-0{n:016x} · u7inh" in " ".join(texts(card)) for n in range(12))
    assert size(card) <= MAX_BYTES - ROOM


def test_output_of_a_full_page_is_cut_in_the_middle_and_says_so() -> None:
    output = "".join(f"line {n}\n" for n in range(4000))[:24_000]
    card = commands.ran(samples.report(samples.outcome(output=output, pages=2)))
    assert problems(card) == []
    block = next(element for element in elements(card) if element["type"] == "CodeBlock")
    assert block["codeSnippet"].startswith("line 0\n")
    assert block["codeSnippet"].endswith(output.rstrip()[-20:])
    assert any("are not on this card" in text for text in texts(card))
    assert card["actions"][0]["title"] == "Show all of it"


def test_numbers_that_are_none_or_not_numbers_do_not_break_a_card() -> None:
    odd = model.Utilization(cpu_utilization=float("nan"), memory_utilization=float("inf"), disk_utilization=None)
    assert problems(instances.listed(samples.listing(instances=(samples.instance(1, metrics=odd),)))) == []
    line = samples.measurements().lines[0].model_copy(update={"latest": float("nan"), "minimum": float("-inf"), "maximum": None})
    points = tuple(point.model_copy(update={"value": float("nan")}) for point in line.series.points)
    line = line.model_copy(update={"series": line.series.model_copy(update={"points": points})})
    assert problems(instances.metrics(samples.measurements().model_copy(update={"lines": (line,)}))) == []


def test_nothing_found_gives_a_card_too() -> None:
    empty = [
        instances.metrics(samples.measurements(0)),
        instances.health(samples.health().model_copy(update={"instances": (), "issues": ()})),
        instances.changed(samples.changed().model_copy(update={"outcomes": ()})),
        commands.ran(samples.report()),
        commands.ran(samples.report(samples.outcome(status=None, ok=False, output="", command_id=""))),
        commands.ran(samples.report(samples.outcome(status=Phase.SUCCESS, output=""))),
        costs.summary(samples.spent().model_copy(update={"days": (), "services": (), "change": None, "forecast": None})),
        costs.rightsize(samples.sizes().model_copy(update={"advice": (), "unjudged": ()})),
        audit.history(samples.past(0)),
        helping.overview(samples.overview().model_copy(update={"groups": ()})),
    ]
    assert [problems(card) for card in empty] == [[] for _ in empty]
