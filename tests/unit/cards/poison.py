"""Results in which every text from outside is replaced by a nasty one."""

from __future__ import annotations

import types
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel

NASTY = (
    "",
    " ",
    "**bold** _italic_ [click](https://evil.example) ![x](https://evil.example/x.png)",
    "<at>Everyone</at> <script>alert(1)</script> &lt;b&gt; <https://evil.example>",
    "# heading\n- item\n1. one\n> quote\n---\n```\ncode\n```",
    "__init__ snake_case_name _x a*b*c ~~gone~~ `tick` \\*",
    "\u202egnp.exe\u202c مرحبا שלום \u200f",
    "👩‍💻🔥" * 400,
    "x" * 10_000,
    "\x00\x07\x1b[31mred\x1b[0m\x1b]0;title\x07\r\n\ttab\x9b\ufeff",
    "{{DATE(2026-11-22T00:00:00Z)}} {{TIME(2026-11-22T00:00:00Z)}} ${title} {name}",
    '{"type": "Action.OpenUrl", "url": "https://evil.example"}',
    '"\\' * 2000,
    "\ud800 lone \udfff",
)


M = TypeVar("M", bound=BaseModel)


def poisoned(model: M, text: str, keep: frozenset[str] = frozenset()) -> M:
    """`model` with `text` in every field that takes any text, however deep; fields named in `keep` stay."""
    changed = {
        name: _replaced(getattr(model, name), info.annotation, text, keep)
        for name, info in type(model).model_fields.items()
        if name not in keep
    }
    return model.model_copy(update=changed)


def _replaced(value: Any, annotation: Any, text: str, keep: frozenset[str]) -> Any:
    if isinstance(value, BaseModel):
        return poisoned(value, text, keep)
    if isinstance(value, tuple):
        inner = (get_args(annotation) or (Any,))[0]
        return tuple(_replaced(one, inner, text, keep) for one in value)  # pyright: ignore[reportUnknownVariableType] - any tuple
    if get_origin(annotation) is dict and get_args(annotation)[0] is str:
        kind = get_args(annotation)[1]
        return {text + str(n): text for n in range(3)} if _takes_text(kind) else value
    return text if _takes_text(annotation) else value


def _takes_text(annotation: Any) -> bool:
    if get_origin(annotation) is Annotated:
        return _takes_text(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return any(map(_takes_text, get_args(annotation)))
    return annotation is str
