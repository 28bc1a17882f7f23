"""Text from outside: names and tags, output, logs, runbooks, tickets. It is shown and compared with words; it decides nothing.

Fields that hold such text have the type `Outside`, so that whoever passes a result on knows which part of it others wrote. There
is one way to put it before a model: as `Material`, which a prompt carries as JSON beside the person's message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict

from skills.kit.arguments import markers

LONGEST = 20_000
"""Characters of one piece of material that a model gets."""

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
)
"""What nobody sees but a model reads: control, direction, zero-width and tag characters."""


class _Written:
    """Marks text that others wrote."""


WRITTEN_OUTSIDE = _Written()
Outside = Annotated[str, WRITTEN_OUTSIDE]
"""Text that somebody outside this conversation wrote: never a skill's name, a target, an approval or markup."""


class Material(BaseModel):
    """Something to read for a model. kind: `log`, `runbook`, `ticket` ... source: where it is from, in our words."""

    model_config = ConfigDict(frozen=True)

    kind: str
    source: str
    text: Outside

    def shown(self) -> dict[str, str]:
        """As a prompt carries it: what nobody could see is gone, the length is bounded and a cut is said."""
        text = _HIDDEN.sub("", self.text)
        kept = text if len(text) <= LONGEST else f"{text[:LONGEST]}\n[{len(text) - LONGEST:,} more characters were left out]"
        return {"kind": self.kind, "source": self.source, "text": kept}


def outside_in(model: BaseModel) -> Iterator[str]:
    """Every text in `model`, however deep, that others wrote."""
    for name, field in type(model).model_fields.items():
        written = WRITTEN_OUTSIDE in (*field.metadata, *markers(field.annotation))
        yield from _texts(getattr(model, name), written)


def _texts(value: Any, written: bool) -> Iterator[str]:
    match value:
        case BaseModel():
            yield from outside_in(value)
        case str():
            yield from [value] if written else []
        case Mapping():
            yield from (text for pair in value.items() for one in pair for text in _texts(one, written))  # pyright: ignore[reportUnknownVariableType] - any mapping
        case list() | tuple():
            yield from (text for one in value for text in _texts(one, written))  # pyright: ignore[reportUnknownVariableType] - any sequence
        case _:
            return
