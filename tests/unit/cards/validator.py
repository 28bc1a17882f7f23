"""Is this an Adaptive Card that Teams shows? Two judges: the rules of schema 1.5 written down here, and Microsoft's models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

from microsoft_teams import cards as microsoft
from pydantic import BaseModel, ValidationError

MAX_BYTES = 28 * 1024

BLOCK = {"type", "id", "spacing", "separator", "height", "isVisible", "fallback", "requires"}
SIZES = {"Small", "Default", "Medium", "Large", "ExtraLarge"}
COLORS = {"Default", "Dark", "Light", "Accent", "Good", "Warning", "Attention"}
ALIGNED = {"Left", "Center", "Right"}
STYLES = {"default", "emphasis", "good", "attention", "warning", "accent"}
WEIGHTS, FONTS = {"Lighter", "Default", "Bolder"}, {"Default", "Monospace"}
TEXT: dict[str, Any] = {"text": str, "size": SIZES, "weight": WEIGHTS, "color": COLORS, "isSubtle": bool, "fontType": FONTS}
CHART: dict[str, Any] = {"title": str, "data": list}
ACTION: dict[str, Any] = {
    "title": str,
    "data": dict,
    "mode": {"primary", "secondary"},
    "style": {"default", "positive", "destructive"},
}

# type -> (required properties, every property with what it may be: a type, a tuple of types or a set of words)
SCHEMA: dict[str, tuple[set[str], dict[str, Any]]] = {
    "TextBlock": (
        {"text"},
        TEXT | {"wrap": bool, "maxLines": int, "horizontalAlignment": ALIGNED, "style": {"default", "heading"}},
    ),
    "RichTextBlock": ({"inlines"}, {"inlines": list, "horizontalAlignment": ALIGNED}),
    "TextRun": ({"text"}, TEXT | {"italic": bool, "strikethrough": bool, "underline": bool}),
    "FactSet": ({"facts"}, {"facts": list}),
    "Container": ({"items"}, {"items": list, "style": STYLES, "bleed": bool}),
    "ColumnSet": ({"columns"}, {"columns": list, "style": STYLES}),
    "Column": ({"items"}, {"items": list, "width": (str, int), "style": STYLES}),
    "Table": (
        {"columns", "rows"},
        {"columns": list, "rows": list, "firstRowAsHeaders": bool, "firstRowAsHeader": bool, "showGridLines": bool},
    ),
    "TableRow": ({"cells"}, {"cells": list, "style": STYLES}),
    "TableCell": ({"items"}, {"items": list, "style": STYLES}),
    "ActionSet": ({"actions"}, {"actions": list}),
    "Action.Submit": ({"title", "data"}, ACTION),
    "Action.Execute": ({"title", "verb", "data"}, ACTION | {"verb": str}),
    # Teams' own, each with a fallback for everyone else.
    "CodeBlock": ({"codeSnippet", "language", "fallback"}, {"codeSnippet": str, "language": {"PlainText", "Bash", "PowerShell"}}),
    "Chart.Line": (
        {"data", "fallback", "title"},
        CHART | {"xAxisTitle": str, "yAxisTitle": str, "yMin": (int, float), "yMax": (int, float)},
    ),
    "Chart.VerticalBar": ({"data", "fallback", "title"}, CHART | {"xAxisTitle": str, "yAxisTitle": str}),
    "Chart.Gauge": (
        {"value", "segments", "fallback", "title"},
        {
            "title": str,
            "value": (int, float),
            "min": int,
            "max": int,
            "segments": list,
            "valueFormat": {"Percentage", "Fraction"},
        },
    ),
}
CHILDREN = ("body", "items", "columns", "rows", "cells", "inlines", "actions")
CARD = {"type", "$schema", "version", "fallbackText", "body", "actions", "msteams"}
IN_TABLE = {"width", "horizontalCellContentAlignment"}


def problems(card: dict[str, Any]) -> list[str]:
    """Everything wrong with it; empty when it is right."""
    return [*_card(card), *_size(card), *(problem for element in elements(card) for problem in _element(element)), *_second(card)]


def elements(card: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every element and action of a card, fallbacks too, however deep."""
    for child in _children(card):
        yield child
        yield from elements(child)


