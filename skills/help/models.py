"""What help answers with."""

from __future__ import annotations

from skills.kit import Part, Result
from skills.kit.declaration import Risk


class HelpEntry(Part):
    """One skill the caller may use. examples: as a person would type them. confirmed: a person is asked before it runs."""

    name: str
    summary: str
    examples: tuple[str, ...]
    risk: Risk
    confirmed: bool
    consequences: str = ""


class HelpGroup(Part):
    """The skills of one noun, such as `instances`."""

    noun: str
    skills: tuple[HelpEntry, ...]


class HelpOverview(Result):
    """What the caller may do here. topic: what they asked about, empty for everything. matched: False when nothing fits the
    topic; then `groups` has everything."""

    caller: str
    topic: str = ""
    matched: bool = True
    groups: tuple[HelpGroup, ...] = ()
