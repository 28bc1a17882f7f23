"""What each instance measures at any minute: a pure function of seed, time and the instance's life.

Nothing is recorded ahead of time, so there is history for as long as an instance has run, and it grows by itself.
"""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from functools import cache
from typing import NamedTuple, cast

from providers.demo.machine import Machine

HOUR, DAY = 3600, 86400
HOT_FOR = 47 * 60
"""How long before the demo starts the runaway process began, in seconds."""
DISK_NOW, DISK_RATE, DISK_FLOOR = 92.6, 5.2, 58.0
"""Percent of the filling disk when the demo starts, percent per hour before that, and where it began."""


class Gauge(StrEnum):
    """What is measured, in CloudWatch's words: percent, or bytes per minute for the network."""

    CPU = "CPUUtilization"
    MEMORY = "mem_used_percent"
    DISK = "disk_used_percent"
    RECEIVED = "NetworkIn"
    SENT = "NetworkOut"


Bucket = tuple[int, list[float]]


class Load:
    """The measurements. epoch: when the demo started, Unix seconds; troubles are dated from it."""

    def __init__(self, seed: int, epoch: float) -> None:
        self.seed = seed
        self.epoch = epoch
        self._noise: dict[tuple[str, Gauge], list[float]] = {}
        self._hours: dict[tuple[str, Gauge, int], list[float | None]] = {}
        self._lock = threading.Lock()
        self._measures: dict[Gauge, Callable[[Machine, Minutes], list[float]]] = {
            Gauge.CPU: self._cpu,
            Gauge.MEMORY: self._memory,
            Gauge.DISK: self._disk,
            Gauge.RECEIVED: self._received,
            Gauge.SENT: self._sent,
        }

    def at(self, machine: Machine, gauge: Gauge, moment: float) -> float | None:
        """The sample of the minute that holds `moment`; None while it was not running."""
        return self._measure(machine, gauge, math.floor(moment / 60), 1)[0]

    def samples(self, machine: Machine, gauge: Gauge, start: int, end: int, now: float) -> list[float]:
        """Every minute's sample from `start` up to `end` (whole minutes) that is complete at `now`, oldest first."""
        end = min(end, math.floor(now / 60) * 60)
        found: list[float] = []
        for hour in range(start // HOUR, -(-end // HOUR)):
            first = hour * HOUR
            block = self._hour(machine, gauge, hour, now)
            found += [value for value in block[max(0, start - first) // 60 : (end - first) // 60] if value is not None]
        return found

    def buckets(self, machine: Machine, gauge: Gauge, start: int, end: int, period: int, now: float) -> Iterator[Bucket]:
        """(its start, its samples) for each period of `period` seconds from `start` up to `end` that has any, oldest first."""
        if start % period or HOUR % period:
            for moment in range(start, end, period):
                if samples := self.samples(machine, gauge, moment, moment + period, now):
                    yield moment, samples
            return
        for hour in range(start // HOUR, -(-end // HOUR)):
            first, block = hour * HOUR, self._hour(machine, gauge, hour, now)
            whole = None not in block
            for n in range(max(0, start - first) // 60, min(len(block), (end - first + 59) // 60), period // 60):
                samples = block[n : n + period // 60]
                known = cast("list[float]", samples) if whole else [value for value in samples if value is not None]
                if known:
                    yield first + 60 * n, known

    def _hour(self, machine: Machine, gauge: Gauge, hour: int, now: float) -> list[float | None]:
        """The complete samples of an hour; kept, since a complete minute does not change."""
        block = self._hours.setdefault((machine.id, gauge, hour), [])
        complete = min(60, math.floor(now / 60) - hour * 60)
        with self._lock:  # two requests at once must not both append
            if len(block) < complete:
                block += self._measure(machine, gauge, hour * 60 + len(block), complete - len(block))
        return block

    def _measure(self, machine: Machine, gauge: Gauge, minute: int, count: int) -> list[float | None]:
        """`count` samples from that minute of the epoch on, all within one hour; None for each it was not running in."""
        day = minute % 1440
        noise = self._noise_of(machine, gauge)[day : day + count]
        busy = _busy(machine.plan.environment == "staging", _weekend(minute))[day : day + count]
        values = self._measures[gauge](machine, Minutes(minute * 60, busy, noise))
        first, last = machine.up_at(minute * 60 + 59), machine.up_at((minute + count) * 60 - 1)
        if first and first is last:
            return list(values)
        return [value if machine.up_at(60 * (minute + n) + 59) else None for n, value in enumerate(values)]

    def _noise_of(self, machine: Machine, gauge: Gauge) -> list[float]:
        """A day of smooth noise of its own, about -2 to 2."""
        key = (machine.plan.name, gauge)
        if key not in self._noise:
            source, value, values = random.Random(f"{self.seed}/{machine.plan.name}/{gauge}"), 0.0, list[float]()
            for _ in range(1440):
                value = 0.8 * value + 0.6 * source.gauss(0, 1)
                values.append(value)
            self._noise[key] = values
        return self._noise[key]

    def _cpu(self, machine: Machine, at: Minutes) -> list[float]:
        role = machine.plan.kind
        base, swing = role.cpu, role.swing
        values = [
            min(92.0, max(0.3, base + 0.12 * base * n + swing * b * (1 + 0.08 * n)))
            for b, n in zip(at.busy, at.noise, strict=True)
        ]
        values = [
            value + max(0.0, 22 - 0.12 * up) if up < 180 else value
            for value, up in zip(values, _boots(machine, at), strict=False)
        ] or values
        if machine.plan.trouble != "cpu":
            return values
        hot = self._hot(machine, at)
        return [min(97.5, max(93.5, 95.2 + 0.5 * n)) if h else v for h, v, n in zip(hot, values, at.noise, strict=True)]

    def _memory(self, machine: Machine, at: Minutes) -> list[float]:
        base = machine.plan.kind.memory
        values = [base + 5 * b + 0.5 * n for b, n in zip(at.busy, at.noise, strict=True)]
        values = [value * min(1.0, 0.6 + up / 3000) for value, up in zip(values, _boots(machine, at), strict=False)] or values
        return (
            [value + 9 * hot for value, hot in zip(values, self._hot(machine, at), strict=True)]
            if machine.plan.trouble == "cpu"
            else values
        )

    def _hot(self, machine: Machine, at: Minutes) -> list[bool]:
        """Whether the runaway process ran in each minute."""
        begin, end = self.epoch - HOT_FOR, machine.healed.get("cpu", math.inf)
        return [begin <= at.start + 60 * n < end for n in range(len(at.noise))]

    def _disk(self, machine: Machine, at: Minutes) -> list[float]:
        if machine.plan.trouble == "disk":
            values = [self._filling(at.start + 60 * n, noise) for n, noise in enumerate(at.noise)]
        else:
            base, week = machine.plan.kind.disk, 7 * DAY
            values = [base + 4 * ((at.start + 60 * n) % week) / week + 0.05 * noise for n, noise in enumerate(at.noise)]
        for when, percent in machine.cleared:
            values = [value - percent if when <= at.start + 60 * n + 59 else value for n, value in enumerate(values)]
        return values

    def _filling(self, moment: float, noise: float) -> float:
        """Percent of the disk that fills: fast until the demo starts, then slowly on."""
        before = (self.epoch - moment) / HOUR
        grown = DISK_NOW - DISK_RATE * before if before > 0 else DISK_NOW - 0.3 * before
        return min(98.5, max(DISK_FLOOR + 0.1 * noise, grown))

    def _received(self, machine: Machine, at: Minutes) -> list[float]:
        scale = 1e6 * machine.plan.kind.traffic
        return [float(round(scale * max(0.04, 0.1 + b + 0.07 * n))) for b, n in zip(at.busy, at.noise, strict=True)]

    def _sent(self, machine: Machine, at: Minutes) -> list[float]:
        return [float(round(1.7 * value)) for value in self._received(machine, at)]


class Minutes(NamedTuple):
    """Some minutes in a row within one hour: when the first starts, and for each how busy people are and its noise."""

    start: int
    busy: Sequence[float]
    noise: Sequence[float]


def _weekend(minute: int) -> bool:
    return minute // 1440 % 7 in (2, 3)  # the epoch's first day was a Thursday


@cache
def _busy(staging: bool, weekend: bool) -> list[float]:
    """How busy people keep it in each minute of a day, 0 to 1: low before dawn, high in the afternoon (UTC)."""
    scale = (0.35 if staging else 1.0) * (0.55 if weekend else 1.0)
    return [scale * (0.5 - 0.5 * math.cos((minute / 60 - 4) / 24 * 2 * math.pi)) ** 1.5 for minute in range(1440)]


def _boots(machine: Machine, at: Minutes) -> list[float]:
    """Seconds since the system came up, for each minute; empty when that was so long ago that it does not matter."""
    last = machine.up_at(at.start + 60 * len(at.noise) - 1)
    if last is None:
        return []
    start = max(last.start, machine.rebooted_at if machine.rebooted_at <= at.start + HOUR else 0.0)
    return [max(0.0, at.start + 60 * n - start) for n in range(len(at.noise))] if at.start - start < HOUR else []
