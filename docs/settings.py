"""The configuration table of the README, from the settings model."""

from __future__ import annotations

import types
from collections.abc import Iterator
from enum import Enum
from inspect import isclass
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from docs.cells import cell, default


def settings_table(model: type[BaseModel]) -> str:
    """A row for every environment variable the model reads. Errors: ValueError naming settings that have no description."""
    prefix = str(model.model_config.get("env_prefix", ""))
    delimiter = str(model.model_config.get("env_nested_delimiter", None) or "__")
    rows = list(_rows(model, prefix, delimiter))
    if silent := [name for name, _, meaning in rows if not meaning]:
        raise ValueError(f"settings without a description: {', '.join(silent)}")
    lines = [f"| `{name}` | {cell(value)} | {cell(meaning)} |" for name, value, meaning in rows]
    return "\n".join(["| Variable | Default | Meaning |", "| --- | --- | --- |", *lines, ""])


def _rows(model: type[BaseModel], prefix: str, delimiter: str) -> Iterator[tuple[str, str, str]]:
    for key, field in model.model_fields.items():
        # A field with an alias is read from that very variable: the prefix does not apply to it.
        name = field.validation_alias if isinstance(field.validation_alias, str) else prefix + key
        if nested := _nested(field.annotation):
            yield from _rows(nested, name + delimiter, delimiter)
        else:
            yield name.upper(), default(field), _meaning(field)


def _nested(annotation: Any) -> type[BaseModel] | None:
    """The model a field consists of, when it is one (or one that may be left out)."""
    if get_origin(annotation) in (Union, types.UnionType):
        parts = [part for part in get_args(annotation) if part is not types.NoneType]
        return _nested(parts[0]) if len(parts) == 1 else None
    return annotation if isclass(annotation) and issubclass(annotation, BaseModel) else None


def _meaning(field: FieldInfo) -> str:
    choices = _choices(field.annotation)
    return (field.description or "") + (f" One of {', '.join(f'`{choice}`' for choice in choices)}." if choices else "")


def _choices(annotation: Any) -> list[str]:
    if get_origin(annotation) is Literal:
        return [str(choice) for choice in get_args(annotation) if choice != ""]
    if isclass(annotation) and issubclass(annotation, Enum):
        return [str(choice.value) for choice in annotation]
    return []
