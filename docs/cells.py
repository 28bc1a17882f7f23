"""What goes into a cell of a page's table."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from inspect import isfunction
from pathlib import Path
from typing import Any

from pydantic import SecretBytes, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import to_json

from skills.kit.arguments import format_duration


def cell(text: str) -> str:
    """Text that stays inside its cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


def default(field: FieldInfo) -> str:
    """A field's default as a person would write it, nothing for none; a secret's is never shown."""
    if field.is_required():
        return "required"
    if isfunction(field.default_factory):  # it looks at the machine: the description says what it finds
        return ""
    value: Any = field.get_default(call_default_factory=True, validated_data={})
    if value is None or isinstance(value, SecretStr | SecretBytes):
        return ""
    if isinstance(value, timedelta):
        return f"`{format_duration(value)}`"
    if isinstance(value, Enum):
        return f"`{value.value}`"
    if isinstance(value, str | Path):
        return f"`{value}`" if str(value) else ""
    if isinstance(value, list | tuple | dict | set | frozenset) and not value:
        return ""
    return f"`{to_json(sorted(value) if isinstance(value, set | frozenset) else value).decode()}`"
