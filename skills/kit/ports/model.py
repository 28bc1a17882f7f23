"""A language model that chooses among tools. What it answers is data: whoever asked it checks every part of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict


class Tool(BaseModel):
    """Something the model may choose. name: letters, digits, `_` and `-`, at most 64. parameters: a JSON schema of an object."""

    model_config = ConfigDict(frozen=True)

    name: str
    description: str
    parameters: Mapping[str, Any]


class ToolCall(BaseModel):
    """What the model chose, unchecked."""

    model_config = ConfigDict(frozen=True)

    tool: str
    arguments: dict[str, Any]


class ModelAnswer(BaseModel):
    """Everything the model answered: the tools it chose, in order, and what it said besides."""

    model_config = ConfigDict(frozen=True)

    calls: tuple[ToolCall, ...] = ()
    text: str = ""


class Model(Protocol):
    """A model. Errors: Unavailable (part `model`) when it is down, refuses us or answers nonsense; Throttled; Timeout."""

    async def choose(self, system: str, words: str, tools: Sequence[Tool], *, deadline: timedelta) -> ModelAnswer:
        """What the model chooses for `words`, within `deadline`. system: what stays the same from call to call."""
        ...
