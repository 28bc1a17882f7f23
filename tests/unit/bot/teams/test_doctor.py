from __future__ import annotations

from typing import Any

from bot.fake.issuer import FakeIssuer
from bot.teams.doctor import probe
from bot.teams.settings import TeamsSettings
from skills.kit.ports.probe import Finding, Probe
from tests.unit.bot.teams.conftest import settings


async def found(issuer: FakeIssuer, seconds: float = 5, **changes: Any) -> dict[str, Probe]:
    return {one.name: one for one in await probe(settings(issuer, **changes), seconds)}


async def test_a_closed_door_is_one_warning_that_says_how_to_open_it() -> None:
    (only,) = await probe(TeamsSettings())
    assert only.finding is Finding.WARN
    assert "OPS_TEAMS__APP_ID" in only.remedy


async def test_keys_and_a_token_are_fetched_and_nothing_is_sent(issuer: FakeIssuer) -> None:
    probes = await found(issuer)
    assert {name: one.finding for name, one in probes.items()} == {
        "teams door": Finding.WARN,  # the tests' connector is on loopback, which needs the development flag
        "teams signing keys": Finding.OK,
        "teams token": Finding.OK,
    }
    assert issuer.fetches == 1
    assert len(issuer.grants) == 1
    assert "60 minutes" in probes["teams token"].what


async def test_a_real_door_says_for_whom_it_is_open(issuer: FakeIssuer) -> None:
    door = (await found(issuer, development=False, tenants=("t-1", "t-2")))["teams door"]
    assert door.finding is Finding.OK
    assert "t-1, t-2" in door.what


async def test_a_metadata_address_that_does_not_answer_is_a_failure_with_its_reason(issuer: FakeIssuer) -> None:
    keys = (await found(issuer, openid_metadata=f"{issuer.url}/nowhere"))["teams signing keys"]
    assert keys.finding is Finding.FAIL
    assert "404" in keys.what
    assert keys.remedy


async def test_a_refused_credential_says_which_setting_and_never_the_secret(issuer: FakeIssuer) -> None:
    token = (await found(issuer, token_url=f"{issuer.url}/nowhere"))["teams token"]
    assert token.finding is Finding.FAIL
    assert "OPS_TEAMS__APP_PASSWORD" in token.remedy
    assert "s3cr3t-value" not in str(token)


async def test_an_unreadable_certificate_is_said(issuer: FakeIssuer) -> None:
    token = (await found(issuer, app_password="", certificate="/nowhere.pem", certificate_thumbprint="AB"))["teams token"]
    assert token.finding is Finding.FAIL
    assert "OPS_TEAMS__CERTIFICATE" in token.remedy


async def test_it_gives_up_in_time(issuer: FakeIssuer) -> None:
    issuer.down = True  # a 503 is tried again, with pauses longer than the time there is
    token = (await found(issuer, seconds=0.2))["teams token"]
    assert token.finding is Finding.FAIL
    assert "0.2 s" in token.what


async def test_without_a_credential_replies_carry_no_token(issuer: FakeIssuer) -> None:
    probes = await found(issuer, app_id="", app_password="", allow_unauthenticated=True)
    assert probes["teams door"].finding is Finding.WARN
    assert probes["teams token"].finding is Finding.WARN
