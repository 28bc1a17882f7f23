"""Charts keep peaks, and their fallbacks have the numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cards import charts
from tests.unit.cards.validator import texts

START = datetime(2026, 11, 22, tzinfo=UTC)


def points(*values: float) -> list[tuple[datetime, float]]:
    return [(START + timedelta(minutes=5 * n), value) for n, value in enumerate(values)]


def test_a_thinned_line_keeps_its_peak_and_its_last_point() -> None:
    values = [10.0] * 500
    values[123], values[-1] = 99.0, 42.0
    drawn = charts.line("CPU", [charts.Line("web-1", points(*values))], points=24)["data"][0]["values"]
    assert len(drawn) == 24
    assert max(point["y"] for point in drawn) == 99.0
    assert drawn[-1] == {"x": "2026-11-23T17:35Z", "y": 42.0}
    assert [point["x"] for point in drawn] == sorted(point["x"] for point in drawn)


def test_a_line_in_words_has_now_low_and_high() -> None:
    made = charts.line("CPU", [charts.Line("web-1", points(10, 97, 40)), charts.Line("web-2", [])])
    words = list(texts({"type": "AdaptiveCard", "body": [made]}))
    assert words[1].startswith("web-1: now 40 %, low 10 %, high 97 %")
    assert words[2] == "web-2: nothing reported."


def test_bars_few_are_listed_and_many_summed_up() -> None:
    few = charts.bars("Cost", [charts.Bar("1 Nov", 3, "$3.00"), charts.Bar("2 Nov", 5, "$5.00")])
    assert few["fallback"]["items"][1]["facts"] == [{"title": "1 Nov", "value": "$3.00"}, {"title": "2 Nov", "value": "$5.00"}]
    many = charts.bars("Cost", [charts.Bar(f"{n} Nov", n % 7, f"${n % 7}.00") for n in range(1, 21)])
    assert {"title": "Highest", "value": "$6.00 (6 Nov)"} in many["fallback"]["items"][2]["facts"]
    assert {"title": "Last", "value": "$6.00 (20 Nov)"} in many["fallback"]["items"][2]["facts"]


def test_a_gauge_has_the_thresholds_it_is_judged_by() -> None:
    made = charts.gauge("Disk", 93.2, warning=80, critical=90)
    assert made["value"] == 93.2
    assert [(part["legend"], part["size"]) for part in made["segments"]] == [("healthy", 80), ("warning", 10), ("critical", 10)]
    assert "93 %" in made["fallback"]["facts"][0]["value"]


def test_a_line_of_bars_shows_the_highest_of_each_stretch() -> None:
    assert charts.sparkline([0, 50, 100], top=100) == "▁▅█"
    assert charts.sparkline([]) == ""
    assert charts.sparkline([0, 0]) == "▁▁"
    assert charts.sparkline([0.0] * 99 + [100], top=100)[-1] == "█"
    assert len(charts.sparkline([1.0] * 1000)) == 12


def test_bytes_are_in_the_unit_that_keeps_them_short() -> None:
    assert [charts.amount(value, "B/s") for value in (900, 12_345, 3.2e6, 7.5e9)] == ["900 B/s", "12 kB/s", "3 MB/s", "7.5 GB/s"]
