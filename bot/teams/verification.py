"""Whether an activity really comes from Microsoft's Bot Framework, for our bot, from a tenant of ours.

A token's signature, issuer, audience and times are checked before the body is read; what ties the token to the activity
(channel, connector, tenant) after. No check needs the network, except when a key is not known yet.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
import structlog

from bot.teams.activity import Activity
from bot.teams.keys import Key, KeyRing, NoKeys
from bot.teams.refusal import Refusal
from bot.teams.settings import TeamsSettings, is_loopback
from bot.teams.web import Web

log = structlog.get_logger()

LEEWAY = 300.0
"""Seconds two clocks may be apart; what the Bot Framework's documentation allows."""

_KNOWN = 1_000
_CHANNELS = frozenset({"msteams"})
_LOCAL_CHANNELS = _CHANNELS | {"emulator"}


@dataclass(frozen=True)
class Voucher:
    """What a verified token says. endorsements and service_url: None when the issuer does not give any (Entra).

    kid and key: what it was signed with. ends: when it is no longer taken, seconds since 1970.
    """

    endorsements: frozenset[str] | None
    service_url: str | None
    kid: str
    key: Key
    ends: float


class Verifier:
    """Checks requests of the Teams door. Every refusal is a `Refusal` of 401, 403 or 503."""

    def __init__(self, settings: TeamsSettings, web: Web, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._known: OrderedDict[bytes, Voucher] = OrderedDict()
        self._framework = KeyRing(settings.metadata_url, web, clock=clock)
        self._entra = KeyRing(settings.entra_url, web, clock=clock) if settings.entra_url else None
        self._jwt = jwt.PyJWT()

    def warm(self) -> None:
        """Begin to fetch the keys, ahead of the first request; boot does not wait for Microsoft."""
        if self._settings.app_id:
            self._framework.warm()

    async def close(self) -> None:
        """Stop what runs in the background."""
        await self._framework.close()
        if self._entra:
            await self._entra.close()

    def recognises(self, authorization: str) -> bool:
        """The header looks like one of ours; for choosing between doors, it proves nothing."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return False
        if _digest(token.strip()) in self._known:
            return True
        try:
            issuer = jwt.decode(token.strip(), options={"verify_signature": False}).get("iss")
        except (jwt.PyJWTError, ValueError, RecursionError):
            return False
        return issuer in self._settings.accepted_issuers or issuer in self._settings.entra_issuers

    async def token(self, authorization: str, peer: str) -> Voucher | None:
        """Check the header. None: there is no token and development does not ask for one. peer: the other side's address."""
        if not authorization and self._settings.allow_unauthenticated:
            if not is_loopback(peer):
                raise Refusal(403, "NOT_LOOPBACK", "Without a token, activities are taken from this machine only.")
            return None
        if not self._settings.app_id:
            raise Refusal(401, "UNAUTHENTICATED", "No app id is set, so a token cannot be checked. Send none, or set one.")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Refusal(401, "UNAUTHENTICATED", "A Bearer token of the Bot Framework is needed.")
        return self._remembered(token.strip()) or await self._verify(token.strip())

    def activity(self, voucher: Voucher | None, activity: Activity) -> None:
        """Check that the token is for this activity, and that we may answer it. Errors: Refusal 403."""
        allowed = _LOCAL_CHANNELS if self._settings.local else _CHANNELS
        if activity.channel_id not in allowed:
            raise Refusal(403, "CHANNEL", f"Activities of the channel {activity.channel_id!r} are not taken.")
        if not self._settings.trusts(activity.service_url):
            raise Refusal(403, "SERVICE_URL", "The serviceUrl is not one of Microsoft Teams.", details=activity.service_url)
        if not self._settings.admits(activity.tenant):
            raise Refusal(403, "TENANT", "People of this Entra tenant may not use the bot.", details=activity.tenant)
        if (activity.conversation.tenant_id or activity.tenant) != activity.tenant:
            raise Refusal(403, "TENANT", "The conversation is in another tenant than the message.")
        if voucher is None:
            return
        if voucher.endorsements is not None and activity.channel_id not in voucher.endorsements:
            raise Refusal(403, "ENDORSEMENT", f"The signing key is not endorsed for {activity.channel_id!r}.")
        if voucher.service_url is not None and voucher.service_url.rstrip("/") != activity.service_url.rstrip("/"):
            raise Refusal(403, "SERVICE_URL", "The token is for another serviceUrl.")

    def _remembered(self, token: str) -> Voucher | None:
        """Of a token that was verified before: the Bot Framework uses one for an hour. Good while it and its key are."""
        voucher = self._known.get(_digest(token))
        if voucher is None or time.time() > voucher.ends:
            return None
        rings = (self._framework, self._entra) if self._entra else (self._framework,)
        return voucher if any(ring.peek(voucher.kid) is voucher.key for ring in rings) else None

    async def _verify(self, token: str) -> Voucher:
        voucher = await self._checked(token)
        self._known[_digest(token)] = voucher
        if len(self._known) > _KNOWN:
            self._known.popitem(last=False)
        return voucher

    async def _checked(self, token: str) -> Voucher:
        try:
            kid = jwt.get_unverified_header(token).get("kid")
        except Exception as error:  # whatever a hostile token makes the parser raise: a deep one even RecursionError
            raise _invalid(error) from error
        if not isinstance(kid, str) or not kid:
            raise _invalid("the token names no key")
        key, entra = await self._key(kid)
        claims = self._claims(token, key, self._settings.entra_issuers if entra else self._settings.accepted_issuers)
        ends = float(claims["exp"]) + LEEWAY
        if entra:
            # Entra gives any app of the tenant a token for us, so the app that asked for it has to be known.
            if claims.get("azp", claims.get("appid")) not in self._settings.accepted_callers:
                raise Refusal(403, "CALLER", "This app may not post activities.")
            return Voucher(None, claims.get("serviceurl"), kid, key, ends)
        if not isinstance(service_url := claims.get("serviceurl"), str) or not service_url:
            raise Refusal(403, "SERVICE_URL", "The token names no serviceurl.")
        return Voucher(key.endorsements, service_url, kid, key, ends)

    def _claims(self, token: str, key: Key, issuers: tuple[str, ...]) -> dict[str, Any]:
        try:
            return self._jwt.decode(
                token,
                key.public,
                algorithms=["RS256"],
                audience=self._settings.app_id,
                issuer=issuers,
                leeway=LEEWAY,
                options={"require": ["exp", "iss", "aud"]},
            )
        except Exception as error:  # as above: the answer to a token that cannot be used is 401, whatever is wrong with it
            raise _invalid(error) from error

    async def _key(self, kid: str) -> tuple[Key, bool]:
        """The key and whether it is Entra's."""
        rings = [(self._framework, False)] + ([(self._entra, True)] if self._entra else [])
        for ring, entra in rings:
            if (key := ring.peek(kid)) is not None:
                return key, entra
        failed: NoKeys | None = None
        for ring, entra in rings:
            try:
                if (key := await ring.find(kid)) is not None:
                    return key, entra
            except NoKeys as error:
                failed = error
        if failed is not None:
            raise Refusal(
                503, "KEYS_UNAVAILABLE", "The signing keys cannot be fetched now, so the token cannot be checked.", retry_after=5
            ) from failed
        raise _invalid("the signing key is not known")


def _digest(token: str) -> bytes:
    # Not the token itself: a dump of memory should not hand out credentials.
    return hashlib.sha256(token.encode(errors="replace")).digest()


def _invalid(reason: object) -> Refusal:
    # The reason names a rule, never the token.
    log.info("token_refused", reason=str(reason)[:200])
    return Refusal(401, "INVALID_TOKEN", "The token is not valid.", details=str(reason)[:200])
