"""The tokens the bot answers with: fetched with a password, a certificate or a managed identity, cached, refreshed early."""

from __future__ import annotations

import asyncio
import base64
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any
from uuid import uuid4

import aiohttp
import jwt
import structlog
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from bot.teams.settings import TeamsSettings
from bot.teams.web import Web, deadline
from skills.kit.errors import Unavailable

log = structlog.get_logger()

_DEADLINE = 10.0
_EARLY = 600.0
_LATE = 60.0
_IMDS = "http://169.254.169.254/metadata/identity/oauth2/token"

Fetch = Callable[[], Awaitable[tuple[str, float]]]
"""Gets a token; it and the seconds it is valid for."""


class _TryAgain(Exception):
    """The token endpoint is busy or cannot be reached."""


class Tokens:
    """One access token for all conversations.

    Ten minutes before its end it is renewed in the background; while it is valid nobody waits. However many wait for the
    first one, it is fetched once.
    """

    def __init__(self, fetch: Fetch, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._token = ""
        self._ends = float("-inf")
        self._tried = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def get(self) -> str:
        """A valid token. Errors: Unavailable."""
        left = self._ends - self._clock()
        if left > _EARLY:
            return self._token
        if left > _LATE:
            if self._clock() - self._tried > _LATE:
                self._start()
            return self._token
        await asyncio.shield(self._start())
        return self._token

    def forget(self, token: str) -> None:
        """That one was refused: fetch another before the next message."""
        if token == self._token:
            self._ends = float("-inf")

    async def close(self) -> None:
        """Stop a fetch that is under way."""
        if self._fetching is not None and not self._fetching.done():
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)

    def _start(self) -> asyncio.Task[None]:
        if self._fetching is None or self._fetching.done():
            self._tried = self._clock()
            self._fetching = asyncio.create_task(self._renew(), name="connector-token")
            self._fetching.add_done_callback(_logged)
        return self._fetching

    async def _renew(self) -> None:
        token, seconds = await self._fetch()
        self._token, self._ends = token, self._clock() + seconds


def _logged(fetching: asyncio.Task[None]) -> None:
    if not fetching.cancelled() and (error := fetching.exception()) is not None:
        log.warning("connector_token_not_fetched", error=str(error))


def credentials(settings: TeamsSettings, web: Web, environment: Mapping[str, str] = os.environ) -> Fetch | None:
    """How tokens are got with these settings; None when replies carry none (development without an app).

    environment: where Azure says how its managed identity is reached.
    """
    if settings.app_type == "ManagedIdentity":
        return partial(_retried, partial(_managed, settings, web, environment))
    if settings.certificate:
        return partial(_retried, partial(_certified, settings, web))
    if settings.app_password.get_secret_value():
        return partial(_retried, partial(_password, settings, web))
    return None


async def _retried(fetch: Fetch) -> tuple[str, float]:
    attempts = AsyncRetrying(
        retry=retry_if_exception_type(_TryAgain),
        stop=stop_after_attempt(3),
        wait=wait_exponential_jitter(multiplier=0.3, max=3, jitter=0.3),
        reraise=True,
    )
    try:
        return await attempts(fetch)
    except _TryAgain as error:
        raise _unavailable(str(error)) from error


async def _password(settings: TeamsSettings, web: Web) -> tuple[str, float]:
    form = {**_client(settings), "client_secret": settings.app_password.get_secret_value()}
    return await _answer(web.session.post(settings.login_url, data=form, timeout=deadline(_DEADLINE), allow_redirects=False))


async def _certified(settings: TeamsSettings, web: Web) -> tuple[str, float]:
    form = {
        **_client(settings),
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": await asyncio.to_thread(_assertion, settings),
    }
    return await _answer(web.session.post(settings.login_url, data=form, timeout=deadline(_DEADLINE), allow_redirects=False))


def _client(settings: TeamsSettings) -> dict[str, str]:
    return {"grant_type": "client_credentials", "client_id": settings.app_id, "scope": f"{settings.scope}/.default"}


def _assertion(settings: TeamsSettings) -> str:
    """A JWT that proves we hold the certificate. Blocking: it reads the key and signs with it."""
    if settings.certificate is None:
        raise _unavailable("no certificate is configured")
    now = int(time.time())
    claims = {
        "aud": settings.login_url,
        "iss": settings.app_id,
        "sub": settings.app_id,
        "jti": uuid4().hex,
        "nbf": now - 60,
        "exp": now + 600,
    }
    try:
        thumbprint = bytes.fromhex(settings.certificate_thumbprint.replace(":", ""))
        header = {"x5t": base64.urlsafe_b64encode(thumbprint).rstrip(b"=").decode()}
        return jwt.encode(claims, settings.certificate.read_bytes(), algorithm="RS256", headers=header)
    except (OSError, ValueError, TypeError, jwt.PyJWTError) as error:
        raise _unavailable(f"the certificate cannot be used: {error}") from error


async def _managed(settings: TeamsSettings, web: Web, environment: Mapping[str, str]) -> tuple[str, float]:
    """App Service and Container Apps name an endpoint; a virtual machine has the metadata service."""
    client = settings.managed_identity_client_id or settings.app_id
    query = {"resource": settings.scope, "client_id": client}
    if endpoint := environment.get("IDENTITY_ENDPOINT"):
        query["api-version"] = "2019-08-01"
        headers = {"X-IDENTITY-HEADER": environment.get("IDENTITY_HEADER", "")}
    else:
        endpoint, headers = settings.token_url or _IMDS, {"Metadata": "true"}
        query["api-version"] = "2018-02-01"
    return await _answer(
        web.session.get(endpoint, params=query, headers=headers, timeout=deadline(_DEADLINE), allow_redirects=False)
    )


async def _answer(request: Any) -> tuple[str, float]:
    try:
        async with request as response:
            body: Any = await response.json(content_type=None)
            if response.status == 429 or response.status >= 500:
                raise _TryAgain(f"the token endpoint answered {response.status}")
    except (aiohttp.ClientError, TimeoutError) as error:
        raise _TryAgain(f"the token endpoint did not answer: {error!r}") from error
    except ValueError as error:
        raise _unavailable("the token endpoint did not answer with JSON") from error
    if response.status != 200:
        reason = str(body.get("error_description") or body.get("error")) if isinstance(body, dict) else ""
        raise _unavailable(f"{response.status} {reason[:300]}")
    try:
        return str(body["access_token"]), _lifetime(body)
    except (KeyError, TypeError, ValueError) as error:
        raise _unavailable("the token endpoint's answer holds no token") from error


def _lifetime(body: dict[str, Any]) -> float:
    """Seconds. App Service gives the moment it ends, everybody else how long it lasts."""
    if "expires_in" in body:
        return float(body["expires_in"])
    return float(body["expires_on"]) - time.time()


def _unavailable(details: str) -> Unavailable:
    return Unavailable(
        "The bot got no token to answer Teams with.",
        part="teams",
        unchanged="The message was not sent.",
        remedy="Check the bot's app id, tenant and secret or certificate.",
        details=details,
    )
