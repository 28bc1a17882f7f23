"""One instance while the demo runs: when it was up, what was done to it. Times are Unix seconds."""

from __future__ import annotations

from dataclasses import dataclass, field

from providers.demo.fleet import Plan

DAY = 86400


@dataclass
class Period:
    """A time it was running; `end` is None while it still is."""

    start: float
    end: float | None = None


@dataclass
class Machine:
    """An instance's life, beside what moto keeps of it.

    periods: when it was running, oldest first. agent_at: since when its SSM agent answers. checked_at: when the status checks
    pass. rebooted_at: the last reboot. healed: when a trouble of its plan ended. cleared: percent of the disk that was freed.
    units: systemd units somebody stopped (False) or restarted (True), with the time. gone: it was terminated.
    """

    id: str
    region: str
    plan: Plan
    image: str
    private_ip: str
    periods: list[Period] = field(default_factory=list[Period])
    agent_at: float = 0.0
    checked_at: float = 0.0
    rebooted_at: float = 0.0
    healed: dict[str, float] = field(default_factory=dict[str, float])
    cleared: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    units: dict[str, tuple[bool, float]] = field(default_factory=dict[str, tuple[bool, float]])
    gone: bool = False

    @property
    def running(self) -> bool:
        """It is up now."""
        return bool(self.periods) and self.periods[-1].end is None

    def up_at(self, moment: float) -> Period | None:
        """The period it was running in at that time, or None."""
        for period in reversed(self.periods):
            if period.start <= moment:
                return period if period.end is None or moment < period.end else None
        return None

    def booted_at(self) -> float:
        """When the system last came up: its start, or a reboot since."""
        return max(self.periods[-1].start if self.periods else 0.0, self.rebooted_at)

    def hours(self, start: float, end: float) -> float:
        """How many hours of that time it was running: what is billed."""
        return sum(max(0.0, min(end, p.end or end) - max(start, p.start)) for p in self.periods) / 3600

    def online(self, now: float) -> bool:
        """Its SSM agent answers."""
        return self.plan.managed and not self.gone and self.running and now >= self.agent_at

    def serves(self, unit: str) -> bool:
        """The systemd unit runs."""
        return self.units.get(unit, (True, 0.0))[0]

    def unit_since(self, unit: str) -> float:
        """When the unit was last started or stopped."""
        return self.units[unit][1] if unit in self.units else self.booted_at() + 9

    def pid(self, unit: str) -> int:
        """The unit's main process; another one after each restart."""
        return 900 + sum(map(ord, unit)) % 900 + int(self.unit_since(unit)) % 7919

    def troubled(self, now: float) -> bool:
        """The trouble of its plan is still there."""
        return bool(self.plan.trouble) and self.plan.trouble not in self.healed
