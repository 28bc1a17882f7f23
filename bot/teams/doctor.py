"""Finds out whether Teams' messages can be verified and answered: the door, the signing keys, a token for the connector."""

from __future__ import annotations

import asyncio

from bot.teams.credentials import credentials
from bot.teams.keys import KeyRing, NoKeys
from bot.teams.settings import TeamsSettings
from bot.teams.web import Web
from skills.kit.errors import Unavailable
from skills.kit.ports.probe import Finding, Probe

_CREDENTIAL = {
    "ManagedIdentity": "Run where the managed identity is assigned, and check OPS_TEAMS__MANAGED_IDENTITY_CLIENT_ID.",
    "certificate": "Check OPS_TEAMS__CERTIFICATE, its thumbprint, and that it is uploaded to the app's registration.",
    "password": "Check OPS_TEAMS__APP_ID, OPS_TEAMS__TENANT_ID and that the secret OPS_TEAMS__APP_PASSWORD has not expired.",
}


async def probe(settings: TeamsSettings, seconds: float = 20) -> list[Probe]:
    """The door, the keys activities are signed with, and a token to answer with; no message is sent.

    seconds: for each of the two requests. A closed door is one warning, as nothing else is needed then.
    """
    if not settings.is_open:
        what = "the door is closed: no app id is set"
        remedy = "To serve Teams, register a bot (docs/teams.md) and set OPS_TEAMS__APP_ID."
        return [Probe(name="teams door", finding=Finding.WARN, what=what, remedy=remedy)]
    web = Web()
    try:
        return [_door(settings), *await asyncio.gather(_keys(settings, web, seconds), _token(settings, web, seconds))]
    finally:
        await web.close()


def _door(settings: TeamsSettings) -> Probe:
    name = "teams door"
    if settings.allow_unauthenticated:
        what = "open to anybody on this machine, without a token"
        remedy = "For Teams, unset OPS_TEAMS__ALLOW_UNAUTHENTICATED."
        return Probe(name=name, finding=Finding.WARN, what=what, remedy=remedy)
    if settings.development:
        what = f"open for app {settings.app_id}, with tokens of the emulator accepted"
        return Probe(name=name, finding=Finding.WARN, what=what, remedy="For Teams, unset OPS_TEAMS__DEVELOPMENT.")
    admitted = "any tenant" if settings.tenants == ("*",) else ", ".join(settings.tenants or (settings.tenant_id,))
    return Probe(name=name, finding=Finding.OK, what=f"open for app {settings.app_id}, people of {admitted}")


async def _keys(settings: TeamsSettings, web: Web, seconds: float) -> Probe:
    name, ring = "teams signing keys", KeyRing(settings.metadata_url, web)
    try:
        async with asyncio.timeout(seconds):
            await ring.find("")
    except (NoKeys, TimeoutError) as error:
        what = (
            f"not fetched: {error}" if isinstance(error, NoKeys) else f"{settings.metadata_url} did not answer in {seconds:g} s"
        )
        remedy = "Let this machine reach that address over https; without the keys every message from Teams is refused."
        return Probe(name=name, finding=Finding.FAIL, what=what, remedy=remedy)
    finally:
        await ring.close()
    return Probe(name=name, finding=Finding.OK, what=f"fetched from {settings.metadata_url}")


async def _token(settings: TeamsSettings, web: Web, seconds: float) -> Probe:
    name, fetch = "teams token", credentials(settings, web)
    if fetch is None:
        what = "replies carry no token: there is no credential"
        return Probe(
            name=name, finding=Finding.WARN, what=what, remedy="For Teams, set OPS_TEAMS__APP_PASSWORD or a certificate."
        )
    kind = "certificate" if settings.certificate else "password"
    remedy = _CREDENTIAL.get(settings.app_type, _CREDENTIAL[kind])
    try:
        async with asyncio.timeout(seconds):
            _, lifetime = await fetch()
    except Unavailable as error:
        return Probe(name=name, finding=Finding.FAIL, what=f"not given: {error.details}", remedy=remedy)
    except TimeoutError:
        return Probe(name=name, finding=Finding.FAIL, what=f"no answer in {seconds:g} s", remedy=remedy)
    return Probe(name=name, finding=Finding.OK, what=f"given for {lifetime / 60:.0f} minutes")
