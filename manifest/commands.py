"""The command menu Teams shows above the message box, made from the catalogue."""

from __future__ import annotations

from skills.kit.catalogue import Catalogue
from skills.kit.declaration import Risk, Skill, plain


def commands(catalogue: Catalogue, *, count: int, title: int, description: int) -> list[dict[str, str]]:
    """At most `count` entries: what a person clicks is put into their message box, so it is an example they could have typed.

    title and description: the longest allowed, in characters. Help comes first, then what only reads, then the rest, each
    by name; a skill none of whose examples fits the title has no entry.
    """
    ordered = sorted(catalogue, key=lambda skill: (skill.name != "help", skill.risk is not Risk.READ, skill.name))
    entries = [(_title(skill, title), skill.summary) for skill in ordered]
    return [{"title": said, "description": _cut(summary, description)} for said, summary in entries if said][:count]


def _title(skill: Skill, limit: int) -> str:
    return next((said for said in map(plain, skill.examples) if len(said) <= limit), "")


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
