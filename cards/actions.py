"""An action on its way: the question, the run, the decision against it, its failure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from cards import buttons
from cards.answers import technical
from cards.parts import (
    MAX_BYTES,
    Box,
    Card,
    Element,
    Head,
    badge,
    card,
    columns,
    facts,
    fitted,
    heading,
    monospaced,
    more,
    note,
    section,
    stack,
    table,
    text,
)
from cards.words import NAME, clock, count, lasting, plain, revealed

if TYPE_CHECKING:
    from gate.action import Action, Failure, Target
    from skills.kit.ports.run import Step

_TARGETS: tuple[Head, ...] = (
    ("Name", 6, "Left"),
    ("State", 3, "Left"),
    ("Where", 4, "Left"),
)
_NOTE = 160
"""How much of a step's note is shown, in characters."""

_URGENT = {"failed": 0, "running": 1, "waiting": 2}
"""What is left out last when there are more steps than room."""


def confirm(
    action: Action,
    *,
    question: str,
    consequences: str = "",
    undo: str = "",
    requester: str = "",
    now: datetime,
    destructive: bool = False,
    to_type: str = "",
) -> Card:
    """The question put to a person: what, on what, what it means, how to take it back, until when.

    What cannot be shown whole cannot be confirmed: then there is no button for it.

    undo: in words, such as `start web-server-01`. requester: who asked, else the action's principal. destructive: for good.
    to_type: what has to be typed before it can be confirmed.
    """
    asked = f"Asked by {plain(requester or action.principal.label, NAME)} at {clock(action.created_at)}."
    left = action.expires_at - now
    facts_below = facts(
        [
            ("Why you are asked", action.because),
            ("What it means", consequences),
            ("To undo", undo),
            ("Expires", f"{clock(action.expires_at)} (in {lasting(left)})" if left.total_seconds() > 0 else "Now"),
        ]
    )

    exact = revealed(question)
    whole = [] if plain(exact) == exact else [monospaced(exact)]

    def render(limit: int) -> Card:
        shown = limit > 0
        body = [
            *heading(plain(exact, 80) if whole else exact, asked),
            *(whole if shown else [text("It is too long to be shown whole, so it cannot be confirmed here.", color="Attention")]),
            *_targets(action.targets, limit or 2),
            stack(facts_below, style="attention" if destructive else "warning"),
            *([buttons.typed(to_type)] if to_type and shown else []),
            note(_waits(action)),
        ]
        title = "Approve" if action.approvals else "Confirm"
        decide = [buttons.confirm(action.id, destructive=destructive, title=title)] if shown else []
        wide = len(action.targets) > 1 or bool(whole)
        return card(body, summary=f"{exact} Confirm or cancel.", actions=[*decide, buttons.cancel(action.id)], wide=wide)

    return fitted(render, (10, 5, 2, 0))


def _waits(action: Action) -> str:
    if not action.approvals:
        return "Nothing happens until you confirm."
    others = "somebody else" if action.approvals == 1 else f"{action.approvals} other people"
    so_far = f" Approved so far by {', '.join(plain(one.label, NAME) for one in action.approved)}." if action.approved else ""
    return f"Nothing happens until {others} who may do this approve it; {plain(action.principal.label, NAME)} cannot.{so_far}"


def running(action: Action, title: str) -> Card:
    """A confirmed action while it runs: its steps as they stand, and a button to stop it."""
    done = sum(step.state in ("done", "failed", "skipped") for step in action.steps)
    total = len(action.steps)
    by = f" {_decided_by(action)}" if action.decided_by else ""
    progress = f"{done} of {count(total, 'step')} done." if total else "Starting."

    def render(limit: int) -> Card:
        body = [*heading(title, f"Running. {progress}{by}"), *_steps(action.steps, limit)]
        if action.cancel_requested:
            body.append(text("Cancelling: what has begun is finished first.", color="Warning"))
        offered = [] if action.cancel_requested else [buttons.cancel(action.id)]
        return card(body, summary=f"{title}: running. {progress}", actions=offered, wide=total > 1)

    return fitted(render, (50, 20, 8, 3))


