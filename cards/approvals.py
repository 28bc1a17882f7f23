"""What waits for approval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cards import buttons
from cards.parts import Card, Element, card, facts, fitted, heading, more, section
from cards.words import NAME, clock, count, plain

if TYPE_CHECKING:
    from skills.approvals.list import Approvals
    from skills.kit.ports.pending import Waiting

MAX_BUTTONS = 5


def listed(result: Approvals) -> Card:
    """Everything that waits; a button to approve what the caller may approve."""
    if not result.waiting:
        return card(heading("Nothing waits for approval"), summary="Nothing waits for approval.")

    def render(limit: int) -> Card:
        shown = result.waiting[:limit]
        body: list[Element] = [*heading("Waiting for approval", count(len(result.waiting), "question"))]
        for one in shown:
            body += [section(plain(one.question)), _facts(one)]
        offered = [one for one in shown if one.left and not one.yours][:MAX_BUTTONS]
        return card(
            [*body, *more(len(result.waiting) - len(shown), "question")],
            summary=f"{count(len(result.waiting), 'question')} waiting for approval.",
            actions=[buttons.confirm(one.id, title=f"Approve: {plain(one.question, 40)}") for one in offered],
        )

    return fitted(render, (5, 3, 1))


def _facts(one: Waiting) -> Element:
    return facts(
        [
            ("Asked by", f"{plain(one.asked_by, NAME)} at {clock(one.asked_at)}"),
            ("On", ", ".join(plain(target, NAME) for target in one.targets[:10])),
            ("Why it waits", one.because),
            ("Approved by", ", ".join(plain(name, NAME) for name in one.approved_by)),
            ("Still needed", count(one.left, "approval") if one.left else "a confirmation by whoever asked"),
            ("Expires", clock(one.expires_at)),
        ]
    )
