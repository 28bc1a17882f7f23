"""The public keys of whoever signs activities, from OpenID metadata: cached, refreshed off the request's path."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from bot.teams.web import Web, deadline

log = structlog.get_logger()

_FRESH = 24 * 3600.0
_RETRY = 30.0
_RETRY_EMPTY = 2.0
_DEADLINE = 5.0
_MINIMUM_BITS = 2048


@dataclass(frozen=True)
class Key:
    """A signing key. endorsements: the channels it may sign for; Entra's keys have none."""

    public: RSAPublicKey
    endorsements: frozenset[str]


class NoKeys(Exception):
    """The keys could not be fetched, so whether a token is genuine is unknown. Says from where and why not."""


class KeyRing:
    """The keys of one issuer.

    They are fetched when the first is asked for. Older than 24 hours they are used on while fresh ones are fetched. A key id
    that is unknown (the issuer may have changed its keys) has them fetched again, at most once in 30 seconds, so a flood of
    invented ids costs one fetch.
    """

    def __init__(self, url: str, web: Web, *, clock: Callable[[], float] = time.monotonic) -> None:
        """url: of the OpenID metadata document."""
        self._url = url
        self._web = web
        self._clock = clock
        self._keys: dict[str, Key] = {}
        self._fetched = float("-inf")
        self._tried = float("-inf")
        self._failed = ""
        self._fetching: asyncio.Task[None] | None = None

    def peek(self, kid: str) -> Key | None:
        """The key, if it is at hand."""
        if self._keys and self._clock() - self._fetched > _FRESH:
            self._fetch()
        return self._keys.get(kid)

    async def find(self, kid: str) -> Key | None:
        """The key, after fetching the keys again if need be. Errors: NoKeys when they could not be fetched."""
        if (key := self.peek(kid)) is not None:
            return key
        if (fetching := self._fetch()) is not None:
            await asyncio.shield(fetching)
        if (key := self._keys.get(kid)) is None and self._failed:
            raise NoKeys(f"{self._url}: {self._failed}")
        return key

    def warm(self) -> None:
        """Begin to fetch the keys before the first request needs them; a failure is logged."""
        self._fetch()

    async def close(self) -> None:
        """Stop a fetch that is under way."""
        if self._fetching is not None and not self._fetching.done():
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)

    def _fetch(self) -> asyncio.Task[None] | None:
        """The fetch under way, a new one, or None when the last one was too recent."""
        if self._fetching is not None and not self._fetching.done():
            return self._fetching
        now = self._clock()
        if now - self._tried < (_RETRY if self._keys else _RETRY_EMPTY):
            return None
        self._tried = now
        self._fetching = asyncio.create_task(self._refresh(), name="openid-keys")
        return self._fetching

    async def _refresh(self) -> None:
        try:
            metadata = await self._get(self._url)
            found = _keys(await self._get(str(metadata["jwks_uri"])))
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError) as error:
            self._failed = str(error) or type(error).__name__
            log.warning("openid_keys_not_fetched", url=self._url, error=repr(error), cached=len(self._keys))
            return
        self._keys, self._fetched, self._failed = found, self._clock(), ""
        log.info("openid_keys_fetched", url=self._url, keys=len(found))

    async def _get(self, url: str) -> Any:
        if self._url.startswith("https:") and not url.startswith("https:"):
            raise ValueError(f"keys are not fetched from {url}: it is not https")
        async with self._web.session.get(url, timeout=deadline(_DEADLINE), allow_redirects=False) as response:
            if response.status != 200:
                raise ValueError(f"{url} answered {response.status}")
            return await response.json(content_type=None)


def _keys(document: Any) -> dict[str, Key]:
    found: dict[str, Key] = {}
    for entry in document["keys"]:
        try:
            public = jwt.PyJWK(entry, algorithm="RS256").key
        except (jwt.PyJWTError, ValueError, TypeError):
            continue  # a key of another kind is none of ours
        if isinstance(public, RSAPublicKey) and public.key_size >= _MINIMUM_BITS and isinstance(entry.get("kid"), str):
            found[entry["kid"]] = Key(public, frozenset(entry.get("endorsements") or ()))
    if not found:
        raise ValueError("the document holds no usable key")
    return found
