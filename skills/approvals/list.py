"""What waits for approval."""

from __future__ import annotations

import cards.approvals
from skills.kit import Arguments, Result, skill
from skills.kit.ports.pending import Pending, Waiting


class ListApprovals(Arguments):
    """Nothing to say."""


class Approvals(Result):
    """What the caller asked for or may approve, oldest first."""

    waiting: tuple[Waiting, ...]


@skill(
    "approvals.list",
    permission="approvals:read",
    view=cards.approvals.listed,
    examples=("what waits for approval", "pending approvals", "list approvals", "what waits for me", "what can i approve"),
)
async def list_approvals(args: ListApprovals, *, pending: Pending) -> Approvals:
    """Show what waits for a second person, with a button for what you may approve."""
    return Approvals(waiting=tuple(await pending.waiting()))
