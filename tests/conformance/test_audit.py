"""The audit record on SQLite and PostgreSQL: it refuses changes, and finds those that were made all the same."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from gate.chain import GENESIS, Fault, Head, Keys, Row, Walk
from gate.records import AuditEntry
from skills.kit.errors import Conflict, Invalid
from store import audit_command, schema
from store.audit import Emptied, SqlAudit
from store.engine import Database
from store.kept import KeptHead
from store.schema import ensure
from tests import databases

KEY = "a key of sixteen"
ROOT = Path(__file__).parents[2]


@dataclass
class Record:
    """A record of ten rows, and whoever can write its database."""

    url: str
    database: Database
    audit: SqlAudit

    async def add(self, count: int = 1, **fields: Any) -> None:
        """Rows about i-1 and i-2 in turn."""
        for number in range(count):
            body = {"words": f"number {number}", "targets": [{"id": f"i-{number % 2 + 1}", "name": "web"}]}
            base: dict[str, Any] = {"principal": "teams:t1/anna", "name": "Anna", "event": "request", "skill": "instances.list"}
            base |= {"at": datetime.now(UTC), "correlation": f"c{number}", "body": body}
            await self.audit.append(AuditEntry(**(base | fields)))

    async def sql(self, *statements: str) -> None:
        """As somebody who may do everything, the triggers gone."""
        postgres = self.database.url.get_backend_name() == "postgresql"
        events = ("update", "delete", "insert")
        removed = [f"DROP TRIGGER IF EXISTS {table}_{event}" for table in ("audit", "audit_targets") for event in events]

        def run(connection: sa.Connection) -> None:
            for statement in (["DROP FUNCTION IF EXISTS audit_refuse CASCADE"] if postgres else removed) + list(statements):
                connection.execute(sa.text(statement))

        await self.database.run(run)

    async def rewrite(self, start: int, keys: Keys | None = None, **changes: Any) -> None:
        """Change row `start`, and compute it and every later row anew, as whoever knows how it is done would."""
        rows = [row for row in await self.audit.rows() if row.seq >= start]
        before = await self.audit.at(start - 1)
        previous = before.hash if before else ""
        for row in rows:
            new = row._replace(previous=previous, **(changes if row.seq == start else {}))
            previous = new.computed()
            seal = f", seal = '{keys.seal(previous)}'" if keys else ""
            body = new.body.replace("'", "''").replace(":", "\\:")
            await self.sql(
                f"UPDATE audit SET body = '{body}', previous = '{new.previous}', hash = '{previous}'{seal} WHERE seq = {row.seq}"
            )

    async def fault(self, kept: Head | None = None) -> Fault | None:
        """What is found."""
        return (await self.audit.verify(kept))[1]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield databases.sqlite(tmp_path)
    else:
        with databases.postgres() as made:
            yield made


@pytest.fixture
async def plain(url: str) -> AsyncIterator[Record]:
    database = Database(url)
    await database.run(ensure)
    record = Record(url, database, SqlAudit(database))
    await record.add(10)
    yield record
    await database.close()


@pytest.fixture
async def sealed(url: str) -> AsyncIterator[Record]:
    database = Database(url)
    await database.run(ensure)
    record = Record(url, database, SqlAudit(database, Keys(KEY)))
    await record.add(10)
    yield record
    await database.close()


async def test_a_record_that_nobody_touched_is_whole(plain: Record) -> None:
    walk, fault = await plain.audit.verify()
    assert fault is None
    assert (walk.rows, walk.sealed) == (11, 0)
    assert walk.head == await plain.audit.head()


async def test_row_0_is_of_this_database_alone(plain: Record, tmp_path: Path) -> None:
    (first, *_) = await plain.audit.rows()
    assert (first.seq, first.event) == (0, GENESIS)
    assert len(json.loads(first.body)["nonce"]) == 64


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET name = 'Ben' WHERE seq = 5", "DELETE FROM audit WHERE seq = 10", "DELETE FROM audit_targets"]
)
async def test_the_database_refuses_changes(plain: Record, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        await plain.database.run(lambda connection: connection.execute(sa.text(statement)))
    assert await plain.fault() is None


async def test_postgres_refuses_to_empty_it_and_sqlite_to_replace(plain: Record) -> None:
    postgres = plain.database.url.get_backend_name() == "postgresql"
    replace = f"INSERT OR REPLACE INTO audit SELECT {', '.join(Row._fields)} FROM audit"
    with pytest.raises(DBAPIError, match="append-only"):
        await plain.database.run(lambda connection: connection.execute(sa.text("TRUNCATE audit" if postgres else replace)))


CHANGES = {
    "at": "at + 1",
    "principal": "'teams:t1/ben'",
    "name": "'Ben'",
    "event": "'refused'",
    "skill": "'help'",
    "correlation": "'c99'",
    "body": "replace(body, 'number', 'Number')",
    "previous": f"'{'0' * 64}'",
    "hash": f"'{'0' * 64}'",
}


@pytest.mark.parametrize("seq", [1, 5, 10])
async def test_a_change_of_any_column_is_found_where_it_is(plain: Record, seq: int) -> None:
    assert {*CHANGES, "seq", "seal"} == set(Row._fields)
    (row,) = [row for row in await plain.audit.rows() if row.seq == seq]
    for column, value in CHANGES.items():
        await plain.sql(f"UPDATE audit SET {column} = {value} WHERE seq = {seq}")
        assert await plain.fault() == (seq, f"row {seq} was changed: its content does not give its hash")
        back = sa.text(f"UPDATE audit SET {column} = :old WHERE seq = :seq").bindparams(old=getattr(row, column), seq=seq)
        await plain.database.run(lambda connection, back=back: connection.execute(back))
    assert await plain.fault() is None


@pytest.mark.parametrize("change", ["seal = ''", "seal = 'x:y'", f"seal = '{Keys('another key here!').seal('0' * 64)}'"])
async def test_a_seal_that_was_removed_or_forged_is_found(sealed: Record, change: str) -> None:
    await sealed.sql(f"UPDATE audit SET {change} WHERE seq = 5")
    fault = await sealed.fault()
    assert fault is not None
    assert fault.seq == 5


@pytest.mark.parametrize("seq", [0, 1, 5])
async def test_a_row_that_was_removed_is_named(plain: Record, seq: int) -> None:
    await plain.sql(f"DELETE FROM audit WHERE seq = {seq}")
    fault = await plain.fault()
    assert fault is not None
    assert fault == (seq, f"row {seq} is missing: removed or moved elsewhere")


async def test_rows_missing_at_the_end_are_found_by_the_head_that_was_kept(plain: Record) -> None:
    kept = await plain.audit.head()
    await plain.sql("DELETE FROM audit WHERE seq > 7", "DELETE FROM audit_targets WHERE seq > 7")
    assert await plain.fault() is None
    fault = await plain.fault(kept)
    assert fault is not None
    assert (fault.seq, "rows 8 to 10 are missing" in fault.what) == (8, True)


async def test_rows_that_changed_places_are_found(plain: Record) -> None:
    swap = (
        "UPDATE audit SET seq = -1 WHERE seq = 4",
        "UPDATE audit SET seq = 4 WHERE seq = 6",
        "UPDATE audit SET seq = 6 WHERE seq = -1",
    )
    await plain.sql(*swap)
    fault = await plain.fault()
    assert fault is not None
    assert fault.seq == 4


@pytest.mark.parametrize(("seq", "found"), [(-1, -1), (11, 11)])
async def test_a_row_that_was_inserted_is_found(plain: Record, seq: int, found: int) -> None:
    columns = "at, principal, name, event, skill, correlation, body, previous, hash, seal"
    await plain.sql(f"INSERT INTO audit (seq, {columns}) SELECT {seq}, {columns} FROM audit WHERE seq = 3")
    fault = await plain.fault()
    assert fault is not None
    assert fault.seq == found


async def test_one_row_written_anew_with_its_hash_is_found(plain: Record) -> None:
    row = (await plain.audit.rows())[5]
    new = row._replace(name="Ben")
    await plain.sql(f"UPDATE audit SET name = 'Ben', hash = '{new.computed()}' WHERE seq = 5")
    fault = await plain.fault()
    assert fault is not None
    assert (fault.seq, "was replaced" in fault.what) == (5, True)


async def test_a_plain_chain_computed_anew_is_found_by_the_head_only(plain: Record) -> None:
    kept = await plain.audit.head()
    body = (await plain.audit.rows())[5].body.replace("number 4", "number 5")
    await plain.rewrite(5, body=body)
    assert await plain.fault() is None
    fault = await plain.fault(kept)
    assert fault is not None
    assert "not the one that was kept" in fault.what


async def test_a_sealed_chain_computed_anew_is_found_where_it_begins(sealed: Record) -> None:
    body = (await sealed.audit.rows())[5].body.replace("number 4", "number 5")
    await sealed.rewrite(5, body=body)
    fault = await sealed.fault()
    assert fault is not None
    assert (fault.seq, "seal" in fault.what) == (5, True)


async def test_seals_with_another_key_are_no_seals(sealed: Record) -> None:
    body = (await sealed.audit.rows())[5].body.replace("number 4", "number 5")
    await sealed.rewrite(5, keys=Keys("the key of whoever"), body=body)
    fault = await sealed.fault()
    assert fault is not None
    assert (fault.seq, "key that is not known" in fault.what) == (5, True)


async def test_removing_every_seal_is_found(sealed: Record) -> None:
    await sealed.sql("UPDATE audit SET seal = ''")
    fault = await sealed.fault()
    assert fault is not None
    assert "no row is sealed" in fault.what


async def test_a_key_may_come_later_and_be_replaced(plain: Record) -> None:
    first = SqlAudit(plain.database, Keys("the first key there is"))
    await Record(plain.url, plain.database, first).add(3)
    both = Keys("the second key there is", ["the first key there is"])
    second = SqlAudit(plain.database, both)
    await Record(plain.url, plain.database, second).add(3)
    walk, fault = await second.verify()
    assert (walk.rows, walk.sealed, fault) == (17, 6, None)
    assert (await SqlAudit(plain.database, Keys("the second key there is")).verify())[1] == (
        11,
        "row 11 is sealed with a key that is not known here",
    )


async def test_an_empty_record_is_no_record_and_nothing_goes_on(plain: Record) -> None:
    await plain.sql("DELETE FROM audit")
    fault = await plain.fault()
    assert fault is not None
    assert "no row at all" in fault.what
    with pytest.raises(Emptied):
        await plain.add()


async def test_a_look_up_that_hides_a_row_is_found(plain: Record) -> None:
    await plain.sql("DELETE FROM audit_targets WHERE seq = 6")
    assert [entry.correlation for entry in await plain.audit.read(target="i-2")] == ["c9", "c7", "c3", "c1"]
    fault = await plain.fault()
    assert fault is not None
    assert fault.seq == 6


async def test_a_thousand_rows_are_checked_in_well_under_a_second(url: str) -> None:
    database = Database(url)
    await database.run(ensure)
    record = Record(url, database, SqlAudit(database, Keys(KEY)))
    await asyncio.gather(*(record.add() for _ in range(1000)))
    begun = time.perf_counter()
    walk, fault = await record.audit.verify()
    taken = time.perf_counter() - begun
    await database.close()
    assert (walk.rows, fault) == (1001, None)
    assert taken < 0.5


async def test_text_that_no_database_takes_is_recorded_all_the_same(plain: Record) -> None:
    await plain.add(skill="\0" * 100, correlation="\ud800" * 100, principal="p" * 300, body={"words": "\0 \ud800 ünï 👩‍💻"})
    (entry, *_) = await plain.audit.read(limit=1)
    assert entry.body["words"] == "\0 \ud800 ünï 👩‍💻"
    assert await plain.fault() is None


async def test_a_row_that_cannot_be_added_fails_alone(plain: Record) -> None:
    outcomes = await asyncio.gather(
        plain.add(),
        plain.add(event="e" * 40, body={"x": {1, 2}}),
        plain.add(body={"n": object()}),
        plain.add(),
        return_exceptions=True,
    )
    assert [isinstance(outcome, BaseException) for outcome in outcomes][::3] == [False, False]
    assert isinstance(outcomes[2], Exception)
    assert await plain.fault() is None


WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from gate.chain import Keys
from gate.records import AuditEntry
from store.audit import SqlAudit
from store.engine import Database

async def main():
    database = Database(sys.argv[1])
    audit = SqlAudit(database, Keys("a key of sixteen"))
    entry = lambda n: AuditEntry(at=datetime.now(UTC), principal=sys.argv[2], event="request", correlation=str(n), body={"n": n})
    for start in range(0, 100, 10):
        await asyncio.gather(*(audit.append(entry(n)) for n in range(start, start + 10)))
    await database.close()

asyncio.run(main())
"""


