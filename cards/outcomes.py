"""What came of doing one thing to several targets: a row each, what failed first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cards.parts import Card, Element, badge, card, columns, fitted, heading, more, stack, text
from cards.words import NAME, count, plain


class Row(NamedTuple):
    """One target. moved: from what to what. what: one sentence; the rest only when it is not ok."""

    name: str
    id: str
    ok: bool
    moved: str
    what: str
    remedy: str = ""
    code: str = ""
    details: str = ""


def outcomes(verb: str, rows: Sequence[Row], *, actions: Sequence[Element] = ()) -> Card:
    """A card that says how many it worked on and how it went on each. verb: in the past tense, such as `Stopped`."""
    good = sum(row.ok for row in rows)
    if len(rows) == 1:
        title = f"{verb} {plain(rows[0].name, NAME)}" if good else f"Not {verb.lower()}: {plain(rows[0].name, NAME)}"
    else:
        title = (
            f"{verb} {good} of {count(len(rows), 'instance')}" if good < len(rows) else f"{verb} {count(len(rows), 'instance')}"
        )
    failed_first = sorted(rows, key=lambda row: row.ok)

    def render(limit: int) -> Card:
        body = [
            *heading(title, color="Default" if good == len(rows) else "Attention"),
            *(_row(row) for row in failed_first[:limit]),
            *more(len(rows) - limit, "instance"),
        ]
        told = "; ".join(f"{plain(row.name, NAME)}: {plain(row.what)}" for row in failed_first[:5])
        return card(body, summary=f"{title}. {told}", actions=actions, wide=len(rows) > 1)

    return fitted(render, (50, 25, 12, 6, 3))


def _row(row: Row) -> Element:
    name = f"{plain(row.name, NAME)} ({plain(row.id, NAME)})" if row.name != row.id else row.id
    told = [text(name, bold=True), *([_below(row.moved)] if row.moved else []), _below(row.what)]
    if not row.ok:
        technical = " · ".join(part for part in (row.code, plain(row.details)) if part)
        told += [_below(line, subtle=False) for line in (f"Next: {plain(row.remedy)}" if row.remedy else "", technical) if line]
    return columns([badge("Done" if row.ok else "Failed")], [stack(*told)], widths=("70px", "stretch"))


def _below(value: str, *, subtle: bool = True) -> Element:
    return text(value, size="Small", subtle=subtle, tight=True, limit=400)
