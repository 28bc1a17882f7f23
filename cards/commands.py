"""A command and how it went: its output as it was printed, or a row per instance with what failed first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cards import buttons, output
from cards.parts import Card, Element, Head, badge, card, code, facts, fitted, heading, more, note, stack, table, text
from cards.words import NAME, count, plain, when

if TYPE_CHECKING:
    from skills.commands.models import CommandOutcome, CommandReport

_OUTPUT = 4800
"""Units of UTF-16 of output on a card: it is there twice, as a code block and as what other clients show."""

LAST = 9999
"""Asks for the last part of a page, however many it has."""

_ROWS: tuple[Head, ...] = (("Instance", 6, "Left"), ("Status", 3, "Left"), ("Exit code", 2, "Right"), ("Took", 3, "Right"))
_WORDS = {"InProgress": "In progress", "TimedOut": "Timed out"}


def ran(result: CommandReport) -> Card:
    """A command on one instance with its output, or on several."""
    return _single(result, result.invocations[0]) if len(result.invocations) == 1 else _several(result)


def status(result: CommandReport) -> Card:
    """The same card, asked for later."""
    return ran(result)


def _word(one: CommandOutcome) -> str:
    return _WORDS.get(one.status.value, one.status.value) if one.status else "Not sent"


def _took(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.0f} min"


def _single(result: CommandReport, one: CommandOutcome) -> Card:
    name, word = plain(one.name or one.instance_id, NAME), _word(one)
    part = min(result.part, len(output.parts(one))) if result.part else 0

    def render(limit: int) -> Card:
        printed, whole = (output.part_of(one, part), True) if part else output.overview(one, limit)
        body = [
            *heading(f"Command on {name}", plain(result.command, 160)),
            *([] if part else [badge(word, size="Medium"), _how(result, one)]),
            *printed,
            *([note("There was more than the provider keeps; it cannot be shown.")] if one.truncated else []),
            *([note(" · ".join(filter(None, (one.code, plain(one.details)))))] if one.code or one.details else []),
        ]
        summary = f"{plain(result.command, NAME)} on {name}: {word.lower()}. {plain(one.what or one.output, 300)}"
        return card(body, summary=summary, actions=_offers(result, one, part, whole=whole), wide=True)

    return fitted(render, (_OUTPUT, 3000, 1500))


def _how(result: CommandReport, one: CommandOutcome) -> Element:
    pairs = [
        ("Exit code", "" if one.exit_code is None else str(one.exit_code)),
        ("Took", "" if one.execution_time is None else _took(one.execution_time)),
        ("Asked", when(result.requested_at) if result.requested_at else ""),
        ("Command id", one.command_id or result.command_id),
        ("Why", one.what),
        ("Next", one.remedy),
    ]
    return facts(pairs, limit=400)


def _offers(result: CommandReport, one: CommandOutcome, part: int, *, whole: bool) -> list[Element]:
    id = one.command_id or result.command_id
    if not id:
        return []
    if one.status and not one.status.final:
        return [buttons.ask("Check again", "commands.status", command_id=id)]

    def turn(title: str, page: int, part: int) -> Element:
        return buttons.ask(title, "commands.status", command_id=id, instance=one.instance_id, page=page, part=part)

    if not part:
        return [] if whole else [turn("Show all of it", one.page, 1)]
    following = [turn("Next", one.page, part + 1)] if part < len(output.parts(one)) else []
    if not following and one.page < one.pages:
        following = [turn("Next", one.page + 1, 1)]
    before = [turn("Previous", one.page, part - 1)] if part > 1 else []
    if not before and one.page > 1:
        before = [turn("Previous", one.page - 1, LAST)]
    return [*following, *before]


def _several(result: CommandReport) -> Card:
    good = sum(one.ok for one in result.invocations)
    total = len(result.invocations)
    told = f"{good} of {count(total, 'instance')} succeeded" + ("" if result.final else "; the others still run or failed")
    ordered = sorted(result.invocations, key=lambda one: (one.ok, one.status is not None and not one.status.final))

    def render(limit: int) -> Card:
        body = [
            *heading("Command on several instances", plain(result.command, 160)),
            text(told, bold=True, color="Good" if good == total else "Warning"),
            *([table(_ROWS, [_row(one) for one in ordered[:limit]])] if total else [text("It was sent to no instance.")]),
            *more(total - limit, "instance"),
            *(element for one in ordered[: max(1, limit // 3)] for element in _excerpt(one)),
            note("Command ids: " + " · ".join(result.command_ids[:5]) if result.command_ids else "No command was sent."),
        ]
        return card(body, summary=f"{plain(result.command, NAME)}: {told}.", actions=_looks(result, ordered), wide=True)

    return fitted(render, (24, 16, 12, 8, 4))


def _row(one: CommandOutcome) -> list[Element | list[Element]]:
    name = text(one.name or one.instance_id, bold=True, limit=NAME)
    why = [text(one.what, size="Small", subtle=True, tight=True, limit=160)] if one.what else []
    return [
        [name, *why],
        badge(_word(one)),
        text("–" if one.exit_code is None else str(one.exit_code)),
        text(_took(one.execution_time)),
    ]


def _excerpt(one: CommandOutcome) -> list[Element]:
    """The end of what it printed, where the reason usually is."""
    printed = (one.errors or one.output).rstrip()
    if not printed:
        return []
    end = "\n".join(printed[-2000:].splitlines()[-6:])[-240:]
    return [stack(text(f"{plain(one.name or one.instance_id, NAME)}, last lines", size="Small", bold=True), *code(end, 300))]


def _looks(result: CommandReport, ordered: list[CommandOutcome]) -> list[Element]:
    """Check again while it runs; then the whole output of the first few, failures first."""
    if not result.final:
        ids = dict.fromkeys(one.command_id for one in ordered if one.command_id and one.status and not one.status.final)
        return [buttons.ask("Check again", "commands.status", command_id=id) for id in list(ids)[:3]]
    return [
        buttons.ask(
            f"Output of {plain(one.name or one.instance_id, 30)}",
            "commands.status",
            command_id=one.command_id,
            instance=one.instance_id,
        )
        for one in [one for one in ordered if one.command_id and (one.output or one.errors)][:4]
    ]
