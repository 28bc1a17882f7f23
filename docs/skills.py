"""docs/skills.md: what the bot can do, as the skills declare it."""

from __future__ import annotations

from typing import Any

from pydantic.fields import FieldInfo

from docs.cells import cell, default
from skills.kit.catalogue import Catalogue
from skills.kit.declaration import Risk, Skill, plain, schema

GENERATED = "<!-- Written by `make docs` from the code. Do not edit: a test fails when it is stale. -->\n"

_RISKS = {
    Risk.READ: "reads only; runs at once",
    Risk.CHANGE: "changes something; a person confirms first",
    Risk.DESTROY: "destroys something; a person confirms first",
}


def skills_page(catalogue: Catalogue) -> str:
    """The whole page, as Markdown."""
    index = [f"| [{s.name}](#{_anchor(s.name)}) | {cell(s.summary)} | {s.risk.value} |" for s in catalogue]
    parts = [
        "# Skills\n",
        GENERATED,
        f"{len(catalogue)} skills. [Adding one](howto-skill.md) takes one file and one test.\n",
        "\n".join(["| Skill | What it does | Risk |", "| --- | --- | --- |", *index]) + "\n",
    ]
    return "\n".join([*parts, *map(_skill, catalogue)])


def _skill(skill: Skill) -> str:
    facts = [
        ("Say", ", ".join(f"“{plain(example)}”" for example in skill.examples)),
        ("Risk", _RISKS[skill.risk]),
        ("Permission", f"`{skill.permission}`"),
        ("Asks", skill.confirm),
        ("Consequences", skill.consequences),
        ("Taken back by", f"[{skill.undo}](#{_anchor(skill.undo)})" if skill.undo else ""),
        ("IAM actions", ", ".join(f"`{action}`" for action in skill.iam)),
        ("Time limit", f"{skill.timeout.total_seconds():g} s"),
    ]
    lines = [f"## {skill.name}\n", f"{skill.summary}\n", *(f"- {name}: {text}" for name, text in facts if text)]
    return "\n".join([*lines, "", *_arguments(skill)])


def _arguments(skill: Skill) -> list[str]:
    shape = schema(skill.arguments)
    parts, defs = shape.get("properties", {}), shape.get("$defs", {})
    rows = [_argument(name, field, parts[field.alias or name], defs) for name, field in skill.arguments.model_fields.items()]
    if not rows:
        return ["It takes no arguments.\n"]
    return ["| Argument | Type | Default | Meaning |", "| --- | --- | --- | --- |", *rows, ""]


def _argument(name: str, field: FieldInfo, shape: dict[str, Any], defs: dict[str, Any]) -> str:
    return f"| `{name}` | {cell(_type(shape, defs))} | {cell(default(field))} | {cell(field.description or '')} |"


def _type(field: dict[str, Any], defs: dict[str, Any]) -> str:
    """A JSON schema in a few words."""
    if reference := field.get("$ref"):
        return _type(defs[reference.rpartition("/")[2]], defs)
    if options := field.get("enum"):
        return ", ".join(f"`{option}`" for option in options)
    if "const" in field:
        return f"`{field['const']}`"
    if several := field.get("anyOf") or field.get("allOf"):
        return " or ".join(dict.fromkeys(_type(one, defs) for one in several if one.get("type") != "null"))
    if field.get("type") == "array":
        return f"list of {_type(field.get('items', {}), defs)}"
    if field.get("type") == "object" and isinstance(inner := field.get("additionalProperties"), dict):
        return f"names to {_type(inner, defs)}"
    return _bounded(field)


def _bounded(field: dict[str, Any]) -> str:
    if examples := field.get("examples"):
        return "such as " + ", ".join(f"`{example}`" for example in examples)
    names = {"string": "text", "integer": "whole number", "number": "number", "boolean": "yes or no", "object": "object"}
    low, high = field.get("minimum", field.get("exclusiveMinimum")), field.get("maximum", field.get("exclusiveMaximum"))
    reach = {(True, True): f", {low} to {high}", (True, False): f", from {low}", (False, True): f", up to {high}"}
    return names.get(field.get("type", ""), "anything") + reach.get((low is not None, high is not None), "")


def _anchor(name: str) -> str:
    """The anchor a heading gets when it is shown: lower case, dots dropped."""
    return name.lower().replace(".", "")
