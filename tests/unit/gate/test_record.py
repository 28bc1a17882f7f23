"""What a row says: who, where, in which words, how it was understood, what was decided, what happened; and nothing secret."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from gate.action import Action, ActionState, Failure, Target, digest
from gate.call import Call
from gate.chain import targets
from gate.conversation import Place
from gate.principal import Principal
from gate.record import LONGEST, Recorder
from gate.records import AuditEntry
from gate.redaction import MASK
from skills.kit.arguments import Arguments
from skills.kit.errors import Forbidden

ANNA = Principal(kind="teams", id="anna", tenant="t1", name="Anna")
BEN = Principal(kind="key", id="ben")
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
WEB = Target(id="i-1", name="web-1", tags={"Secret": "of-a-tag"})
DECISION = {"policies": ["operator-works"], "requirement": "confirm"}


class Kept:
    """Audit: keeps what is appended."""

    def __init__(self) -> None:
        self.rows: list[AuditEntry] = []

    async def append(self, entry: AuditEntry) -> None:
        self.rows.append(entry)

    async def read(self, *, correlation: str = "", principal: str = "", limit: int = 100) -> list[AuditEntry]:
        return self.rows[::-1]


class Some(Arguments):
    command: str = ""
    password: str = ""


def call(**changes: Any) -> Call:
    base = Call("commands.run", {"command": "df"}, ANNA, "c1", Place(door="teams", key="k"), "run df on web-1", "grammar")
    return replace(base, **changes)


def action(**changes: Any) -> Action:
    base: dict[str, Any] = {"id": "a1", "skill": "commands.run", "arguments": {"command": "df"}, "principal": ANNA}
    base |= {"digest": digest("commands.run", {}, (WEB,)), "correlation": "c1", "targets": (WEB,), "words": "run df on web-1"}
    return Action.model_validate(base | {"created_at": NOW, "expires_at": NOW + timedelta(minutes=15)} | changes)


def recorder() -> tuple[Recorder, list[AuditEntry]]:
    kept = Kept()
    return Recorder(kept, lambda: NOW), kept.rows


async def test_a_reading_request_says_who_where_in_which_words_and_why_it_was_allowed() -> None:
    record, rows = recorder()
    await record.read(call(), Some(command="df"), (WEB,), decision=DECISION)
    (row,) = rows
    assert (row.at, row.principal, row.name, row.event) == (NOW, "teams:t1/anna", "Anna", "request")
    assert (row.skill, row.correlation) == ("commands.run", "c1")
    said = {key: row.body[key] for key in ("door", "words", "route", "decision")}
    assert said == {"door": "teams", "words": "run df on web-1", "route": "grammar", "decision": DECISION}
    assert row.body["arguments"]["command"] == "df"
    assert row.body["targets"] == [{"id": "i-1", "name": "web-1"}]
    assert targets(row.body) == ["i-1"]


async def test_a_refusal_says_why_and_on_what_it_would_have_been() -> None:
    record, rows = recorder()
    await record.refused(call(), Forbidden("You may not.", details="needs more"), targets=(WEB,), decision=DECISION)
    (row,) = rows
    assert (row.event, row.body["code"], row.body["what"], row.body["details"]) == (
        "refused",
        Forbidden.code,
        "You may not.",
        "needs more",
    )
    assert (targets(row.body), row.body["decision"]) == (["i-1"], DECISION)


async def test_a_decision_is_of_who_decided_and_an_effect_of_who_asked() -> None:
    record, rows = recorder()
    await record.asked(call(), action(), decision=DECISION)
    await record.decision("confirmed", action(), BEN, door="api")
    failure = Failure(code="X", title="t", what="It failed.")
    await record.effect("failed", action(state=ActionState.FAILED, failure=failure, result={"n": 1}))
    assert [(row.event, row.principal) for row in rows] == [
        ("asked", "teams:t1/anna"),
        ("confirmed", "key:ben"),
        ("failed", "teams:t1/anna"),
    ]
    assert {row.body["action"] for row in rows} == {"a1"}
    assert (rows[1].name, rows[1].body["door"]) == ("ben", "api")
    assert (rows[2].body["failure"]["what"], rows[2].body["result"]) == ("It failed.", {"n": 1})


async def test_no_secret_reaches_a_row() -> None:
    record, rows = recorder()
    said = "run mysql -pS3cret-1 on web-1"
    await record.read(call(words=said), Some(command="mysql -pS3cret-1", password="S3cret-1"), (WEB,))
    await record.refused(
        call(words=said, arguments={"token": "S3cret-1"}), Forbidden("mysql -pS3cret-1", details="password=S3cret-1")
    )
    await record.asked(call(words=said), action(words=said, arguments={"command": "PGPASSWORD=S3cret-1 psql"}))
    printed = {"invocations": [{"output": f"{'x ' * 1000} password: S3cret-1"}]}
    await record.effect("succeeded", action(words=said, result=printed))
    assert "S3cret" not in "".join(row.model_dump_json() for row in rows)
    assert MASK in rows[0].body["words"]


async def test_long_output_is_kept_in_part_and_a_secret_at_the_cut_is_gone() -> None:
    record, rows = recorder()
    secret = "ghp_" + "aB3" * 12
    output = "x" * (LONGEST - 20) + " " + secret + " " + "y" * 100_000
    await record.effect("succeeded", action(result={"output": output}))
    kept = rows[0].body["result"]["output"]
    assert len(kept) < LONGEST + 50
    assert "ghp_aB3" not in kept


async def test_the_start_of_a_process_is_a_row() -> None:
    record, rows = recorder()
    await record.serving("1.2.3")
    assert (rows[0].event, rows[0].body) == ("serving", {"version": "1.2.3"})
