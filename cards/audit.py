"""What happened: when, who, what, on what, and how it ended. The words people said are text from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cards import buttons
from cards.parts import Card, Element, Head, badge, card, fitted, heading, more, note, table, text
from cards.words import LINE, NAME, count, plain, when

if TYPE_CHECKING:
    from skills.audit.models import AuditHistory
    from skills.kit.ports.history import Deed

_ROWS: tuple[Head, ...] = (("When", 3, "Left"), ("Who", 3, "Left"), ("What", 6, "Left"), ("Outcome", 4, "Left"))

_OUTCOMES = {
    "request": "Answered",
    "refused": "Refused",
    "asked": "Waiting",
    "approved": "Waiting",
    "confirmed": "Confirmed",
    "declined": "Declined",
    "expired": "Expired",
    "started": "Running",
    "succeeded": "Succeeded",
    "failed": "Failed",
    "stopped": "Cancelled",
}
_SAID = {"refused": "was refused to decide", "cancel_asked": "asked to cancel"}


def history(result: AuditHistory) -> Card:
    """A page of what happened, the newest first."""
    told = f"{count(len(result.deeds), 'request')} on this page"
    title = "What you asked for" if result.mine else "What happened"

    def render(limit: int) -> Card:
        shown = result.deeds[:limit]
        body = [
            *heading(title, _narrowed(result)),
            *([table(_ROWS, [_row(deed) for deed in shown])] if shown else [text(_nothing(result))]),
            *more(len(result.deeds) - limit, "request"),
            note("From the audit record. Times are UTC; what people wrote is quoted as they wrote it, secrets masked."),
        ]
        newest = f" Newest: {_line(result.deeds[0])}" if result.deeds else ""
        return card(body, summary=f"{title}: {told}.{newest}", actions=_pages(result), wide=True)

    return fitted(render, (50, 25, 15, 10, 6, 3))


def _narrowed(result: AuditHistory) -> str:
    """What was asked for, in words."""
    names = {one.id: one.name or one.id for deed in result.deeds for one in deed.targets}
    about = [plain(names.get(id, id), NAME) for id in result.about_ids[:5]]
    until = f" until {when(result.until)}" if result.until else ""
    person = plain(str(result.asked.get("person", "")), NAME)
    return " · ".join(filter(None, (", ".join(about), person, f"since {when(result.since)}{until}")))


def _nothing(result: AuditHistory) -> str:
    if result.page > 1:
        return "There is nothing on this page."
    return "The record has nothing of that kind in this time. Ask for a longer one, such as “in the last 90d”."


def _row(deed: Deed) -> list[Element | list[Element]]:
    who = [text(deed.person, bold=True, limit=NAME)]
    if deed.door:
        who.append(_small(deed.door))
    what = [text(deed.skill, limit=NAME)]
    if deed.targets:
        what.append(_small(f"on {_on(deed)}"))
    if deed.words.strip():
        what.append(_small(f"“{plain(deed.words, LINE)}”"))
    how = [badge(_OUTCOMES[deed.outcome])]
    how += [_small(f"{plain(one.person, NAME)} {_SAID.get(one.said, one.said)}") for one in deed.decisions[-2:]]
    if deed.why:
        how.append(_small(plain(deed.why, LINE)))
    return [text(when(deed.at)), who, what, how]


def _on(deed: Deed) -> str:
    shown = ", ".join(plain(one.name or one.id, NAME) for one in deed.targets[:3])
    left = len(deed.targets) - 3
    return f"{shown} and {left} more" if left > 0 else shown


def _line(deed: Deed) -> str:
    on = f" on {_on(deed)}" if deed.targets else ""
    return f"{when(deed.at)}, {plain(deed.person, NAME)}: {deed.skill}{on}, {_OUTCOMES[deed.outcome].lower()}."


def _small(value: str) -> Element:
    return text(value, size="Small", subtle=True, tight=True, limit=LINE)


def _pages(result: AuditHistory) -> list[Element]:
    turn = [(result.page + 1, "Older")] if result.more else []
    turn += [(result.page - 1, "Newer")] if result.page > 1 else []
    return [buttons.run(title, result.skill, {**result.asked, "page": page}) for page, title in turn]