@pytest.mark.postgres
async def test_several_processes_write_one_unbroken_chain() -> None:
    with databases.postgres() as made:
        database = Database(made)
        await database.run(ensure)
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", WRITER, made]
        writers = [subprocess.Popen([*command, name], env=environment) for name in ("one", "two")]
        assert [await asyncio.to_thread(writer.wait, 60) for writer in writers] == [0, 0]
        audit = SqlAudit(database, Keys(KEY))
        walk, fault = await audit.verify()
        counted = [sum(row.principal == name for row in await audit.rows()) for name in ("one", "two")]
        await database.close()
    assert (walk.rows, fault, counted) == (201, None, [100, 100])


async def test_rows_of_an_earlier_version_are_chained_when_it_is_migrated(url: str) -> None:
    from alembic import command

    database = Database(url)
    old = (
        "INSERT INTO audit (seq, at, principal, event, skill, correlation, body) "
        "VALUES (:seq, :at, 'teams:t/anna', 'asked', 'x.y', 'c', :body)"
    )

    def first(connection: sa.Connection) -> None:
        command.upgrade(schema.configuration(connection), "0001")
        for seq in (1, 2, 5):
            connection.execute(sa.text(old), {"seq": seq, "at": seq, "body": f'{{"n":{seq},"targets":["i-{seq}"]}}'})

    await database.run(first)
    await database.run(ensure)
    audit = SqlAudit(database)
    walk, fault = await audit.verify()
    assert (walk.rows, fault) == (4, None)
    assert [entry.body["n"] for entry in await audit.read()] == [5, 2, 1]
    assert [entry.body["n"] for entry in await audit.read(target="i-5")] == [5]
    await audit.append(AuditEntry(at=datetime.now(UTC), principal="p", event="request", correlation="c"))
    await database.run(lambda connection: command.downgrade(schema.configuration(connection), "0001"))
    rows = await database.run(lambda connection: connection.execute(sa.text("SELECT seq, at FROM audit ORDER BY seq")).all())
    assert [tuple(row) for row in rows][:3] == [(1, 1), (2, 2), (3, 5)]
    await database.close()


