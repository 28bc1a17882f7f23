"""Sizes of EC2 instance families.

Within a family EC2 prices sizes linearly: one size down halves the price, one up doubles it.
Source: EC2's normalisation factors (AWS, "How Reserved Instances are applied"): nano 0.25, micro 0.5 ... large 4, xlarge 8.
"""

from __future__ import annotations

LADDER = ("nano", "micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge", "32xlarge")
"""Each has twice the memory of the one before and costs twice as much; others (3xlarge, metal) have no neighbour here."""


def smaller(type: str) -> str:
    """The type of half the size in the same family; empty when there is none that is sure to exist."""
    return _beside(type, -1)


def larger(type: str) -> str:
    """The type of twice the size in the same family; empty when there is none."""
    return _beside(type, 1)


def _beside(type: str, steps: int) -> str:
    family, _, size = type.partition(".")
    if size not in LADDER:
        return ""
    index = LADDER.index(size) + steps
    first, last = _reach(family)
    return f"{family}.{LADDER[index]}" if LADDER.index(first) <= index <= LADDER.index(last) else ""


def _reach(family: str) -> tuple[str, str]:
    """The smallest and largest size of a family: burstable ones are small, most others begin at large, Graviton's at medium."""
    if family in ("t2", "t3", "t3a", "t4g"):
        return "nano", "2xlarge"
    graviton = any(letter.isdigit() and "g" in family[at + 1 :] for at, letter in enumerate(family))
    return ("medium" if graviton else "large"), "16xlarge"
