"""Whoever is not Teams, or not for us, is told so with 401 or 403, never with 500, and nothing is kept or done."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from bot.fake.issuer import FakeIssuer
from bot.fake.teams import APP, TENANT
from bot.teams import keys as rings
from bot.teams.keys import KeyRing, NoKeys
from bot.teams.refusal import Refusal
from bot.teams.settings import TeamsSettings
from bot.teams.verification import Verifier
from bot.teams.web import Web
from tests.unit.bot.teams.conftest import Build, Stage, settings


def unsigned(claims: dict[str, Any], header: dict[str, Any]) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims)]
    return ".".join([*parts, ""])


async def refused(stage: Stage, token: str, status: int, code: str, **changes: Any) -> None:
    got, body = await stage.teams.post(stage.teams.activity(text="stop web-1", **changes), token=token)
    assert (got, body["error"]["code"]) == (status, code), body
    assert body["status"] == "error"
    await stage.settled()
    assert not stage.chat.said
    assert not await stage.inbox("next").left()


def claims(stage: Stage, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    body = {"iss": stage.issuer.issuer, "aud": APP, "exp": now + 600, "nbf": now, "serviceurl": stage.connector.url}
    return {**body, **changes}


async def test_no_or_another_credential_is_401(stage: Stage) -> None:
    await refused(stage, "", 401, "UNAUTHENTICATED")
    status, body = await stage.teams.post(stage.teams.activity(), token="", Authorization="Basic YTpi")
    assert (status, body["error"]["code"]) == (401, "UNAUTHENTICATED")
    await refused(stage, "not-a-token", 401, "INVALID_TOKEN")
    await refused(stage, "a.b.c", 401, "INVALID_TOKEN")


async def test_a_forged_token_is_401(stage: Stage) -> None:
    kid = stage.issuer.kid
    public = stage.issuer.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    await refused(stage, unsigned(claims(stage), {"alg": "none", "kid": kid}), 401, "INVALID_TOKEN")
    header = {"alg": "HS256", "kid": kid, "typ": "JWT"}
    encode = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims(stage))]
    # PyJWT itself refuses to sign with a public key; an attacker's hand does not.
    mac = base64.urlsafe_b64encode(hmac.new(public, b".".join(encode), hashlib.sha256).digest()).rstrip(b"=")
    await refused(stage, b".".join([*encode, mac]).decode(), 401, "INVALID_TOKEN")
    other = rsa.generate_private_key(65537, 2048)
    await refused(stage, stage.issuer.token(APP, stage.connector.url, key=other), 401, "INVALID_TOKEN")
    good = stage.issuer.token(APP, stage.connector.url)
    head, _, tail = good.split(".")
    swapped = base64.urlsafe_b64encode(json.dumps(claims(stage, aud=APP, exp=int(time.time()) + 9999)).encode()).rstrip(b"=")
    await refused(stage, f"{head}.{swapped.decode()}.{tail}", 401, "INVALID_TOKEN")


async def test_a_token_made_to_break_the_parser_is_401(stage: Stage) -> None:
    deep = base64.urlsafe_b64encode(("[" * 3000).encode()).decode().rstrip("=")
    await refused(stage, f"{deep}.{deep}.x", 401, "INVALID_TOKEN")
    for header in ([1], "text", {"alg": "RS256"}, {"alg": "RS256", "kid": 7}, {"alg": 5, "kid": stage.issuer.kid}):
        await refused(stage, unsigned(claims(stage), header), 401, "INVALID_TOKEN")  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "wrong",
    [
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"exp": "tomorrow"},
        {"nbf": int(time.time()) + 3600},
        {"aud": "somebody-else"},
        {"aud": None},
        {"iss": "https://sts.windows.net/evil/"},
        {"iss": None},
    ],
    ids=["expired", "no expiry", "odd expiry", "not yet", "audience", "no audience", "issuer", "no issuer"],
)
async def test_a_token_not_for_us_or_not_now_is_401(stage: Stage, wrong: dict[str, Any]) -> None:
    # PyJWT refuses to make a token with an odd expiry, so its claims are signed by hand.
    if isinstance(wrong.get("exp"), str):
        payload = json.dumps(claims(stage, **wrong)).encode()
        token = jwt.api_jws.encode(payload, stage.issuer.key, algorithm="RS256", headers={"kid": stage.issuer.kid})
    else:
        token = stage.issuer.token(APP, stage.connector.url, **wrong)
    await refused(stage, token, 401, "INVALID_TOKEN")


async def test_clocks_may_be_five_minutes_apart(stage: Stage) -> None:
    late = stage.issuer.token(APP, stage.connector.url, exp=int(time.time()) - 240, nbf=int(time.time()) - 4000)
    assert (await stage.teams.post(stage.teams.activity(text="hi"), token=late))[0] == 202


async def test_a_token_without_or_for_another_service_url_is_403(stage: Stage) -> None:
    await refused(stage, stage.issuer.token(APP, stage.connector.url, serviceurl=None), 403, "SERVICE_URL")
    await refused(stage, stage.issuer.token(APP, "http://127.0.0.1:9"), 403, "SERVICE_URL")


@pytest.mark.parametrize(
    "url",
    [
        "http://smba.trafficmanager.net/amer/",
        "https://evil.example/",
        "https://smba.trafficmanager.net.evil.example/",
        "https://smba.trafficmanager.net@evil.example/",
        "https://smba.trafficmanager.net:8443/",
        "http://169.254.169.254/metadata",
        "https://[::ffff:169.254.169.254]/",
        "http://[::1",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
    ],
)
async def test_a_connector_that_is_not_teams_is_403_and_never_asked(stage: Stage, url: str) -> None:
    await refused(stage, stage.issuer.token(APP, url), 403, "SERVICE_URL", serviceUrl=url)
    assert not stage.connector.sent


def test_teams_own_connectors_are_trusted_and_loopback_only_in_development(issuer: FakeIssuer) -> None:
    production = settings(issuer, development=False)
    assert production.trusts("https://smba.trafficmanager.net/emea/")
    assert not production.trusts("http://127.0.0.1:56150/_connector")
    assert settings(issuer).trusts("http://127.0.0.1:56150/_connector")
    assert settings(issuer, service_hosts=(".example.org",)).trusts("https://a.example.org/")


async def test_another_channel_is_403(stage: Stage) -> None:
    token = stage.issuer.token(APP, stage.connector.url)
    await refused(stage, token, 403, "CHANNEL", channelId="directline")


async def test_a_key_that_is_not_endorsed_for_teams_is_403(stage: Stage) -> None:
    stage.issuer.endorsements = ("webchat",)
    await refused(stage, stage.issuer.token(APP, stage.connector.url), 403, "ENDORSEMENT")


async def test_a_foreign_or_missing_tenant_is_403(stage: Stage) -> None:
    token = stage.issuer.token(APP, stage.connector.url)
    foreign = "f0f0f0f0-0000-4000-8000-000000000666"
    await refused(stage, token, 403, "TENANT", channelData={"tenant": {"id": foreign}})
    await refused(stage, token, 403, "TENANT", channelData=None)
    await refused(stage, token, 403, "TENANT", conversation={"id": "a:1", "tenantId": foreign})


async def test_any_tenant_is_taken_only_when_that_is_said(build: Build) -> None:
    stage = await build(app_type="MultiTenant", tenants=("*",))
    foreign = "f0f0f0f0-0000-4000-8000-000000000666"
    activity = stage.teams.activity(text="hi", channelData={"tenant": {"id": foreign}}, conversation={"id": "a:1"})
    assert (await stage.teams.post(activity))[0] == 202
    with pytest.raises(ValueError, match="tenants is needed"):
        TeamsSettings(app_id=APP, app_type="MultiTenant")


async def test_a_rotated_key_is_fetched_once_and_a_flood_of_unknown_ones_too(stage: Stage) -> None:
    assert (await stage.teams.say("before"))[0] == 202
    assert stage.issuer.fetches == 1
    for number in range(20):
        await refused_kid(stage, f"invented-{number}")
    assert stage.issuer.fetches == 2  # the emulator's issuer, which is the same here, was asked once too
    rewind(stage)
    stage.issuer.rotate()
    assert (await stage.teams.say("after"))[0] == 202
    assert stage.issuer.fetches == 3


async def refused_kid(stage: Stage, kid: str) -> None:
    status, _ = await stage.teams.post(stage.teams.activity(), token=stage.issuer.token(APP, stage.connector.url, kid=kid))
    assert status == 401


def rewind(stage: Stage) -> None:
    """As if the last fetch was a minute ago."""
    verifier: Any = stage.door._verifier  # pyright: ignore[reportPrivateUsage]
    for ring in (verifier._framework, verifier._entra):
        if ring:
            ring._tried -= 60


async def test_with_the_metadata_down_cached_keys_serve_and_an_unknown_one_is_503(stage: Stage) -> None:
    assert (await stage.teams.say("before"))[0] == 202
    stage.issuer.down = True
    rewind(stage)
    assert (await stage.teams.say("cached"))[0] == 202
    token = stage.issuer.token(APP, stage.connector.url, kid="new")
    status, body = await stage.teams.post(stage.teams.activity(), token=token)
    assert (status, body["error"]["code"], body["error"]["retry_after"]) == (503, "KEYS_UNAVAILABLE", 5)


async def test_without_any_keys_it_is_503_not_500(stage: Stage) -> None:
    stage.issuer.down = True
    status, body = await stage.teams.say("hi")
    assert (status, body["error"]["code"]) == (503, "KEYS_UNAVAILABLE")
    stage.issuer.down = False
    rewind(stage)
    assert (await stage.teams.say("hi"))[0] == 202


async def test_a_token_that_was_verified_is_good_only_while_it_and_its_key_are(stage: Stage) -> None:
    token = stage.issuer.token(APP, stage.connector.url, exp=int(time.time()) - 298)  # its last seconds
    for _ in range(2):
        assert (await stage.teams.post(stage.teams.activity(text="hi"), token=token))[0] == 202
    other = stage.teams.activity(text="hi", channelData={"tenant": {"id": "foreign"}})
    assert (await stage.teams.post(other, token=token))[0] == 403  # what ties it to the activity is checked every time
    await asyncio.sleep(3.1)
    assert (await stage.teams.post(stage.teams.activity(text="hi"), token=token))[0] == 401
    token = stage.issuer.token(APP, stage.connector.url)
    assert (await stage.teams.post(stage.teams.activity(text="hi"), token=token))[0] == 202
    stage.issuer.rotate()
    rewind(stage)
    assert (await stage.teams.say("with the new key"))[0] == 202
    assert (await stage.teams.post(stage.teams.activity(text="hi"), token=token))[0] == 401


async def test_old_keys_are_used_while_fresh_ones_are_fetched(issuer: FakeIssuer) -> None:
    now, client = [0.0], Web()
    ring = KeyRing(issuer.metadata_url, client, clock=lambda: now[0])
    assert await ring.find(issuer.kid) is not None
    for _ in range(50):
        assert ring.peek(issuer.kid) is not None
    assert issuer.fetches == 1
    old = issuer.kid
    issuer.rotate()
    now[0] = 25 * 3600.0
    assert ring.peek(old) is not None  # at once, and the fetch goes on behind it
    assert await ring.find(issuer.kid)
    assert ring.peek(issuer.kid) is not None
    assert ring.peek(old) is None
    assert issuer.fetches == 2
    await client.close()


@pytest.mark.parametrize(
    "document", [{"keys": []}, {"keys": [{"kty": "EC"}]}, {"keys": 5}, [], {"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}]
)
async def test_a_key_document_that_makes_no_sense_keeps_what_there_was(
    issuer: FakeIssuer, document: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, client = [0.0], Web()
    ring = KeyRing(issuer.metadata_url, client, clock=lambda: now[0])
    await ring.find(issuer.kid)

    async def broken(url: str) -> Any:
        return {"jwks_uri": "x"} if url == issuer.metadata_url else document

    monkeypatch.setattr(ring, "_get", broken)
    now[0] = 60.0
    with pytest.raises(NoKeys):
        await ring.find("unknown")
    assert ring.peek(issuer.kid) is not None
    await client.close()


def test_short_keys_are_not_used() -> None:
    weak: Any = rsa.generate_private_key(65537, 1024)  # the point of the test
    entry = json.loads(RSAAlgorithm.to_jwk(weak.public_key()))
    with pytest.raises(ValueError, match="no usable key"):
        rings._keys({"keys": [{**entry, "kid": "weak"}]})  # pyright: ignore[reportPrivateUsage]


async def test_tokens_of_entra_need_a_known_caller_of_our_tenant(build: Build) -> None:
    async with FakeIssuer(issuer=f"https://sts.windows.net/{TENANT}/", endorsements=()) as entra:
        entra.rotate()
        stage = await build(entra_metadata=entra.metadata_url, entra_callers=("agent-app",), app_password="x")
        ok = entra.token(APP, "", serviceurl=None, appid="agent-app")
        assert (await stage.teams.post(stage.teams.activity(text="hi"), token=ok))[0] == 202
        for wrong in ("any-other-app", None):
            token = entra.token(APP, "", serviceurl=None, appid=wrong)
            status, body = await stage.teams.post(stage.teams.activity(), token=token)
            assert (status, body["error"]["code"]) == (403, "CALLER")
        foreign = entra.token(APP, "", iss="https://sts.windows.net/other/", appid="agent-app")
        assert (await stage.teams.post(stage.teams.activity(), token=foreign))[0] == 401
        # A key of Entra does not speak for the Bot Framework.
        mixed = entra.token(APP, stage.connector.url, iss=stage.issuer.issuer)
        assert (await stage.teams.post(stage.teams.activity(), token=mixed))[0] == 401


def test_tokens_of_entra_are_not_accepted_unless_asked_for(issuer: FakeIssuer) -> None:
    assert settings(issuer, development=False).entra_url == ""
    assert settings(issuer, development=False, entra_callers=("agent-app",)).entra_url
    assert settings(issuer).accepted_callers == (APP,)  # the emulator uses the bot's own credentials


async def test_without_an_app_id_the_door_is_closed(build: Build) -> None:
    stage = await build(app_id="", development=False)
    status, body = await stage.teams.say("hi")
    assert (status, body["error"]["code"]) == (403, "TEAMS_CLOSED")
    assert "set the bot's app id" in body["error"]["message"]


async def test_without_a_token_activities_are_taken_in_development_only(build: Build) -> None:
    stage = await build(app_id="", development=False, allow_unauthenticated=True, app_password="")
    assert (await stage.teams.post(stage.teams.activity(text="hi"), token=""))[0] == 202
    (sent,) = await stage.connector.wait(1)
    assert sent.authorization == ""
    assert (await stage.teams.say("a token nobody can check"))[0] == 401


async def test_development_needs_a_loopback_address_and_peer(issuer: FakeIssuer) -> None:
    for flag in ("development", "allow_unauthenticated"):
        chosen = settings(issuer, **{"development": False, flag: True})
        for host in ("0.0.0.0", "", "::", "10.0.0.5", "bot.example.org"):
            with pytest.raises(ValueError, match="loopback"):
                chosen.check_bind(host)
        for host in ("127.0.0.1", "::1", "localhost"):
            chosen.check_bind(host)
    settings(issuer, development=False).check_bind("0.0.0.0")
    client = Web()
    verifier = Verifier(settings(issuer, allow_unauthenticated=True), client)
    with pytest.raises(Refusal) as refusal:
        await verifier.token("", "10.0.0.5")
    assert refusal.value.status == 403
    await client.close()


async def test_a_door_tells_its_credentials_from_other_doors(stage: Stage) -> None:
    def request(authorization: str) -> web.Request:
        headers = {"Authorization": authorization} if authorization else {}
        return make_mocked_request("POST", "/api/messages", headers=headers)

    assert stage.door.recognises(request(f"Bearer {stage.issuer.token(APP, stage.connector.url)}"))
    assert not stage.door.recognises(request("Bearer chatops_0123456789"))
    assert not stage.door.recognises(request(f"Bearer {jwt.encode({'iss': 'us'}, 'k' * 32, algorithm='HS256')}"))
    assert not stage.door.recognises(request("Basic YTpi"))
    assert not stage.door.recognises(request(""))
