"""A command and how it went: its output as it was printed, or a row per instance with what failed first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cards import buttons
from cards.parts import Card, Element, Head, badge, card, code, facts, fitted, heading, more, note, section, stack, table, text
from cards.words import NAME, count, plain, when

if TYPE_CHECKING:
    from skills.commands.models import CommandOutcome, CommandReport

_OUTPUT = 4800
"""Units of UTF-16 of output on a card: it is there twice, as a code block and as what other clients show."""

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

    def render(limit: int) -> Card:
        body = [
            *heading(f"Command on {name}", plain(result.command, 160)),
            badge(word, size="Medium"),
            facts(
                [
                    ("Exit code", "" if one.exit_code is None else str(one.exit_code)),
                    ("Took", "" if one.execution_time is None else _took(one.execution_time)),
                    ("Asked", when(result.requested_at) if result.requested_at else ""),
                    ("Command id", one.command_id or result.command_id),
                    ("Why", one.what),
                    ("Next", one.remedy),
                ],
                limit=400,
            ),
            *_printed(one, limit),
            *([note(" · ".join(filter(None, (one.code, plain(one.details)))))] if one.code or one.details else []),
        ]
        summary = f"{plain(result.command, NAME)} on {name}: {word.lower()}. {plain(one.what or one.output, 300)}"
        return card(body, summary=summary, actions=_offers(result, one), wide=True)

    return fitted(render, (_OUTPUT, 3000, 1500))


def _printed(one: CommandOutcome, limit: int) -> list[Element]:
    """Output, then errors; each gets what the other does not need."""
    share = limit // 2 if one.output and one.errors else limit
    page = f" (page {one.page} of {one.pages})" if one.pages > 1 else ""
    elements: list[Element] = []
    if one.output:
        elements += [section(f"Output{page}"), *code(one.output, max(share, limit - len(one.errors)))]
    if one.errors:
        elements += [section("Errors"), *code(one.errors, max(share, limit - len(one.output)))]
    if not elements and one.status and one.status.final:
        elements.append(note("It printed nothing."))
    if one.truncated:
        elements.append(note("There was more than the provider keeps; it cannot be shown."))
    return elements


def _offers(result: CommandReport, one: CommandOutcome) -> list[Element]:
    id = one.command_id or result.command_id
    if not id:
        return []
    if one.status and not one.status.final:
        return [buttons.ask("Check again", "commands.status", command_id=id)]
    turn = [(one.page + 1, "Next page")] if one.page < one.pages else []
    turn += [(one.page - 1, "Previous page")] if one.page > 1 else []
    return [buttons.ask(title, "commands.status", command_id=id, instance=one.instance_id, page=page) for page, title in turn]


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
