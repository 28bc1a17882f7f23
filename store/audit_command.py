"""`audit verify`, `audit show` and `audit export`: what the command line says about the record. Each returns an exit status."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from gate.chain import Fault, Keys, Row, Walk
from gate.records import AuditEntry
from skills.kit.arguments import parse_duration
from skills.kit.errors import Conflict, Invalid, NotFound
from store.audit import PAGE, SqlAudit
from store.engine import Database
from store.kept import KeptHead
from store.schema import HEAD, revision_of

Say = Callable[[str], object]


def declare(commands: Any) -> None:
    """The command line of `audit`. commands: what argparse's `add_subparsers` returned."""
    actions = commands.add_parser("audit", help="check, read or export the audit record").add_subparsers(
        dest="audit", metavar="what", required=True
    )
    checking = actions.add_parser("verify", help="check that no row was changed, removed, inserted or moved")
    checking.add_argument("--file", type=Path, help="check an exported record instead of the database")
    showing = actions.add_parser("show", help="show the newest rows")
    showing.add_argument("--since", default="", help="6h, 7d, 2026-11-22 or 2026-11-22T10:00 (UTC)")
    showing.add_argument("--who", default="", help="a part of a name, or of a key such as teams:TENANT/ID")
    showing.add_argument("--skill", default="", help="a skill such as instances.stop, or a noun such as instances")
    showing.add_argument("--target", default="", help="an instance's id")
    showing.add_argument("--correlation", default="", help="a correlation id, as error cards show it")
    showing.add_argument("--limit", type=int, default=50)
    exporting = actions.add_parser("export", help="every row with its hashes, as lines of JSON")
    exporting.add_argument("--out", type=Path, help="a new file; without it, standard output")


async def run(options: argparse.Namespace, url: str, keys: Keys, head: Path) -> int:
    """What was asked for on the command line. Errors: Invalid, Conflict, NotFound when there is no record yet."""
    if options.audit == "verify" and options.file:
        return await asyncio.to_thread(verify_file, options.file, keys)
    database = Database(url)
    try:
        if await database.run(revision_of) != HEAD:
            raise NotFound(
                "There is no audit record of this version there.", remedy="Start the service once, or run: app.py migrate"
            )
        audit = SqlAudit(database, keys)
        if options.audit == "verify":
            return await verify(audit, keys, KeptHead(head))
        if options.audit == "export":
            return await export(audit, options.out)
        names = ("since", "who", "skill", "target", "correlation", "limit")
        return await show(audit, **{name: getattr(options, name) for name in names})
    finally:
        await database.close()


async def verify(audit: SqlAudit, keys: Keys, kept: KeptHead, say: Say = print) -> int:
    """Check the whole record, and the head that was kept; when all is well, keep the newest. 1: not all is as it was written."""
    walk, fault = await audit.verify(kept.read())
    status = _told(walk, fault, keys, say)
    if status == 0 and walk.head:
        kept.write(walk.head)
        say(f"The head is kept in {kept.path}. A copy of it elsewhere shows later whether rows at the end are missing.")
    return status


def verify_file(path: Path, keys: Keys, say: Say = print) -> int:
    """Check an exported record. Errors: Invalid when it is none."""
    walk, fault = Walk(keys), None
    with path.open(encoding="utf-8") as file:
        rows = _rows(file)
        while not fault and (page := list(islice(rows, PAGE))):
            fault = walk.follow(page)
    return _told(walk, fault or walk.end(), keys, say)


async def show(
    audit: SqlAudit,
    *,
    since: str = "",
    who: str = "",
    skill: str = "",
    target: str = "",
    correlation: str = "",
    limit: int = 50,
    say: Say = print,
) -> int:
    """The newest rows that fit, the oldest of them first. since: a length of time such as 6h, or a day or moment, UTC.
    who: a part of a name or key. target: an id. Errors: Invalid for a time that is none."""
    found = await audit.read(since=_moment(since), person=who, skill=skill, target=target, correlation=correlation, limit=limit)
    lines = [("WHEN (UTC)", "WHO", "DOOR", "EVENT", "SKILL", "TARGETS", "CORRELATION", "WORDS")]
    lines += [_line(entry) for entry in reversed(found)]
    widths = [min(36, max(len(line[column]) for line in lines)) for column in range(len(lines[0]) - 1)]
    for line in lines:
        cells = (cell[:width].ljust(width) for cell, width in zip(line, widths, strict=False))
        say("  ".join([*cells, line[-1]]).rstrip())
    if not found:
        say("No row fits.")
    return 0


async def export(audit: SqlAudit, out: Path | None = None) -> int:
    """Every row as a line of JSON with its hashes, which `verify_file` checks. out: a new file; None: standard output.

    Errors: Conflict when the file is there.
    """
    with ExitStack() as opened:
        file = opened.enter_context(_new(out)) if out else sys.stdout
        after: int | None = None
        while page := await audit.rows(after):
            file.writelines(json.dumps(row._asdict()) + "\n" for row in page)
            after = page[-1].seq
    return 0


def _told(walk: Walk, fault: Fault | None, keys: Keys, say: Say) -> int:
    if fault:
        say(f"NOT AS IT WAS WRITTEN: {fault.what}.")
        say(f"{walk.rows} rows before it are as they were written. Compare with a backup; docs/audit.md says how.")
        return 1
    head = walk.head
    say(f"OK: {walk.rows} rows, each as it was written. Head: row {head.seq if head else 0}, {head.hash if head else ''}")
    say(_sealed(walk, keys))
    return 0


def _sealed(walk: Walk, keys: Keys) -> str:
    if not walk.sealed:
        return "It is a plain chain: whoever can write the database could compute it anew. OPS_AUDIT__KEY seals it."
    if not keys:
        return f"{walk.sealed} rows are sealed, which was not checked: that needs OPS_AUDIT__KEY."
    before = walk.rows - walk.sealed
    return f"{walk.sealed} rows are sealed with the key" + (f"; {before} are from before there was one." if before else ".")


def _line(entry: AuditEntry) -> tuple[str, ...]:
    body = entry.body
    targets = ", ".join(one.get("name") or one["id"] if isinstance(one, dict) else str(one) for one in body.get("targets", []))
    who = f"{entry.name} ({entry.principal})" if entry.name else entry.principal
    cells = (who, body.get("door", ""), entry.event, entry.skill, targets, entry.correlation, body.get("words", ""))
    return (f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}", *(_printable(str(cell)) for cell in cells))


def _printable(text: str) -> str:
    """Text from outside must not steer the terminal, nor break the table."""
    return "".join(one if one.isprintable() else " " for one in text[:300])


def _moment(said: str) -> datetime | None:
    if not said:
        return None
    if isinstance(length := parse_duration(said), timedelta):
        return datetime.now(UTC) - length
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        raise Invalid(f"{said!r} is no time.", remedy="Say 6h, 7d, 2026-11-22 or 2026-11-22T10:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _rows(lines: TextIO) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        try:
            row = Row(**json.loads(line))
        except (ValueError, TypeError):
            raise Invalid(f"Line {number} is no row of an exported audit record.", remedy="Export it again.") from None
        yield row


def _new(path: Path) -> TextIO:
    try:
        return path.open("x", encoding="utf-8")
    except FileExistsError:
        raise Conflict(f"{path} is there already.", remedy="Name a new file.") from None
