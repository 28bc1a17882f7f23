"""The types a skill's arguments are made of. What they mean to a person is in each field's description."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetJsonSchemaHandler,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Arguments(BaseModel):
    """What a skill is asked with. Unknown fields are an error; an instance never changes once made."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The schema, its lengths of time as people and programs write them: pydantic's own form is ISO 8601."""
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        for name, field in cls.model_fields.items():
            if isinstance(field.default, timedelta):
                properties[field.alias or name]["default"] = format_duration(field.default)
        return schema


class Result(BaseModel):
    """What a skill answers with. REST families return it as it is; a view turns it into a card."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    def about(self) -> tuple[str, ...]:
        """The ids of what it shows, in order: what "those" means in the next message."""
        return ()


class Part(BaseModel):
    """A piece of a result. In JSON its fields are camelCase, as the fleet family's document has them."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, alias_generator=to_camel)


@dataclass(frozen=True)
class Reference:
    """Marks a field that names something as the user said it; the gate resolves it before anyone confirms."""

    kind: str


InstanceRef = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=255),
    Reference("instance"),
]
"""An instance as the user said it: an id, a name, `key=value` of a tag, or words such as "the staging boxes"."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(\d+)\s*(s|m|h|d|w)(?:ec(?:ond)?s?|in(?:ute)?s?|ours?|rs?|ays?|eeks?)?", re.IGNORECASE)


def parse_duration(value: Any) -> Any:
    """Seconds, `90s`, `6h`, `7d`, `30 minutes` or `an hour` to a timedelta; anything else is left for pydantic to refuse."""
    if isinstance(value, bool):
        raise ValueError("a length of time is seconds, or text such as 6h")  # noqa: TRY004 (pydantic takes a ValueError for its own)
    if not isinstance(value, str | int | float):
        return value
    if isinstance(value, int | float):
        return timedelta(seconds=value)
    text = re.sub(r"^(an?|the last|the past|last|past)\s+(?=[a-z])", "1 ", value.strip().lower())
    match = _DURATION.fullmatch(text)
    return timedelta(seconds=int(match[1]) * _UNITS[match[2].lower()]) if match else value


def format_duration(value: timedelta) -> str:
    """The shortest exact form: `90s`, `30m`, `6h`, `7d`."""
    seconds = int(value.total_seconds())
    for unit in ("d", "h", "m"):
        if seconds and seconds % _UNITS[unit] == 0:
            return f"{seconds // _UNITS[unit]}{unit}"
    return f"{seconds}s"


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str, when_used="always"),
    WithJsonSchema({"type": "string", "examples": ["30m", "6h", "7d"], "pattern": r"^\d+\s*[smhdw]"}),
]
"""A length of time; people and programs write `90s`, `30m`, `6h`, `7d`."""


@cache
def references(model: type[BaseModel]) -> dict[str, Reference]:
    """The fields of `model` that name things, each with its marker; a list of names counts as one field."""
    found: dict[str, Reference] = {}
    for name, field in model.model_fields.items():
        for marker in (*field.metadata, *markers(field.annotation)):
            if isinstance(marker, Reference):
                found[name] = marker
    return found


def markers(annotation: Any) -> list[Any]:
    """Every Annotated marker inside `annotation`, however deep."""
    if get_origin(annotation) is Annotated:
        inner, *own = get_args(annotation)
        return [*own, *markers(inner)]
    return [marker for part in get_args(annotation) for marker in markers(part)]
