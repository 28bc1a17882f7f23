"""Final cards, insisted on: whatever keeps one from its conversation, it is tried again, ever more rarely."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from gate.action import Action
from gate.live import Listener
from gate.records import Actions
from skills.kit.errors import NotFound

log = structlog.get_logger()

_FIRST, _LONGEST = 2.0, 300.0
"""Seconds until the second try, and between two late ones."""


@dataclass
class _Wait:
    due: float
    length: float = _FIRST


class Delivery:
    """show: shows an action where it was asked for, and raises when it could not."""

    def __init__(self, actions: Actions, show: Listener, clock: Callable[[], float] = time.monotonic) -> None:
        self._actions, self._show, self._clock = actions, show, clock
        self._under_way: set[str] = set()
        self._waits: dict[str, _Wait] = {}

    def due(self, id: str) -> bool:
        """It is neither being delivered nor too early for another try."""
        wait = self._waits.get(id)
        return id not in self._under_way and (wait is None or self._clock() >= wait.due)

    async def deliver(self, action: Action) -> None:
        """Show the final card; what fails is due again later, unless there is nothing left to show it in."""
        if not self.due(action.id):
            return
        self._under_way.add(action.id)
        try:
            await self._show(action)
        except NotFound as error:
            log.warning("nowhere_to_deliver", action=action.id, error=error.what)
        except Exception as error:
            wait = self._waits.setdefault(action.id, _Wait(0))
            wait.due, wait.length = self._clock() + wait.length, min(2 * wait.length, _LONGEST)
            log.warning("result_not_delivered_yet", action=action.id, error=str(error), exc_info=error)
            return
        finally:
            self._under_way.discard(action.id)
        self._waits.pop(action.id, None)
        await self._actions.delivered(action.id)