def texts(card: dict[str, Any]) -> Iterator[str]:
    """Every text that a renderer reads as Markdown."""
    for element in elements(card):
        if element.get("type") == "TextBlock":
            yield element["text"]
        for fact in element.get("facts", ()):
            yield from (fact["title"], fact["value"])


def _children(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key in CHILDREN:
        # A table's columns describe widths; they are not elements.
        if key in node and not (key == "columns" and node["type"] == "Table"):
            yield from node[key]
    if isinstance(node.get("fallback"), dict):
        yield node["fallback"]


def _card(card: dict[str, Any]) -> Iterator[str]:
    if unknown := card.keys() - CARD:
        yield f"card: unknown {sorted(unknown)}"
    if card.get("type") != "AdaptiveCard" or card.get("version") != "1.5" or not card.get("body"):
        yield "card: needs type AdaptiveCard, version 1.5 and a body"
    if not card.get("fallbackText", "").strip():
        yield "card: no fallbackText"
    if not any(element.get("style") == "heading" for element in elements(card)):
        yield "card: no heading"
    if card.get("msteams", {"width": "Full"}) != {"width": "Full"}:
        yield f"card: msteams {card['msteams']}"
    if len(card.get("actions", ())) > 5:
        yield "card: more than five actions"


def _size(card: dict[str, Any]) -> Iterator[str]:
    size = len(json.dumps(card, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-16-le"))
    if size > MAX_BYTES:
        yield f"card: {size} bytes"


def _element(element: dict[str, Any]) -> Iterator[str]:
    kind = element.get("type", "nothing")
    if kind not in SCHEMA:
        yield f"{kind}: not a known type"
        return
    required, allowed = SCHEMA[kind]
    if missing := required - element.keys():
        yield f"{kind}: without {sorted(missing)}"
    for key, value in element.items():
        if key in BLOCK or (key == "style" and "style" in allowed and value in allowed["style"]):
            continue
        if key not in allowed:
            yield f"{kind}: unknown {key}"
        elif isinstance(allowed[key], set) and value not in allowed[key]:
            yield f"{kind}.{key}: {value!r}"
        elif not isinstance(allowed[key], set) and not isinstance(value, allowed[key]):
            yield f"{kind}.{key}: {type(value).__name__}"
    yield from _contents(kind, element)


def _contents(kind: str, element: dict[str, Any]) -> Iterator[str]:
    if kind in ("TextBlock", "TextRun") and not element["text"]:
        yield f"{kind}: empty text"
    if kind == "FactSet" and any(set(fact) != {"title", "value"} for fact in element["facts"]):
        yield "FactSet: a fact is a title and a value"
    if kind in ("Container", "Column", "TableCell") and not element["items"]:
        yield f"{kind}: empty"
    if kind == "Table":
        if any(set(column) - IN_TABLE for column in element["columns"]):
            yield "Table: unknown property of a column"
        if any(len(row["cells"]) != len(element["columns"]) for row in element["rows"]):
            yield "Table: a row has more or fewer cells than there are columns"
    if kind.startswith("Action.") and not element["title"].strip():
        yield f"{kind}: without words"


def _models() -> dict[str, type[BaseModel]]:
    found: dict[str, type[BaseModel]] = {}
    for value in vars(microsoft).values():
        if isinstance(value, type) and issubclass(value, BaseModel) and "type" in value.model_fields:
            for name in get_args(value.model_fields["type"].annotation):
                if isinstance(name, str):
                    found[name] = value
    return found


MODELS = _models()
APART = {"$schema", "firstRowAsHeader", "msteams"}
"""Where the models and the published documents differ: the schema's spelling, and `Full`, which the models write `full`."""


def _second(card: dict[str, Any]) -> Iterator[str]:
    """The card and each of its elements, parsed by Microsoft's model of that type; what it does not know is a problem too."""
    for node in ({**card}, *elements(card)):
        model = MODELS.get(node.get("type", ""))
        if model is None:
            yield f"microsoft: no model of {node.get('type')}"
            continue
        alone = {key: value for key, value in node.items() if key not in CHILDREN and key not in APART}
        try:
            extra = model.model_validate(alone).model_extra
        except ValidationError as error:
            yield f"microsoft: {node['type']}: {error}"
            continue
        if extra:
            yield f"microsoft: {node['type']}: unknown {sorted(extra)}"