def decided(action: Action, title: str) -> Card:
    """An action that did not come to a result: declined, expired, stopped or failed; what ran and what did not."""
    if not action.state.final:
        return running(action, title)

    def render(limit: int) -> Card:
        word, box, sentences = _verdict(action)
        body = [*heading(title), badge(word), stack(*(text(sentence) for sentence in sentences), style=box)]
        if action.failure:
            body.extend(_why(action.failure, correlation=action.correlation))
        if action.steps:
            body.extend([section("What ran"), *_steps(action.steps, limit)])
        return card(body, summary=f"{title}: {word.lower()}. {' '.join(sentences)}", wide=bool(action.steps))

    return fitted(render, (50, 20, 8, 3))


def _verdict(action: Action) -> tuple[str, Box, list[str]]:
    """One word, its box, and what a person needs to know, in sentences."""
    by = plain(action.decided_by.label, NAME) if action.decided_by else ""
    at = f" at {clock(action.decided_at)}" if action.decided_at else ""
    again = f"To ask again, say: {plain(action.words)}" if action.words else ""
    match action.state.value:
        case "cancelled":
            return "Cancelled", "emphasis", [f"{by or 'Somebody'} cancelled it{at}. Nothing ran and nothing was changed."]
        case "expired":
            told = [f"Nobody confirmed before {clock(action.expires_at)}. Nothing ran and nothing was changed."]
            return "Expired", "emphasis", [*told, *([again] if again else [])]
        case "stopped":
            return "Stopped", "warning", ["It was cancelled while it ran. What was done before stays done, the rest did not run."]
        case "failed":
            what = action.failure.what if action.failure else "It did not finish, and why is not known."
            return "Failed", "attention", [what]
        case _:
            return "Done", "good", [f"Confirmed by {by}{at}." if by else "It ran to its end."]


def _why(failure: Failure, correlation: str) -> list[Element]:
    return [
        facts([("What did not happen", failure.unchanged), ("What to do next", failure.remedy)]),
        *technical(failure.details, failure.code, correlation),
    ]


def _targets(targets: Sequence[Target], limit: int) -> list[Element]:
    """One target as facts, several as a table; beyond `limit` rows by name, so that nobody confirms what is not shown."""
    if len(targets) == 1:
        [target] = targets
        pairs = [
            (target.kind.capitalize() or "Target", _named(target)),
            ("State", target.state),
            ("Environment", target.environment),
            ("Where", " · ".join(part for part in (target.region, target.account) if part)),
        ]
        return [facts(pairs)]
    if not targets:
        return []
    rows = [
        [
            [
                text(target.name or target.id, bold=True, limit=NAME),
                text(target.id, size="Small", subtle=True, tight=True, limit=NAME),
            ],
            badge(target.state or "–"),
            [text(target.environment or "–", limit=NAME), *map(_small, filter(None, (target.region, target.account)))],
        ]
        for target in targets[:limit]
    ]
    named = ", ".join(_named(target) for target in targets[limit:])
    return [
        text(f"On {count(len(targets), targets[0].kind or 'target')}:", bold=True),
        table(_TARGETS, rows),
        *([text(f"And: {named}", limit=2 * MAX_BYTES)] if named else []),
    ]


def _named(target: Target) -> str:
    name, id = plain(target.name, NAME), plain(target.id, NAME)
    return f"{name} ({id})" if name and name != id else id


def _small(value: str) -> Element:
    return text(value, size="Small", subtle=True, tight=True, limit=NAME)


def _steps(steps: Sequence[Step], limit: int) -> list[Element]:
    kept = sorted(range(len(steps)), key=lambda index: (_URGENT.get(steps[index].state.value, 3), index))[:limit]
    shown = [_step(steps[index]) for index in sorted(kept)]
    return [*shown, *more(len(steps) - len(shown), "step")]


def _step(step: Step) -> Element:
    what = text(f"{step.name.capitalize()} {step.target}".strip(), limit=2 * NAME)
    return columns(
        [badge(step.state.value)],
        [what, *([text(step.note, size="Small", subtle=True, tight=True, limit=_NOTE)] if step.note else [])],
        widths=("80px", "stretch"),
    )


def signed(card: Card, action: Action) -> Card:
    """The same card with a line that says who asked and who decided."""
    asked = f"Asked by {plain(action.principal.label, NAME)} at {clock(action.created_at)}."
    return {**card, "body": [*card["body"], note(f"{asked} {_decided_by(action)}".strip())]}


def _decided_by(action: Action) -> str:
    if action.approved:
        return f"Approved by {' and '.join(plain(one.label, NAME) for one in action.approved)}."
    if action.decided_by is None:
        return ""
    return f"Confirmed by {plain(action.decided_by.label, NAME)}."
