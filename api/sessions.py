"""Sign-in of the demo's chat page: whoever opens it on this machine may use it, and nobody else's page may."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from collections import OrderedDict

from aiohttp import web

from gate.principal import Principal

COOKIE = "ops_session"
_MOST = 1000


class Sessions:
    """Session cookies, in memory. Cookies ignore ports, so each carries its port in its name: two demos live side by side."""

    def __init__(self, principal: Principal) -> None:
        """principal: who everybody with a session is; the same after a restart, so that their history is theirs."""
        self._principal = principal
        self._open: OrderedDict[bytes, None] = OrderedDict()

    def open(self, request: web.Request, response: web.StreamResponse) -> bool:
        """Give a session to a browser on this machine. False, and nothing given, to one that is not.

        Both the Host header and the peer must be loopback: the first stops a foreign site whose name was pointed here (DNS
        rebinding), the second somebody on the network who writes the header himself.
        """
        if not (_loopback(_host(request)) and _loopback(request.remote or "")):
            return False
        if self.principal(request) is None:
            value = secrets.token_urlsafe(32)
            self._open[_digest(value)] = None
            while len(self._open) > _MOST:
                self._open.popitem(last=False)
            response.set_cookie(_name(request), value, httponly=True, samesite="Strict", path="/")
        return True

    def principal(self, request: web.Request) -> Principal | None:
        """Who the request's cookie speaks for, or None."""
        value = request.cookies.get(_name(request), "")
        return self._principal if value and _digest(value) in self._open else None


def present(request: web.Request) -> bool:
    """The request carries a session cookie of ours, valid or not."""
    return _name(request) in request.cookies


def same_origin(request: web.Request) -> bool:
    """A page of this very origin sent the request; browsers put Origin on everything that changes state."""
    return request.headers.get("Origin") == f"{request.scheme}://{request.host}"


def _name(request: web.Request) -> str:
    port = request.host.rpartition(":")[2]
    return f"{COOKIE}_{port if port.isdigit() else 80}"


def _host(request: web.Request) -> str:
    name, _, port = request.host.rpartition(":")
    return (name if port.isdigit() and name else request.host).strip("[]")


def _loopback(name: str) -> bool:
    try:
        return name.lower() == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _digest(value: str) -> bytes:
    # Found by its hash: how long a look-up takes says nothing about the value.
    return hashlib.sha256(value.encode("utf-8", "surrogateescape")).digest()