@dataclass
class Said:
    lines: list[str]

    def __call__(self, line: str) -> None:
        self.lines.append(line)

    def __contains__(self, text: str) -> bool:
        return any(text in line for line in self.lines)


async def test_verify_says_ok_keeps_the_head_and_notices_later_what_is_gone(plain: Record, tmp_path: Path) -> None:
    said, kept = Said([]), KeptHead(tmp_path / "audit.head")
    assert await audit_command.verify(plain.audit, Keys(), kept, said) == 0
    head = await plain.audit.head()
    assert head is not None
    assert f"OK: 11 rows, each as it was written. Head: row 10, {head.hash}" in said.lines
    assert "plain chain" in said
    assert kept.read() == head
    await plain.sql("DELETE FROM audit WHERE seq = 10", "DELETE FROM audit_targets WHERE seq = 10")
    assert await audit_command.verify(plain.audit, Keys(), kept, said) == 1
    assert "row 10" in said
    assert kept.read() == head


async def test_the_kept_head_follows_the_record_but_not_one_that_lost_it(plain: Record, tmp_path: Path) -> None:
    kept = KeptHead(tmp_path / "audit.head")
    await kept.follow(plain.audit)
    await plain.add()
    await kept.follow(plain.audit)
    head = kept.read()
    assert head is not None
    assert head.seq == 11
    await plain.sql("DELETE FROM audit WHERE seq > 9", "DELETE FROM audit_targets WHERE seq > 9")
    for again in (kept, KeptHead(kept.path)):  # also after a restart
        await plain.add(5)
        await again.follow(plain.audit)
        assert kept.read() == head


