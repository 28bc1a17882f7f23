"""Questions about the past, answered from a real record in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

import skills
from bot.routing.grammar import Grammar
from bot.routing.router import Route
from cards import audit as view
from gate.action import Action, ActionState, Failure, Target, digest
from gate.call import Call
from gate.conversation import Place
from gate.principal import Principal
from gate.record import Recorder
from skills.audit.history import Everybody, Own, history, mine
from skills.audit.models import AuditHistory
from skills.kit.arguments import Arguments
from skills.kit.catalogue import discover
from skills.kit.declaration import Risk
from skills.kit.errors import Forbidden
from store.audit import SqlAudit
from store.engine import Database
from store.history import SqlHistory
from store.schema import ensure
from tests.unit.cards.validator import problems, texts
from tests.unit.skills.run import Person

ANNA = Principal(kind="teams", id="anna", tenant="t1", name="Anna")
BEN = Principal(kind="teams", id="ben", tenant="t1", name="Ben")
WEB, DB = Target(id="i-1", name="web-1"), Target(id="i-2", name="db-1")
FAILED = Failure(code="X", title="t", what="AWS did not permit it.")
CATALOGUE = discover(skills)


class Nothing(Arguments):
    """Nothing."""


@dataclass
class Past:
    """A record, and a way to make things happen at a time. ago: how long before now what is told next happened."""

    database: Database
    ago: timedelta = timedelta()
    number: int = field(default=0)

    @property
    def record(self) -> Recorder:
        return Recorder(SqlAudit(self.database), lambda: datetime.now(UTC) - self.ago)

    def call(self, words: str, skill: str, who: Principal) -> Call:
        self.number += 1
        return Call(skill, {}, who, f"c{self.number}", place=Place(door="teams", key="k"), words=words, route="grammar")

    async def looked(self, who: Principal = ANNA, words: str = "check health of web-1") -> None:
        await self.record.read(self.call(words, "instances.health", who), Nothing(), (WEB,))

    async def changed(
        self, verb: str = "stop", target: Target = WEB, who: Principal = ANNA, by: Principal | None = None, end: str = "succeeded"
    ) -> None:
        """Asked, decided, run."""
        call = self.call(f"{verb} {target.name}", f"instances.{verb}", who)
        now = datetime.now(UTC)
        done = Action(
            id=f"a{self.number}",
            skill=call.skill,
            arguments={},
            digest=digest(call.skill, {}, (target,)),
            principal=who,
            correlation=call.correlation,
            targets=(target,),
            words=call.words,
            state=ActionState.FAILED if end == "failed" else ActionState.SUCCEEDED,
            failure=FAILED if end == "failed" else None,
            created_at=now,
            expires_at=now,
        )
        await self.record.asked(call, done)
        if end == "declined":
            await self.record.decision("declined", done, by or who)
            return
        await self.record.decision("approved" if by else "confirmed", done, by or who)
        await self.record.effect("started", done)
        await self.record.effect(end, done)

    async def everybody(self, **asked: Any) -> AuditHistory:
        result = await history.run(Everybody(**asked), history=SqlHistory(self.database))
        assert problems(view.history(result)) == []
        return result

    async def own(self, who: Principal = ANNA, **asked: Any) -> AuditHistory:
        caller = Person(name=who.label, key=who.key)
        return await mine.run(Own(**asked), history=SqlHistory(self.database), caller=caller)


@pytest.fixture
async def past() -> AsyncIterator[Past]:
    database = Database("sqlite://")
    await database.run(ensure)
    yield Past(database)
    await database.close()


def told(result: AuditHistory) -> list[tuple[str, str, str]]:
    return [(deed.person, deed.skill, deed.outcome) for deed in result.deeds]


async def test_a_change_is_one_deed_however_many_rows_it_has(past: Past) -> None:
    await past.changed(by=BEN)
    (deed,) = (await past.everybody()).deeds
    assert (deed.person, deed.principal, deed.door) == ("Anna", ANNA.key, "teams")
    assert (deed.skill, deed.words, deed.outcome) == ("instances.stop", "stop web-1", "succeeded")
    assert [(one.id, one.name) for one in deed.targets] == [("i-1", "web-1")]
    assert [(word.person, word.said) for word in deed.decisions] == [("Ben", "approved")]
    assert deed.ended_at is not None


async def test_who_stopped_it_is_answered_by_instance_and_deed(past: Past) -> None:
    await past.changed("stop", WEB, ANNA)
    await past.changed("start", WEB, BEN)
    await past.changed("stop", DB, BEN)
    assert told(await past.everybody(instances=["i-1"], did="stopped")) == [("Anna", "instances.stop", "succeeded")]
    assert told(await past.everybody(instances=["i-1"], did="changed")) == [
        ("Ben", "instances.start", "succeeded"),
        ("Anna", "instances.stop", "succeeded"),
    ]
    assert (await past.everybody(instances=["i-1"])).about() == ("i-1",)
    assert told(await past.everybody(instances=["i-3"])) == []


async def test_reads_are_left_out_unless_they_are_asked_for(past: Past) -> None:
    await past.looked()
    await past.record.refused(past.call("x", "instances.list", ANNA), Forbidden("away"), event="failed")
    await past.changed(end="failed")
    assert told(await past.everybody()) == [("Anna", "instances.stop", "failed")]
    assert len((await past.everybody(reads=True)).deeds) == 3
    assert len((await past.own()).deeds) == 3


async def test_how_it_ended_is_told_with_the_reason(past: Past) -> None:
    await past.changed(end="failed")
    await past.changed(end="declined")
    await past.record.refused(past.call("stop web-1", "instances.stop", BEN), Forbidden("You may not stop it."), targets=(WEB,))
    found = await past.everybody(instances=["i-1"])
    assert [(deed.outcome, deed.why) for deed in found.deeds] == [
        ("refused", "You may not stop it."),
        ("declined", ""),
        ("failed", "AWS did not permit it."),
    ]


async def test_own_shows_what_the_caller_asked_or_decided_and_nothing_else(past: Past) -> None:
    await past.changed("stop", WEB, ANNA)
    await past.changed("start", WEB, BEN)
    await past.changed("reboot", WEB, BEN, by=ANNA)
    assert [(deed.person, deed.skill) for deed in (await past.own()).deeds] == [
        ("Ben", "instances.reboot"),
        ("Anna", "instances.stop"),
    ]
    other = Principal(kind="teams", id="anna", tenant="t2", name="Anna")
    assert told(await past.own(other)) == []


async def test_a_name_is_found_in_any_case_and_means_nothing_to_the_database(past: Past) -> None:
    await past.changed("stop", WEB, ANNA)
    await past.changed("start", WEB, BEN)
    assert told(await past.everybody(person="anNA")) == [("Anna", "instances.stop", "succeeded")]
    for odd in ("%", "_", "' OR 1=1 --"):
        assert told(await past.everybody(person=odd)) == []


async def test_days_and_windows_are_of_utc(past: Past) -> None:
    now = datetime.now(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for ago in (timedelta(), now - midnight + timedelta(hours=1), timedelta(days=3), timedelta(days=40)):
        past.ago = ago
        await past.changed()
    assert len((await past.everybody(day="today")).deeds) == 1
    assert len((await past.everybody(day="yesterday")).deeds) == 1
    assert len((await past.everybody(window="4d")).deeds) == 3
    assert len((await past.everybody()).deeds) == 3
    assert len((await past.everybody(window="90d")).deeds) == 4


async def test_pages_are_turned_with_buttons_that_ask_the_same(past: Past) -> None:
    for _ in range(5):
        await past.changed()
    first = await past.everybody(page_size=2, did="stopped")
    assert (len(first.deeds), first.more) == (2, True)
    (older,) = view.history(first)["actions"]
    assert older["data"]["run"] == {"skill": "audit.history", "arguments": {"page_size": 2, "did": "stopped", "page": 2}}
    last = await past.everybody(page_size=2, page=3)
    assert (len(last.deeds), last.more) == (1, False)
    assert len({deed.id for page in (1, 2, 3) for deed in (await past.everybody(page_size=2, page=page)).deeds}) == 5


async def test_by_skill_or_by_noun(past: Past) -> None:
    await past.changed("stop")
    await past.changed("start")
    assert len((await past.everybody(skill="instances.stop")).deeds) == 1
    assert len((await past.everybody(skill="instances")).deeds) == 2
    assert told(await past.everybody(skill="instance")) == []


async def test_an_old_row_without_names_is_shown_by_what_it_has(past: Past) -> None:
    from gate.records import AuditEntry

    old = AuditEntry(
        at=datetime.now(UTC), principal="teams:t1/x", event="asked", skill="x.y", correlation="c", body={"targets": ["i-9"]}
    )
    await SqlAudit(past.database).append(old)
    (deed,) = (await past.everybody(instances=["i-9"])).deeds
    assert (deed.person, deed.targets[0].id, deed.outcome) == ("teams:t1/x", "i-9", "asked")


async def test_the_card_quotes_what_was_said_and_says_when_there_is_nothing(past: Past) -> None:
    assert any("nothing of that kind" in text for text in texts(view.history(await past.everybody())))
    await past.changed(by=BEN)
    shown = list(texts(view.history(await past.everybody(instances=["i-1"]))))
    assert "“stop web-1”" in shown
    assert "on web-1" in shown
    assert "Ben approved" in shown


@pytest.mark.parametrize("wrong", [{"window": "0s"}, {"page": 0}, {"page_size": 51}, {"day": "monday"}, {"did": "deleted"}])
def test_arguments_that_mean_nothing_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Everybody(**wrong)


@pytest.mark.parametrize(
    ("words", "skill", "arguments"),
    [
        ("who stopped web-1?", "audit.history", {"did": "stopped", "instances": ["web-1"]}),
        (
            "Who rebooted the staging boxes yesterday?",
            "audit.history",
            {"did": "rebooted", "instances": ["the staging boxes"], "day": "yesterday"},
        ),
        ("what did anyone do to web-1 today?", "audit.history", {"instances": ["web-1"], "day": "today"}),
        ("what did everybody do to web-1 in the last 6h", "audit.history", {"instances": ["web-1"], "window": "6h"}),
        ("what did Ben do to web-1", "audit.history", {"person": "Ben", "instances": ["web-1"]}),
        ("who stopped it?", "audit.history", {"did": "stopped", "instances": ["i-1"]}),
        ("what happened in the last 6h", "audit.history", {"window": "6h"}),
        ("show me the audit trail please", "audit.history", {}),
        ("my last commands", "audit.mine", {}),
        ("please show me my last commands", "audit.mine", {}),
        ("what did I do yesterday?", "audit.mine", {"day": "yesterday"}),
    ],
)
def test_questions_about_the_past_ask_the_record(words: str, skill: str, arguments: dict[str, Any]) -> None:
    assert Grammar(CATALOGUE).parse(words, ("i-1",)) == Route(skill, arguments, "grammar")


@pytest.mark.parametrize(
    "words", ["who should stop web-1", "who stopped", "who can stop web-1?", "stop web-1 yesterday", "who wants to stop web-1"]
)
def test_what_only_looks_like_it_does_nothing(words: str) -> None:
    outcome = Grammar(CATALOGUE).parse(words)
    assert not isinstance(outcome, Route) or CATALOGUE.get(outcome.skill).risk is Risk.READ
