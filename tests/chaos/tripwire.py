"""Where in a request's life something is to happen: sprung once, at the request it is set for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum

from aiohttp import web


class Phase(StrEnum):
    """How far a request came. lost: it never arrived. reached: it was carried out, its answer was not sent. answered: both."""

    LOST = "lost"
    REACHED = "reached"
    ANSWERED = "answered"


class Tripwire:
    """Counts requests once it is set. Whoever serves them asks `due` at each phase; True means: it has just sprung."""

    def __init__(self) -> None:
        self._spring: Callable[[], None] | None = None
        self._left = 0
        self._phase = Phase.LOST

    def set(self, number: int, phase: Phase, spring: Callable[[], None]) -> None:
        """Spring at the request with that number, from 0, of those that come from now on."""
        self._left, self._phase, self._spring = number + 1, phase, spring

    def clear(self) -> None:
        """Do not spring any more."""
        self._spring = None

    def count(self) -> None:
        """A request came in."""
        self._left -= 1

    def due(self, phase: Phase) -> bool:
        """Is this the request, and this its phase? Then it springs."""
        if self._spring is None or self._left != 0 or phase is not self._phase:
            return False
        spring, self._spring = self._spring, None
        spring()
        return True

    async def answer(self, request: web.Request, response: web.Response) -> web.Response:
        """Send the answer, with the last two phases before and after it; there may be nobody left to read it."""
        self.due(Phase.REACHED)
        with suppress(ConnectionError):
            await response.prepare(request)
            await response.write_eof()
        self.due(Phase.ANSWERED)
        return response
