"""What the cards of results say, and what their buttons ask for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from cards import answers, commands, costs, instances
from cards import help as helping
from skills.instances import models as model
from skills.kit.ports.commands import Phase
from skills.kit.ports.compute import State
from tests.unit.cards import samples
from tests.unit.cards.validator import elements


def said(card: dict[str, Any]) -> str:
    return json.dumps(card["body"], ensure_ascii=False)


def asked(card: dict[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    """What each button asks for, by its words."""
    return {one["title"]: (one["data"]["run"]["skill"], one["data"]["run"]["arguments"]) for one in card.get("actions", ())}


def test_a_list_turns_its_pages_with_the_filters_it_was_asked_with() -> None:
    buttons = asked(instances.listed(samples.listing(page=2, pages=3)))
    assert buttons["Next page"] == ("instances.list", {"state": "running", "page": 3})
    assert buttons["Previous page"] == ("instances.list", {"state": "running", "page": 1})
    assert "Next page" not in asked(instances.listed(samples.listing(page=3, pages=3)))


def test_a_list_counts_everything_and_says_when_more_is_coming() -> None:
    assert "24 instances: 20 running, 4 stopped. Page 1 of 3." in said(instances.listed(samples.listing()))
    assert "still arriving" in said(instances.listed(samples.listing(complete=False)))
    assert "still arriving" not in said(instances.listed(samples.listing()))


def test_what_was_not_measured_is_a_dash_and_never_a_zero() -> None:
    card = instances.listed(samples.listing(instances=(samples.instance(4),), missing="CloudWatch does not answer."))
    texts = [element["text"] for element in elements(card) if element["type"] == "TextBlock"]
    assert texts.count("–") == 3
    assert "CloudWatch does not answer." in said(card)


def test_what_can_be_done_follows_the_state() -> None:
    running = asked(instances.described(samples.detail()))
    assert running["Stop"] == ("instances.stop", {"instances": ["i-00000000000000003"]})
    stopped = samples.detail().model_copy(update={"instance": samples.instance(4)})
    assert next(iter(asked(instances.described(stopped)))) == "Start"
    assert "Stop" not in asked(instances.described(stopped))


def test_health_puts_the_worst_first_with_how_long_and_what_to_do() -> None:
    card = instances.health(samples.health())
    boxes = [element for element in card["body"] if element["type"] == "Container"]
    assert [box["style"] for box in boxes] == ["attention", "warning"]
    for part in (
        "Critical: Disk nearly full on db-primary",
        "(threshold 90 %)",
        "for at least 45 min",
        "Next: Find what grows",
    ):
        assert part in said(card)
    assert asked(card)["Check db-primary"][0] == "instances.health"


def test_the_health_of_one_has_charts_and_when_its_disk_is_full() -> None:
    kinds = [element["type"] for element in elements(instances.health(samples.health(fleet=False)))]
    assert "Chart.Gauge" in kinds
    assert "Chart.Line" in kinds
    assert {"title": "Disk full in", "value": "7 h"} in next(
        element["facts"]
        for element in elements(instances.health(samples.health(fleet=False)))
        if "full in" in str(element.get("facts"))
    )


def test_metrics_of_one_instance_are_one_chart_and_of_several_one_per_metric() -> None:
    def charts(count: int) -> list[list[str]]:
        card = instances.metrics(samples.measurements(count))
        return [[line["legend"] for line in one["data"]] for one in elements(card) if one["type"] == "Chart.Line"]

    assert charts(1) == [["CPU", "Memory", "Disk"]]
    assert charts(3) == [["web-server-01", "web-server-02", "api-01"]] * 3


def test_metrics_can_be_had_over_other_windows() -> None:
    buttons = asked(instances.metrics(samples.measurements()))
    assert list(buttons) == ["Last 1h", "Last 24h", "Last 7d"]
    assert buttons["Last 24h"] == ("instances.metrics", {"instances": ["i-00000000000000000"], "window": "24h"})


def test_a_change_shows_failures_first_and_offers_the_way_back_for_what_it_changed() -> None:
    card = instances.changed(samples.changed(3))
    assert said(card).index("api-01") < said(card).index("web-server-01")
    assert "Stopped 2 of 3 instances" in said(card)
    assert "running → stopped" in said(card)
    assert asked(card) == {"Start again": ("instances.start", {"instances": ["i-00000000000000000", "i-00000000000000001"]})}


def test_one_that_failed_alone_is_not_called_done() -> None:
    card = instances.changed(samples.changed(1))
    assert card["body"][0]["text"] == "Not stopped: web-server-01"
    assert asked(card) == {}


def test_an_instance_already_there_has_no_arrow_and_no_way_back() -> None:
    same = model.ChangeOutcome(
        instance_id="i-1",
        name="web",
        ok=True,
        changed=False,
        before=State.STOPPED,
        after=State.STOPPED,
        what="It was stopped already.",
    )
    card = instances.changed(model.InstancesChanged(change="stop", outcomes=(same,)))
    assert "→" not in said(card)
    assert asked(card) == {}


def test_a_tag_that_was_not_there_came_from_none() -> None:
    assert "Team: none → payments" in said(instances.tagged(samples.tagged()))


def test_a_command_that_runs_can_be_looked_at_again_and_pages_can_be_turned() -> None:
    running = samples.report(samples.outcome(status=Phase.RUNNING, ok=False, exit_code=None, output=""), final=False)
    assert asked(commands.ran(running)) == {"Check again": ("commands.status", {"command_id": "cmd-5b1f"})}
    paged = asked(commands.status(samples.report(samples.outcome(page=2, pages=3))))
    which = {"command_id": "cmd-5b1f", "instance": "i-00000000000000003"}
    assert paged == {"Show all of it": ("commands.status", {**which, "page": 2, "part": 1})}
    part = asked(commands.status(samples.report(samples.outcome(page=2, pages=3)).model_copy(update={"part": 1})))
    assert part == {
        "Next": ("commands.status", {**which, "page": 3, "part": 1}),
        "Previous": ("commands.status", {**which, "page": 1, "part": commands.LAST}),
    }


def test_several_outcomes_start_with_what_failed_and_why() -> None:
    card = samples.samples()["command_several"]
    assert said(card).index("web-server-02") < said(card).index("web-server-01")
    assert "1 of 3 instances succeeded" in said(card)
    assert "Its agent does not answer." in said(card)


def test_costs_compare_with_the_time_before_and_look_ahead() -> None:
    card = costs.summary(samples.spent())
    assert "+8 % against $740.11 in 1 Oct to 21 Oct" in said(card)
    assert "$1,180.00 for the month up to 30 Nov" in said(card)
    assert asked(card)["Last month"] == ("costs.summary", {"period": "last_month"})


def test_a_change_that_cannot_be_said_says_why() -> None:
    first = samples.spent().model_copy(update={"change": None, "change_note": "There is no month before.", "forecast": None})
    card = costs.summary(first.model_copy(update={"forecast_note": "Too little history."}))
    assert "There is no month before." in said(card)
    assert "Too little history." in said(card)


def test_advice_says_from_what_to_what_and_what_it_rests_on() -> None:
    card = costs.rightsize(samples.sizes())
    for part in ("m6i.2xlarge → m6i.xlarge", "-50 %", "It was measured for 2 days only."):
        assert part in said(card)


def test_help_offers_only_what_the_caller_may_do() -> None:
    assert set(asked(helping.overview(samples.overview()))) == {"List instances", "Check health", "What it costs"}
    few = samples.overview().model_copy(update={"groups": samples.overview().groups[2:]})
    assert set(asked(helping.overview(few))) == {"What it costs"}
    assert "Asks first." in said(helping.overview(samples.overview()))


def test_help_on_something_unknown_says_so_and_shows_everything() -> None:
    card = helping.overview(samples.overview("kubernetes", matched=False))
    assert "Nothing is called kubernetes" in said(card)
    assert asked(card)["Everything"] == ("help", {})


def fastest(build: Callable[[], object]) -> float:
    """Milliseconds of the fastest of many runs: what it costs when nothing else runs."""

    def once() -> float:
        start = time.perf_counter()
        build()
        return (time.perf_counter() - start) * 1000

    return min(once() for _ in range(60))


@pytest.mark.parametrize(
    ("build", "limit"),
    [
        (partial(helping.overview, samples.overview()), 0.3),
        (answers.welcome, 0.3),
        (partial(instances.listed, samples.listing(9)), 3),
        (partial(instances.metrics, samples.measurements(3)), 10),
    ],
    ids=["help", "welcome", "list", "metrics"],
)
def test_cards_are_built_fast(build: Callable[[], object], limit: float) -> None:
    assert fastest(build) < limit
