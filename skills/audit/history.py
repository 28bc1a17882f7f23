"""`audit.history` and `audit.mine`: who did what, as the audit record tells it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from pydantic import Field

import cards.audit
from skills.audit.models import AuditHistory
from skills.kit import Arguments, Duration, InstanceRef, skill
from skills.kit.ports.history import History, HistoryQuery
from skills.kit.ports.run import Caller

VERBS: Mapping[str, tuple[str, ...]] = {
    "stopped": ("instances.stop",),
    "started": ("instances.start",),
    "rebooted": ("instances.reboot",),
    "restarted": ("instances.reboot",),
    "tagged": ("instances.tag",),
    "untagged": ("instances.untag",),
    "changed": (),
    "touched": (),
}
"""What people say was done, and the skills that do it; none: whatever it was."""


class Past(Arguments):
    """Which time, and which page."""

    window: Duration = Field(timedelta(days=30), gt=timedelta(0), description="How far back to look.")
    day: Literal["today", "yesterday"] | None = Field(None, description="Only that day, UTC.")
    page: int = Field(1, ge=1, le=1000, description="Which page, from 1.")
    page_size: int = Field(15, ge=1, le=50, description="How many on a page.")


class Everybody(Past):
    """What happened, to what, by whom."""

    instances: list[InstanceRef] = Field(default=[], max_length=50, description="Only what was done to these.")
    did: Literal["stopped", "started", "rebooted", "restarted", "tagged", "untagged", "changed", "touched"] | None = Field(
        None, description="Only this; changed and touched mean anything that changes something."
    )
    person: str = Field("", max_length=100, description="Only what somebody of this name asked for or decided.")
    skill: str = Field("", max_length=64, description="Only this skill, such as commands.run, or this noun, such as commands.")
    reads: bool = Field(False, description="Requests that only looked, too.")


class Own(Past):
    """What the caller asked for."""

    reads: bool = Field(True, description="Requests that only looked, too.")


@skill(
    "audit.history",
    permission="audit:everyone",
    view=cards.audit.history,
    examples=(
        "what did anyone do to {web-server-01:instances}",
        "what was done to {web-server-01:instances}",
        "what happened to {web-server-01:instances}",
        "who {stopped:did} {web-server-01:instances}",
        "history of {web-server-01:instances}",
        "what did anyone do {today:day}",
        "what did {ana:person} do {today:day}",
        "what happened {today:day}",
        "what happened in the last {6h:window}",
        "what did {ana:person} do to {web-server-01:instances}",
        "show the audit trail",
    ),
)
async def history(args: Everybody, *, history: History) -> AuditHistory:
    """Show who did what, to what, when, and how it ended."""
    found = HistoryQuery(
        targets=tuple(args.instances),
        skills=VERBS.get(args.did or "", ()) or ((args.skill,) if args.skill else ()),
        person=args.person,
        reads=args.reads,
    )
    return await _answer(history, found, args, "audit.history")


@skill(
    "audit.mine",
    permission="audit:read",
    view=cards.audit.history,
    examples=(
        "my last commands",
        "show my last commands",
        "my history",
        "show my history",
        "what did i do",
        "what did i do {today:day}",
        "what have i done {today:day}",
        "what did i do in the last {6h:window}",
    ),
)
async def mine(args: Own, *, history: History, caller: Caller) -> AuditHistory:
    """Show what you asked for, and how it ended."""
    return await _answer(history, HistoryQuery(principal=caller.key, reads=args.reads), args, "audit.mine")


async def _answer(
    history: History, query: HistoryQuery, args: Past, name: Literal["audit.history", "audit.mine"]
) -> AuditHistory:
    since, until = _time(args, datetime.now(UTC))
    # One more than is shown tells whether there is another page.
    page = {"since": since, "until": until, "limit": args.page_size + 1, "offset": (args.page - 1) * args.page_size}
    deeds = await history.deeds(query.model_copy(update=page))
    return AuditHistory(
        deeds=tuple(deeds[: args.page_size]),
        since=since,
        until=until,
        mine=name == "audit.mine",
        about_ids=query.targets,
        page=args.page,
        more=len(deeds) > args.page_size,
        skill=name,
        asked=args.model_dump(mode="json", exclude_defaults=True, exclude={"page"}),
    )


def _time(args: Past, now: datetime) -> tuple[datetime, datetime | None]:
    midnight = datetime.combine(now.date(), time(), UTC)
    match args.day:
        case "today":
            return midnight, None
        case "yesterday":
            return midnight - timedelta(days=1), midnight
        case _:
            return now - args.window, None
