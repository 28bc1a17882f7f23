"""One suite for what is remembered, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from gate.action import Action, ActionState, digest
from gate.conversation import Place
from gate.principal import Principal
from gate.records import AuditEntry, TakenOver
from skills.kit.ports.run import Step
from store.actions import SqlActions
from store.audit import SqlAudit
from store.engine import Database
from store.inbox import SqlInbox
from store.owners import LEASE, SqlOwners
from store.places import SqlPlaces
from store.recollection import SqlMemory
from store.schema import ensure
from store.tables import owners as owners_table
from store.transcript import SqlTranscript
from tests import databases

ANNA = Principal(kind="teams", id="anna", tenant="t1", name="Anna")
NOW = datetime.now(UTC)


@dataclass
class Replica:
    """One process's view of the store."""

    database: Database
    owners: SqlOwners
    inbox: SqlInbox
    actions: SqlActions

    @classmethod
    def of(cls, database: Database, name: str, *, alone: bool = False) -> Replica:
        """A replica of that name."""
        return cls(database, SqlOwners(database, name, alone=alone), SqlInbox(database, name), SqlActions(database, name))

    async def silent_for(self, length: timedelta) -> None:
        """Its last sign of life was so long ago."""
        then = sa.update(owners_table).where(owners_table.c.name == self.owners.name).values(seen_at=datetime.now(UTC) - length)
        await self.database.run(lambda connection: connection.execute(then))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield databases.sqlite(tmp_path)
    else:
        with databases.postgres() as made:
            yield made


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = Database(url)
    await opened.run(ensure)
    yield opened
    await opened.close()


@pytest.fixture
async def one(database: Database) -> Replica:
    replica = Replica.of(database, "one")
    await replica.owners.beat()
    return replica


@pytest.fixture
async def two(database: Database) -> Replica:
    replica = Replica.of(database, "two")
    await replica.owners.beat()
    return replica


def action(id: str = "a1", **changes: object) -> Action:
    made = Action(
        id=id,
        skill="instances.stop",
        arguments={"instances": ["i-1"]},
        digest=digest("instances.stop", {"instances": ["i-1"]}),
        principal=ANNA,
        correlation="c1",
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=15),
    )
    return made.model_copy(update=changes)


async def test_an_activity_is_received_once(one: Replica) -> None:
    answers = await asyncio.gather(*(one.inbox.receive("m1", {"text": "hi"}) for _ in range(20)))
    assert sorted(answers) == [False] * 19 + [True]


async def test_what_a_dead_process_left_is_taken_over_once(one: Replica, two: Replica) -> None:
    await one.inbox.receive("m1", {"text": "finished"})
    await one.inbox.done("m1")
    await one.inbox.receive("m2", {"text": "left"})
    assert await two.inbox.left() == []  # its owner lives
    await one.silent_for(LEASE * 2)
    (taken,) = await two.inbox.left()
    assert (taken.id, taken.body, taken.attempts) == ("m2", {"text": "left"}, 2)
    assert await two.inbox.left() == []


async def test_alone_everybody_else_is_gone_at_once(one: Replica, database: Database) -> None:
    await one.inbox.receive("m1", {})
    again = Replica.of(database, "again", alone=True)
    await again.owners.beat()
    assert [envelope.id for envelope in await again.inbox.left()] == ["m1"]


async def test_of_fifty_confirmations_one_wins(one: Replica, two: Replica) -> None:
    await one.actions.add(action())
    won = await asyncio.gather(*(replica.actions.confirm("a1", ANNA, NOW) for replica in (one, two) for _ in range(25)))
    assert sum(one is not None for one in won) == 1


async def test_a_confirmed_action_is_claimed_once(one: Replica, two: Replica) -> None:
    await one.actions.add(action())
    await one.actions.confirm("a1", ANNA, NOW)
    claimed = await asyncio.gather(*(replica.actions.claim(NOW) for replica in (one, two) for _ in range(5)))
    assert sum(len(part) for part in claimed) == 1


async def test_an_expired_action_cannot_be_confirmed(one: Replica) -> None:
    await one.actions.add(action())
    late = NOW + timedelta(minutes=15)
    assert not await one.actions.confirm("a1", ANNA, late)
    (expired,) = await one.actions.expire(late)
    assert expired.state is ActionState.EXPIRED
    assert await one.actions.expire(late) == []


async def test_confirm_and_decline_exclude_each_other(one: Replica) -> None:
    await one.actions.add(action())
    outcomes = await asyncio.gather(one.actions.confirm("a1", ANNA, NOW), one.actions.decline("a1", ANNA, NOW))
    assert sum(bool(outcome) for outcome in outcomes) == 1


