"""What each instance measures at any minute: a pure function of seed, time and the instance's life.

Nothing is recorded ahead of time, so there is history for as long as an instance has run, and it grows by itself.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from enum import StrEnum

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


Block = Sequence[float | None]


class Load:
    """The measurements. epoch: when the demo started, Unix seconds; troubles are dated from it."""

    def __init__(self, seed: int, epoch: float) -> None:
        self.seed = seed
        self.epoch = epoch
        self._noise: dict[tuple[str, Gauge], list[float]] = {}
        self._hours: dict[tuple[str, Gauge, int], Block] = {}
        self._measures: dict[Gauge, Callable[[Machine, float, float], float]] = {
            Gauge.CPU: self._cpu,
            Gauge.MEMORY: self._memory,
            Gauge.DISK: self._disk,
            Gauge.RECEIVED: self._received,
            Gauge.SENT: self._sent,
        }

    def at(self, machine: Machine, gauge: Gauge, moment: float) -> float | None:
        """The sample of the minute that holds `moment`; None while it was not running."""
        minute = math.floor(moment / 60) * 60
        if machine.up_at(minute + 59) is None:
            return None
        noise = self._noise_of(machine, gauge)[(minute // 60) % 1440]
        return round(self._measures[gauge](machine, minute, noise), 3)

    def samples(self, machine: Machine, gauge: Gauge, start: int, end: int, now: float) -> list[float]:
        """Every minute's sample from `start` up to `end` (whole minutes) that is complete at `now`, oldest first."""
        end = min(end, math.floor(now / 60) * 60)
        found: list[float] = []
        hour = start // HOUR
        while hour * HOUR < end:
            block = self._hour(machine, gauge, hour, now)
            low, high = max(0, start - hour * HOUR) // 60, min(HOUR, end - hour * HOUR) // 60
            found.extend(value for value in block[low:high] if value is not None)
            hour += 1
        return found

    def _hour(self, machine: Machine, gauge: Gauge, hour: int, now: float) -> Block:
        """The sixty samples of an hour; kept once the hour is over, since the past does not change."""
        key = (machine.id, gauge, hour)
        if key in self._hours:
            return self._hours[key]
        first = hour * HOUR
        block = [self.at(machine, gauge, first + 60 * n) if first + 60 * n <= now else None for n in range(60)]
        if first + HOUR <= now:
            self._hours[key] = block
        return block

    def _noise_of(self, machine: Machine, gauge: Gauge) -> list[float]:
        """A day of smooth noise of its own, about -2 to 2."""
        key = (machine.plan.name, gauge)
        if key not in self._noise:
            source, value, values = random.Random(f"{self.seed}/{machine.plan.name}/{gauge}"), 0.0, []
            for _ in range(1440):
                value = 0.8 * value + 0.6 * source.gauss(0, 1)
                values.append(value)
            self._noise[key] = values
        return self._noise[key]

    def _cpu(self, machine: Machine, moment: float, noise: float) -> float:
        if machine.plan.trouble == "cpu" and self.epoch - HOT_FOR <= moment < machine.healed.get("cpu", math.inf):
            return min(97.5, max(93.5, 95.2 + 0.5 * noise))
        role = machine.plan.kind
        starting = 22.0 if _since_boot(machine, moment) < 180 else 0.0
        value = role.cpu * (1 + 0.12 * noise) + role.swing * _busy(machine, moment) * (1 + 0.08 * noise) + starting
        return min(92.0, max(0.3, value))

    def _memory(self, machine: Machine, moment: float, noise: float) -> float:
        warm = min(1.0, 0.6 + _since_boot(machine, moment) / 3000)
        hot = 9.0 if machine.plan.trouble == "cpu" and self._cpu(machine, moment, 0) > 93 else 0.0
        return min(97.0, machine.plan.kind.memory * warm + 5 * _busy(machine, moment) + 0.5 * noise + hot)

    def _disk(self, machine: Machine, moment: float, noise: float) -> float:
        freed = sum(percent for when, percent in machine.cleared if when <= moment)
        if machine.plan.trouble == "disk":
            before = (self.epoch - moment) / HOUR
            grown = DISK_NOW - DISK_RATE * before if before > 0 else DISK_NOW - 0.3 * before
            return min(98.5, max(DISK_FLOOR + 0.1 * noise, grown)) - freed
        week = (moment % (7 * DAY)) / (7 * DAY)
        return machine.plan.kind.disk + 4 * week + 0.05 * noise - freed

    def _received(self, machine: Machine, moment: float, noise: float) -> float:
        return round(1e6 * machine.plan.kind.traffic * max(0.04, 0.1 + _busy(machine, moment) + 0.07 * noise))

    def _sent(self, machine: Machine, moment: float, noise: float) -> float:
        return round(1.7 * self._received(machine, moment, noise))


def _busy(machine: Machine, moment: float) -> float:
    """How busy people keep it, 0 to 1: low before dawn, high in the afternoon (UTC), quieter on weekends and in staging."""
    hour = moment % DAY / HOUR
    wave = 0.5 - 0.5 * math.cos((hour - 4) / 24 * 2 * math.pi)
    weekend = 0.55 if math.floor(moment / DAY) % 7 in (2, 3) else 1.0  # the epoch's first day was a Thursday
    staging = 0.35 if machine.plan.environment == "staging" else 1.0
    return wave**1.5 * weekend * staging


def _since_boot(machine: Machine, moment: float) -> float:
    period = machine.up_at(moment + 59)
    start = period.start if period else moment
    if start < machine.rebooted_at <= moment + 59:
        start = machine.rebooted_at
    return max(0.0, moment - start)
