"""The API token of programs: given by the settings, or made on first start and kept in a file only its owner can read."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import tempfile
from pathlib import Path

from aiohttp import web

from gate.principal import Principal

PREFIX = "ops_"
_SHAPE = re.compile(PREFIX + r"[A-Za-z0-9_-]{32,256}")


class Tokens:
    """Who a token speaks for: `key:api` in records and policies. Its hash is compared, in constant time."""

    def __init__(self, value: str, name: str = "API token") -> None:
        """value: `ops_` and 32 to 256 letters, digits, `_` or `-`. Errors: ValueError, which never shows the value."""
        if not _SHAPE.fullmatch(value):
            raise ValueError(f"An API token is {PREFIX!r} and 32 to 256 letters, digits, '_' or '-'; remove it to have one made.")
        self.value = value
        self._digest = hashlib.sha256(value.encode()).digest()
        self.own = Principal(kind="key", id="api", name=name)

    @classmethod
    def load(cls, path: Path, given: str = "") -> Tokens:
        """The token of the settings if there is one, else the one in `path`, made now if need be. Blocks on the disk."""
        return cls(given or _kept(path))

    def principal(self, presented: str) -> Principal | None:
        """Who presents this token, or None."""
        digest = hashlib.sha256(presented.encode("utf-8", "surrogateescape")).digest()
        return self.own if hmac.compare_digest(digest, self._digest) else None


def presented(request: web.Request) -> str:
    """The API token a request carries, valid or not; empty when it carries none, such as one of another kind."""
    key = request.headers.get("X-API-Key", "").strip()
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    bearer = value.strip() if scheme.lower() == "bearer" else ""
    return key or (bearer if bearer.startswith(PREFIX) else "")


def _kept(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _make(path)
    path.chmod(0o600)
    return path.read_text("ascii").strip()


def _make(path: Path) -> None:
    """Written beside and linked into place: another process sees the whole file or none, and of two that race one wins."""
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=".token-")  # mkstemp makes it 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(PREFIX + secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)
    except FileExistsError:
        pass  # another process made it first: theirs is read
    finally:
        Path(beside).unlink()