def test_a_kept_head_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "audit.head").write_text("{}")
    with pytest.raises(ValueError, match="does not hold the head"):
        KeptHead(tmp_path / "audit.head").read()


async def test_an_export_is_checked_without_the_database(sealed: Record, tmp_path: Path) -> None:
    out, said = tmp_path / "audit.jsonl", Said([])
    assert await audit_command.export(sealed.audit, out) == 0
    assert audit_command.verify_file(out, Keys(KEY), said) == 0
    assert "10 rows are sealed with the key; 1 are from before" in said
    assert audit_command.verify_file(out, Keys(), said) == 0
    assert "not checked" in said
    out.write_text(out.read_text().replace("number 6", "number 7", 1))
    assert audit_command.verify_file(out, Keys(KEY), said) == 1
    assert "row 7 was changed" in said
    with pytest.raises(Conflict, match="is there already"):
        await audit_command.export(sealed.audit, out)
    out.write_text('{"seq": 1}\n')
    with pytest.raises(Invalid, match="Line 1"):
        audit_command.verify_file(out, Keys(KEY), said)


async def shown(record: Record, **filters: Any) -> list[str]:
    said = Said([])
    await audit_command.show(record.audit, say=said, **filters)
    return said.lines


async def test_show_is_a_table_narrowed_as_asked(plain: Record) -> None:
    await plain.add(
        name="Ben", principal="key:ben", skill="instances.stop", correlation="c-ben", body={"words": "stop \x1b[31m\nit"}
    )
    lines = await shown(plain)
    assert lines[0].split()[0] == "WHEN"
    assert len(lines) == 12
    assert "stop  [31m it" in lines[-1]
    assert len(await shown(plain, who="ben")) == 2
    assert len(await shown(plain, skill="instances.stop")) == 2
    assert len(await shown(plain, skill="instances")) == 12
    assert len(await shown(plain, target="i-1")) == 6
    assert len(await shown(plain, correlation="c-ben")) == 2
    assert len(await shown(plain, since="1h", limit=3)) == 4
    assert (await shown(plain, since="2090-01-01"))[-1] == "No row fits."
    with pytest.raises(Invalid, match="no time"):
        await shown(plain, since="recently")


