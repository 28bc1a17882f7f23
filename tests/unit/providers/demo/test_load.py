"""The measurements behind metrics and shell."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from providers.demo.fleet import plans
from providers.demo.load import Gauge, Load
from providers.demo.machine import Machine, Period

NOW = 1_795_000_020.0
HOURS = 3600


def machine(name: str, *periods: Period) -> Machine:
    plan = next(plan for plan in plans(24) if plan.name == name)
    return Machine(f"i-{name}", "us-east-1", plan, "ami-1", "10.0.0.7", list(periods) or [Period(NOW - 40 * 86400)])


def last(load: Load, on: Machine, gauge: Gauge, seconds: int, now: float = NOW) -> list[float]:
    end = int(now // 60) * 60
    return load.samples(on, gauge, end - seconds, end, now)


def test_the_same_seed_gives_the_same_numbers_and_another_others() -> None:
    on = machine("api-01")

    assert last(Load(7, NOW), on, Gauge.CPU, HOURS) == last(Load(7, NOW), on, Gauge.CPU, HOURS)
    assert last(Load(7, NOW), on, Gauge.CPU, HOURS) != last(Load(8, NOW), on, Gauge.CPU, HOURS)


def test_a_sample_a_minute_for_six_hours_and_every_percent_is_one() -> None:
    load = Load(7, NOW)
    for plan in plans(24):
        on = machine(plan.name)
        for gauge in (Gauge.CPU, Gauge.MEMORY, Gauge.DISK):
            samples = last(load, on, gauge, 6 * HOURS)
            assert len(samples) == 360
            assert all(0 < value < 100 for value in samples), (plan.name, gauge)
            assert len(set(samples)) > 50


def test_history_grows_with_the_clock_and_the_past_does_not_change() -> None:
    load, on = Load(7, NOW), machine("web-server-01")
    start = int(NOW // 60) * 60 - HOURS

    before = load.samples(on, Gauge.CPU, start, start + 2 * HOURS, NOW)
    after = load.samples(on, Gauge.CPU, start, start + 2 * HOURS, NOW + 600)

    assert len(before) == 60
    assert len(after) == 70
    assert after[:60] == before


def test_one_disk_fills_to_about_93_percent() -> None:
    samples = last(Load(7, NOW), machine("db-01"), Gauge.DISK, 6 * HOURS)

    assert samples[0] < 65
    assert 92 < samples[-1] < 94


def test_one_processor_is_at_95_percent_for_more_than_half_an_hour() -> None:
    samples = last(Load(7, NOW), machine("worker-02"), Gauge.CPU, 2 * HOURS)

    assert all(93 < value < 98 for value in samples[-40:])
    assert max(samples[:60]) < 90


def test_afternoons_are_busier_than_nights() -> None:
    load, on = Load(7, NOW), machine("web-server-02")
    midnight = int(NOW // 86400) * 86400 - 3 * 86400

    night = load.samples(on, Gauge.CPU, midnight + 3 * HOURS, midnight + 5 * HOURS, NOW)
    afternoon = load.samples(on, Gauge.CPU, midnight + 15 * HOURS, midnight + 17 * HOURS, NOW)

    assert sum(afternoon) / len(afternoon) > 1.4 * sum(night) / len(night)


def test_nothing_is_measured_while_it_is_stopped() -> None:
    stop = NOW - 2 * HOURS
    on = machine("cache-01", Period(NOW - 10 * HOURS, stop), Period(NOW - HOURS))
    load = Load(7, NOW)

    samples = load.samples(on, Gauge.MEMORY, int(stop // 60) * 60, int(NOW // 60) * 60, NOW)

    assert 58 <= len(samples) <= 61
    assert list(load.buckets(on, Gauge.CPU, int(stop // 300) * 300 + 300, int(stop) + HOURS - 600, 300, NOW)) == []


def test_an_average_over_any_period_is_that_of_its_minutes() -> None:
    load, on = Load(7, NOW), machine("checkout-01")
    end = int(NOW // 3600) * 3600

    for period in (60, 300, 900, 3600, 7200, 420):
        start = (end - 6 * HOURS) // period * period
        for moment, samples in load.buckets(on, Gauge.CPU, start, end, period, NOW):
            assert samples == load.samples(on, Gauge.CPU, moment, moment + period, NOW)


def test_requests_at_the_same_time_do_not_measure_an_hour_twice() -> None:
    load, on = Load(7, NOW), machine("api-01")
    start = int(NOW // HOURS) * HOURS - HOURS

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: load.samples(on, Gauge.CPU, start, start + HOURS, NOW), range(64)))

    assert {len(samples) for samples in found} == {60}
    assert len(load.samples(on, Gauge.CPU, start, start + HOURS, NOW)) == 60
