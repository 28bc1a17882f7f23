"""What an assessment says, and how findings add up to one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Class(StrEnum):
    """What a command may do. `unparsed`: it was not understood, so it is treated as changing."""

    READ_ONLY = "read_only"
    CHANGING = "changing"
    UNPARSED = "unparsed"
    DESTRUCTIVE = "destructive"


_RANK = {risk: rank for rank, risk in enumerate(Class)}


@dataclass(frozen=True, slots=True)
class Assessment:
    """risk: the worst that was found. reason: why, for a person. piece: the text of the command it was found in.

    template: the command has `<blanks>` to fill in. It is judged as if they held plain names, but as it stands a shell would take
    them for redirections, so it is not safe to run.
    """

    risk: Class
    reason: str
    piece: str
    template: bool = False

    @property
    def safe_to_run(self) -> bool:
        """Whether running it as it stands changes nothing, ends by itself and shows no secret."""
        return self.risk is Class.READ_ONLY and not self.template


class Findings:
    """Collects what is wrong with a command; the first of the worst is what is said."""

    __slots__ = ("piece", "reason", "risk")

    def __init__(self) -> None:
        self.risk = Class.READ_ONLY
        self.reason = "only reads"
        self.piece = ""

    def add(self, risk: Class, reason: str, piece: str) -> None:
        """Note a finding; `piece` is cut to 200 characters."""
        if _RANK[risk] > _RANK[self.risk]:
            self.risk, self.reason, self.piece = risk, reason, piece[:200]

    def changing(self, reason: str, piece: str) -> None:
        """What writes, executes, leaks or never ends, and whatever is not known."""
        self.add(Class.CHANGING, reason, piece)

    def destructive(self, reason: str, piece: str) -> None:
        """What cannot be undone, or stops service."""
        self.add(Class.DESTRUCTIVE, reason, piece)