async def test_the_run_of_a_dead_process_is_taken_over_and_its_own_word_no_longer_counts(one: Replica, two: Replica) -> None:
    await one.actions.add(action())
    await one.actions.confirm("a1", ANNA, NOW)
    (running,) = await one.actions.claim(datetime.now(UTC))
    assert await two.actions.claim(datetime.now(UTC)) == []
    await one.silent_for(LEASE * 2)
    (taken,) = await two.actions.claim(datetime.now(UTC))
    assert taken.started_at == running.started_at
    with pytest.raises(TakenOver):
        await one.actions.save(running)


async def test_steps_place_and_result_are_kept(one: Replica) -> None:
    await one.actions.add(action())
    place = Place(door="teams", key="teams:x", data={"serviceUrl": "https://x"})
    await one.actions.attach("a1", place, "card-1")
    await one.actions.confirm("a1", ANNA, NOW)
    (running,) = await one.actions.claim(NOW)
    await one.actions.save(running.model_copy(update={"steps": (Step(name="stop", target="web"),)}))
    ended = running.model_copy(update={"state": ActionState.SUCCEEDED, "result": {"ok": True}, "ended_at": NOW})
    await one.actions.save(ended)
    kept = await one.actions.get("a1")
    assert kept is not None
    assert (kept.place, kept.card, kept.state, kept.result) == (place, "card-1", ActionState.SUCCEEDED, {"ok": True})
    assert kept.decided_by == ANNA


async def test_a_final_action_stays_undelivered_until_it_is_said(one: Replica) -> None:
    await one.actions.add(action())
    await one.actions.decline("a1", ANNA, NOW)
    assert [each.id for each in await one.actions.undelivered()] == ["a1"]
    await one.actions.delivered("a1")
    assert await one.actions.undelivered() == []


async def test_a_cancellation_is_heard_by_the_owner(one: Replica, two: Replica) -> None:
    await one.actions.add(action())
    assert not await two.actions.ask_cancel("a1")  # it does not run
    await one.actions.confirm("a1", ANNA, NOW)
    await one.actions.claim(NOW)
    assert await one.actions.cancellations(["a1"]) == []
    assert await two.actions.ask_cancel("a1")
    assert await one.actions.cancellations(["a1"]) == ["a1"]


async def test_audit_rows_come_newest_first(database: Database) -> None:
    audit = SqlAudit(database)
    for number in range(3):
        await audit.append(AuditEntry(at=NOW, principal=ANNA.key, event="request", correlation=f"c{number}", body={"n": number}))
    assert [entry.body["n"] for entry in await audit.read()] == [2, 1, 0]
    assert [entry.body["n"] for entry in await audit.read(correlation="c1")] == [1]


async def test_the_newest_reference_of_a_conversation_counts(database: Database) -> None:
    places = SqlPlaces(database)
    await places.remember(Place(door="teams", key="k", data={"url": "old"}), ANNA.key)
    await places.remember(Place(door="teams", key="k", data={"url": "new"}), ANNA.key)
    assert (await places.find("k")) == Place(door="teams", key="k", data={"url": "new"})
    assert len(await places.of(ANNA.key)) == 1
    assert await places.find("other") is None


async def test_a_transcript_is_read_on_from_where_one_was(database: Database) -> None:
    transcript = SqlTranscript(database)
    first = await transcript.add("c", "person", "hi")
    second = await transcript.add("c", "bot", "hello", {"type": "AdaptiveCard"})
    await transcript.add("other", "person", "elsewhere")
    assert [message.text for message in await transcript.since("c")] == ["hi", "hello"]
    await transcript.replace(first.id, "hi!", None)
    assert [message.text for message in await transcript.since("c", second.changed)] == ["hi!"]
    assert await transcript.replace("nobody", "", None) is None


async def test_memory_is_replaced(database: Database) -> None:
    memory = SqlMemory(database)
    assert await memory.recall("k") == {}
    await memory.remember("k", {"about": ["i-1"]})
    await memory.remember("k", {"about": ["i-2"]})
    assert await memory.recall("k") == {"about": ["i-2"]}


async def test_work_that_fails_does_not_take_its_neighbours_along(database: Database) -> None:
    memory = SqlMemory(database)

    def broken(connection: sa.Connection) -> None:
        connection.execute(sa.text("SELECT * FROM no_such_table"))

    outcomes = await asyncio.gather(
        memory.remember("a", {"n": 1}), database.run(broken), memory.remember("b", {"n": 2}), return_exceptions=True
    )
    assert [isinstance(outcome, Exception) for outcome in outcomes] == [False, True, False]
    assert await memory.recall("a") == {"n": 1}
    assert await memory.recall("b") == {"n": 2}


async def test_no_update_is_lost(database: Database) -> None:
    memory = SqlMemory(database)
    transcript = SqlTranscript(database)
    await memory.remember("k", {})
    numbers = await asyncio.gather(*(transcript.add("c", "bot", str(number)) for number in range(100)))
    assert len({message.changed for message in numbers}) == 100
