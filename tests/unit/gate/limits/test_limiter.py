from __future__ import annotations

from collections.abc import Sequence

import pytest

from gate.conversation import Inbound, Place
from gate.limits.limiter import Limiter, refusal
from gate.limits.memory import MemoryLimits
from gate.limits.rules import CLOSED, RULES, LimitSettings, Surface, said, windows
from gate.limits.window import Limits, Verdict, Window
from gate.principal import Principal
from skills.kit.errors import Unavailable
from tests.unit.gate.limits.moments import Clock

DOCUMENTED = {
    Surface.CHAT: ["10 requests per minute", "100 requests per minute per team", "20 requests per 10 seconds per team"],
    Surface.INCIDENT_ANALYSIS: ["100 requests per hour"],
    Surface.INCIDENTS: ["500 requests per hour"],
    Surface.AIOPS: ["100 requests per hour"],
    Surface.RUNTIME: ["1000 requests per minute in all", "100 requests per minute per address"],
    Surface.GOVERNANCE: [
        "1000 requests per minute in all",
        "100 requests per minute per address",
        "100 requests per minute",
    ],
}


class Away:
    """A Redis that is away, then back."""

    def __init__(self, behind: Limits) -> None:
        self.away, self._behind = True, behind

    async def take(self, windows: Sequence[Window]) -> Verdict:
        if self.away:
            raise Unavailable("Away.", part="limits")
        return await self._behind.take(windows)


def person(name: str, *, tenant: str = "t1") -> Principal:
    return Principal(kind="teams", id=name, tenant=tenant)


def inbound(principal: Principal, *, door: str = "teams", team: str = "", action: str = "") -> Inbound:
    value = {"action": action} if action else {}
    return Inbound(principal=principal, place=Place(door=door, key="p"), value=value, team=team, correlation="c")


@pytest.mark.parametrize("surface", DOCUMENTED)
def test_the_limits_are_the_documented_ones(surface: Surface):
    taken = windows(surface, LimitSettings(), user="u", team="t", address="a")
    assert [said(window) for window in taken] == DOCUMENTED[surface]


def test_every_surface_has_limits_and_every_setting_is_one_of_them():
    assert set(RULES) == set(Surface)
    numbers = {name for name, field in LimitSettings.model_fields.items() if field.annotation is int} - {"proxies"}
    assert {rule.name for rules in RULES.values() for rule in rules} == numbers


def test_windows_of_one_name_have_one_length():
    lengths = {(rule.name, rule.seconds) for rules in RULES.values() for rule in rules}
    assert len(lengths) == len({name for name, _ in lengths})


async def test_a_person_has_ten_messages_a_minute_and_a_refusal_says_when_the_next_one_is():
    limiter = Limiter(LimitSettings())
    for _ in range(10):
        assert (await limiter.message(inbound(person("anna")))).allowed
    verdict = await limiter.message(inbound(person("anna"), team="ops"))

    error = refusal(verdict)
    assert (error.what, error.details) == (
        "Too many requests: at most 10 requests per minute.",
        "Rate limit: 10 requests per minute",
    )
    assert 59 < error.retry_after <= 60
    assert error.remedy == "Try again in 60 seconds."


async def test_a_remedy_rounds_up_so_that_it_is_never_too_early():
    window = windows(Surface.CHAT, LimitSettings(), user="u", team="t", address="")[0]
    assert refusal(Verdict(False, window, 0, 9.0, 4.1)).remedy == "Try again in 5 seconds."
    assert refusal(Verdict(False, window, 0, 9.0, 0.2)).remedy == "Try again in 1 second."


async def test_a_team_has_twenty_messages_in_ten_seconds_whoever_writes_them():
    limiter = Limiter(LimitSettings())
    verdicts = [await limiter.message(inbound(person(f"p{n}"), team="ops")) for n in range(21)]
    assert [verdict.allowed for verdict in verdicts] == [True] * 20 + [False]
    assert verdicts[-1].window.name == "chat_burst"
    assert (await limiter.message(inbound(person("p21"), team="web"))).allowed


async def test_the_teams_window_is_full_after_a_hundred_and_the_burst_is_then_over():
    clock = Clock()
    limiter = Limiter(LimitSettings(), MemoryLimits(clock=clock))
    for n in range(100):
        assert (await limiter.message(inbound(person(f"p{n % 25}"), team="ops"))).allowed
        clock.wait(0.5)
    verdict = await limiter.message(inbound(person("new"), team="ops"))
    assert (verdict.allowed, verdict.window.name, verdict.retry_after) == (False, "chat_team", 10)


async def test_those_without_a_team_share_their_organisation_and_programs_the_service():
    limiter = Limiter(LimitSettings())
    for n in range(20):
        await limiter.message(inbound(person(f"p{n}")))
    assert not (await limiter.message(inbound(person("p20")))).allowed
    assert (await limiter.message(inbound(person("p20", tenant="t2")))).allowed
    for n in range(20):
        await limiter.message(inbound(Principal(kind="key", id=f"k{n}"), door="api"))
    refused = await limiter.message(inbound(Principal(kind="key", id="k20"), door="api"))
    assert (refused.allowed, refused.window.key) == (False, "api:service")


async def test_whoever_used_up_their_messages_can_still_answer_and_stop():
    limiter = Limiter(LimitSettings())
    for _ in range(11):
        await limiter.message(inbound(person("anna"), team="ops"))
    clicks = [await limiter.message(inbound(person("anna"), team="ops", action="confirm_a1")) for _ in range(59)]
    assert all(verdict.allowed for verdict in clicks)
    assert (await limiter.message(inbound(person("anna"), action="cancel_a1"))).allowed
    assert not (await limiter.message(inbound(person("anna"), action="confirm_a1"))).allowed


async def test_a_refusal_is_said_once_in_the_length_of_its_window():
    clock = Clock()
    limiter = Limiter(LimitSettings(chat_user=1), MemoryLimits(clock=clock))
    await limiter.message(inbound(person("anna")))
    said = 0
    for _ in range(50):
        said += await limiter.notice(await limiter.message(inbound(person("anna"))))
        clock.wait(1)
    assert said == 1
    clock.wait(10)
    assert (await limiter.message(inbound(person("anna")))).allowed
    assert await limiter.notice(await limiter.message(inbound(person("anna"))))


async def test_while_nothing_can_be_counted_changes_are_refused_and_the_rest_is_counted_here():
    away = Away(MemoryLimits())
    limiter = Limiter(LimitSettings(), away)
    for action in ("confirm_a1", "approve_a1"):
        with pytest.raises(Unavailable):
            await limiter.message(inbound(person("anna"), action=action))
    assert (await limiter.message(inbound(person("anna"), action="cancel_a1"))).allowed
    verdicts = [await limiter.message(inbound(person("anna"))) for _ in range(11)]
    assert [verdict.allowed for verdict in verdicts] == [True] * 10 + [False]
    for surface in Surface:
        if surface in CLOSED:
            with pytest.raises(Unavailable):
                await limiter.take(surface, user="ben")
        else:
            assert (await limiter.take(surface, user="ben", team="x")).allowed
    away.away = False
    assert (await limiter.message(inbound(person("anna"), action="confirm_a1"))).allowed


async def test_numbers_can_be_changed():
    limiter = Limiter(LimitSettings(aiops=2))
    assert [(await limiter.take(Surface.AIOPS, user="u")).allowed for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize("wrong", [0, -1])
def test_a_limit_that_lets_nothing_pass_is_not_a_setting(wrong: int):
    with pytest.raises(ValueError):
        LimitSettings(chat_user=wrong)
