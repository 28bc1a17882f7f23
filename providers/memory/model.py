"""The model's twin: answers from a script, and fails on request."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from skills.kit.errors import OpsError, Timeout
from skills.kit.ports.model import ModelAnswer, Tool


@dataclass(frozen=True)
class Asked:
    """One question that was put to it."""

    system: str
    words: str
    tools: tuple[Tool, ...]


class ScriptedModel:
    """Answers each text with what the script has for it, and anything else with nothing. It understands nothing.

    down: raised instead of answering. delay: how long an answer takes. asked: what it was asked, oldest first.
    """

    def __init__(self, script: Mapping[str, ModelAnswer] | None = None) -> None:
        self.script = dict(script or {})
        self.down: OpsError | None = None
        self.delay = timedelta()
        self.asked: list[Asked] = []

    async def choose(self, system: str, words: str, tools: Sequence[Tool], *, deadline: timedelta) -> ModelAnswer:
        """The script's answer for `words`. Errors: `down`; Timeout when `delay` is longer than `deadline`."""
        self.asked.append(Asked(system, words, tuple(tools)))
        await asyncio.sleep(min(self.delay, deadline).total_seconds())
        if self.delay >= deadline:
            raise Timeout("The model did not answer in time.")
        if self.down:
            raise self.down
        return self.script.get(words, ModelAnswer())
