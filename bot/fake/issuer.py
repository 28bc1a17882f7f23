"""A token issuer of ours: signs activities like the Bot Framework, publishes its keys, and hands out connector tokens."""

from __future__ import annotations

import functools
import json
import time
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from bot.fake.server import Server

ISSUER = "https://api.botframework.com"


class FakeIssuer(Server):
    """OpenID metadata at `metadata_url`, a token endpoint at `token_url`.

    down: every request is answered 503. fetches: how often the keys were fetched. grants: the forms posted for connector tokens.
    """

    def __init__(self, *, issuer: str = ISSUER, endorsements: tuple[str, ...] = ("msteams",)) -> None:
        super().__init__()
        self.issuer = issuer
        self.endorsements = endorsements
        self.down = False
        self.fetches = 0
        self.grants: list[dict[str, str]] = []
        self.kid = "first"
        self._keys = {self.kid: _first()}
        self.app.add_routes(
            [
                web.get("/openid", self._metadata),
                web.get("/keys", self._published),
                web.post("/token", self._grant),
                web.get("/token", self._grant),
            ]
        )

    @property
    def metadata_url(self) -> str:
        """For `TeamsSettings.openid_metadata`."""
        return f"{self.url}/openid"

    @property
    def token_url(self) -> str:
        """For `TeamsSettings.token_url`."""
        return f"{self.url}/token"

    @property
    def key(self) -> rsa.RSAPrivateKey:
        """The key that signs now."""
        return self._keys[self.kid]

    def rotate(self) -> None:
        """Sign with a new key from now on, and publish only that one."""
        self.kid = f"key-{time.monotonic_ns()}"
        self._keys = {self.kid: _new()}

    def token(
        self, app_id: str, service_url: str, *, key: Any = None, algorithm: str = "RS256", kid: str | None = None, **claims: Any
    ) -> str:
        """A token for an activity; claims are added or replaced, a claim of None is left out."""
        now = int(time.time())
        body: dict[str, Any] = {
            "iss": self.issuer,
            "aud": app_id,
            "nbf": now - 60,
            "exp": now + 3600,
            "serviceurl": service_url,
            **claims,
        }
        kept = {name: value for name, value in body.items() if value is not None}
        return jwt.encode(kept, key if key is not None else self.key, algorithm=algorithm, headers={"kid": kid or self.kid})

    async def _metadata(self, request: web.Request) -> web.Response:
        if self.down:
            return web.Response(status=503)
        return web.json_response({"issuer": self.issuer, "jwks_uri": f"{self.url}/keys"})

    async def _published(self, request: web.Request) -> web.Response:
        self.fetches += 1
        if self.down:
            return web.Response(status=503)
        entries: list[dict[str, Any]] = []
        for kid, key in self._keys.items():
            entry = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
            entries.append({**entry, "kid": kid, "use": "sig", "endorsements": list(self.endorsements)})
        return web.json_response({"keys": entries})

    async def _grant(self, request: web.Request) -> web.Response:
        if self.down:
            return web.json_response({"error": "temporarily_unavailable"}, status=503)
        form = {**request.query, **{name: str(value) for name, value in (await request.post()).items()}}
        self.grants.append(form)
        return web.json_response({"token_type": "Bearer", "expires_in": 3600, "access_token": f"connector-{len(self.grants)}"})


def _new() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@functools.cache
def _first() -> rsa.RSAPrivateKey:
    """One for the process: making a key takes a tenth of a second."""
    return _new()
