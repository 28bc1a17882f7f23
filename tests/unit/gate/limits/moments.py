"""A clock that tests set, and windows to take."""

from __future__ import annotations

from gate.limits.window import Window


class Clock:
    """Seconds; only tests move it."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        """Let so much pass."""
        self.now += seconds


def window(limit: int, seconds: int = 60, *, name: str = "", key: str = "anna") -> Window:
    """A window whose name says what it is, unless it is given."""
    return Window(name or f"w{limit}_{seconds}", limit, seconds, key)