@pytest.mark.parametrize("key", ["short", "x" * 15])
def test_a_key_that_is_too_short_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(ValueError, match="16 characters") as refused:
        Keys(key)
    assert key not in str(refused.value)


def test_a_walk_reads_what_sqlite_let_somebody_put_there() -> None:
    """SQLite takes any type in any column."""
    odd: Any = b"blob"
    assert Walk(Keys()).follow([Row(0, 0, "", "", GENESIS, "", "", odd, "0" * 64, "x")]) == (
        0,
        "row 0 was changed: its content does not give its hash",
    )


def command(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OPS_")}
    environment = {**kept, "OPS_VAR": str(folder), **settings}
    called: Sequence[str] = [sys.executable, str(ROOT / "app.py"), "audit", *arguments]
    return subprocess.run(called, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


async def test_the_command_line(tmp_path: Path) -> None:
    nothing = command(tmp_path, "verify")
    assert (nothing.returncode, "no audit record" in nothing.stderr) == (2, True)
    database = Database(databases.sqlite(tmp_path))
    await database.run(ensure)
    await Record("", database, SqlAudit(database, Keys(KEY))).add(3)
    await database.close()
    checked = command(tmp_path, "verify", OPS_AUDIT__KEY=KEY)
    assert (checked.returncode, "OK: 4 rows" in checked.stdout) == (0, True)
    assert (tmp_path / "audit.head").exists()
    assert "instances.list" in command(tmp_path, "show", "--since", "1h", "--who", "anna").stdout
    assert command(tmp_path, "export").stdout.count("\n") == 4
    with sqlite3.connect(tmp_path / "ops.db") as tampered:
        tampered.execute("DROP TRIGGER audit_update")
        tampered.execute("UPDATE audit SET name = 'Ben' WHERE seq = 2")
    found = command(tmp_path, "verify")
    assert (found.returncode, "row 2 was changed" in found.stdout) == (1, True)
