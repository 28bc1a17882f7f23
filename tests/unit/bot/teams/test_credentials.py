from __future__ import annotations

import asyncio
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.fake.issuer import FakeIssuer
from bot.fake.teams import APP, TENANT
from bot.teams.credentials import Tokens, credentials
from bot.teams.settings import TeamsSettings
from bot.teams.web import Web
from skills.kit.errors import Unavailable
from tests.unit.bot.teams.conftest import settings


async def grant(issuer: FakeIssuer, chosen: TeamsSettings, environment: dict[str, str] | None = None) -> tuple[str, float]:
    client = Web()
    fetch = credentials(chosen, client, environment or {})
    assert fetch
    try:
        return await fetch()
    finally:
        await client.close()


async def test_a_password_is_exchanged_for_a_token(issuer: FakeIssuer) -> None:
    assert await grant(issuer, settings(issuer)) == ("connector-1", 3600.0)
    assert issuer.grants == [
        {
            "grant_type": "client_credentials",
            "client_id": APP,
            "client_secret": "s3cr3t-value",
            "scope": "https://api.botframework.com/.default",
        }
    ]


async def test_a_certificate_signs_an_assertion(issuer: FakeIssuer, tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path / "bot.pem"
    file.write_bytes(pem)
    await grant(issuer, settings(issuer, app_password="", certificate=file, certificate_thumbprint="AB:CD:EF"))
    (form,) = issuer.grants
    assertion = form["client_assertion"]
    claims = jwt.decode(assertion, key.public_key(), algorithms=["RS256"], audience=issuer.token_url)
    assert (claims["iss"], claims["sub"]) == (APP, APP)
    assert jwt.get_unverified_header(assertion)["x5t"] == "q83v"
    assert "client_secret" not in form


async def test_a_certificate_that_cannot_be_read_is_named(issuer: FakeIssuer, tmp_path: Path) -> None:
    chosen = settings(issuer, app_password="", certificate=tmp_path / "missing.pem", certificate_thumbprint="AB")
    with pytest.raises(Unavailable) as error:
        await grant(issuer, chosen)
    assert "missing.pem" in error.value.details


async def test_a_managed_identity_is_asked_where_azure_says(issuer: FakeIssuer) -> None:
    chosen = settings(issuer, app_type="ManagedIdentity", app_password="")
    await grant(issuer, chosen)  # the metadata service of a virtual machine, here by token_url
    await grant(issuer, chosen, {"IDENTITY_ENDPOINT": issuer.token_url, "IDENTITY_HEADER": "h"})
    assert [form["api-version"] for form in issuer.grants] == ["2018-02-01", "2019-08-01"]
    assert all(form["resource"] == "https://api.botframework.com" and form["client_id"] == APP for form in issuer.grants)


async def test_a_token_endpoint_that_is_down_is_tried_again_then_said(issuer: FakeIssuer) -> None:
    issuer.down = True
    with pytest.raises(Unavailable) as error:
        await grant(issuer, settings(issuer))
    assert "503" in error.value.details
    assert "s3cr3t-value" not in str(error.value.__dict__)


def test_the_clouds_differ() -> None:
    public = TeamsSettings(app_id=APP, tenant_id=TENANT, app_password="x")  # pyright: ignore[reportArgumentType]
    assert public.login_url == f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token"
    many = TeamsSettings(app_id=APP, tenants=("t",), app_type="MultiTenant", app_password="x")  # pyright: ignore[reportArgumentType]
    assert many.login_url == "https://login.microsoftonline.com/botframework.com/oauth2/v2.0/token"
    gov = TeamsSettings(app_id=APP, tenant_id=TENANT, cloud="usgov", app_password="x")  # pyright: ignore[reportArgumentType]
    assert (gov.scope, gov.accepted_issuers) == ("https://api.botframework.us", ("https://api.botframework.us",))
    assert "x" not in repr(public.app_password)


class Source:
    """Hands out numbered tokens; `fail` makes the next fetch fail."""

    def __init__(self) -> None:
        self.count = 0
        self.fail = False

    async def __call__(self) -> tuple[str, float]:
        await asyncio.sleep(0.005)
        self.count += 1
        if self.fail:
            raise Unavailable("down", part="teams")
        return f"token-{self.count}", 3600.0


async def test_a_token_is_fetched_once_and_renewed_before_its_end_without_anybody_waiting() -> None:
    now, source = [0.0], Source()
    tokens = Tokens(source, clock=lambda: now[0])
    assert set(await asyncio.gather(*(tokens.get() for _ in range(50)))) == {"token-1"}
    assert source.count == 1
    now[0] = 3100.0
    assert await tokens.get() == "token-1"  # ten minutes before the end: renewed behind the caller
    await asyncio.sleep(0.02)
    assert await tokens.get() == "token-2"
    now[0] = 3100.0 + 3600.0
    assert await tokens.get() == "token-3"  # it has ended: waited for


async def test_a_renewal_that_fails_does_not_hurt_while_the_token_is_valid() -> None:
    now, source = [0.0], Source()
    tokens = Tokens(source, clock=lambda: now[0])
    await tokens.get()
    source.fail = True
    now[0] = 3100.0
    assert await tokens.get() == "token-1"
    await asyncio.sleep(0.02)
    assert await tokens.get() == "token-1"
    assert source.count == 2  # not again at once
    now[0] = 3600.0
    with pytest.raises(Unavailable):
        await tokens.get()
