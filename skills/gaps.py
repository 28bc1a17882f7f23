"""Answers with parts missing: what could not be read is said, and the rest is answered."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

import structlog

from skills.kit.errors import Forbidden, NotFound, OpsError, Throttled, Timeout, Unavailable

T = TypeVar("T")
log = structlog.get_logger()

BEARABLE = (Forbidden, NotFound, Throttled, Timeout, Unavailable)
"""What one part of an answer may fail with while the others stand."""


class Gaps:
    """What could not be read, gathered while the rest is: a sentence each."""

    def __init__(self) -> None:
        """Nothing is missing yet."""
        self._sentences: list[str] = []

    @property
    def sentences(self) -> tuple[str, ...]:
        """Every gap once, in the order found."""
        return tuple(dict.fromkeys(self._sentences))

    def say(self, sentence: str) -> None:
        """Something is missing for this reason."""
        self._sentences.append(sentence)

    async def fill(self, what: str, reading: Awaitable[T], default: T) -> T:
        """What `reading` gives, or `default` when it cannot be had: then it is a gap. what: as people call it."""
        try:
            return await reading
        except BEARABLE as error:
            log.warning("part_not_read", part=what, code=error.code, error=error.what, details=error.details)
            self.say(f"{what} could not be read: {reason(error)}")
            return default


def reason(error: OpsError) -> str:
    """What happened and, for a missing permission, which."""
    missing = error.missing if isinstance(error, Forbidden) else ""
    return f"{error.what.rstrip('.')} ({missing} is missing)." if missing and missing not in error.what else error.what
