"""The limits of a request: taken once, before anything is done for it, and shown on its answer whatever that is."""

from __future__ import annotations

import ipaddress

from aiohttp import web

from api.callers import Callers
from api.errors import Refused
from api.exchange import VERDICT
from gate.conversation import Inbound
from gate.limits.limiter import Limiter, refusal, team_of
from gate.limits.rules import Surface
from gate.limits.window import Verdict
from gate.principal import Principal


class Meter:
    """Says who calls, and whether they may go on now."""

    def __init__(self, callers: Callers, limiter: Limiter) -> None:
        self._callers = callers
        self._limiter = limiter

    async def principal(self, request: web.Request) -> Principal:
        """Who calls. Who cannot say it is counted by their address, so that credentials cannot be tried out at will.

        Errors: as `Callers.principal`, and Throttled.
        """
        try:
            return self._callers.principal(request)
        except Refused:
            address = client(request, self._limiter.settings.proxies)
            _go_on(request, await self._limiter.take(Surface.STRANGER, address=address))
            raise

    async def message(self, request: web.Request, inbound: Inbound) -> None:
        """Take one for a message or a click. Errors: Throttled; Unavailable for what cannot be counted."""
        _go_on(request, await self._limiter.message(inbound))

    async def take(self, request: web.Request, surface: Surface, principal: Principal) -> None:
        """Take one for anything else. Errors: as `message`."""
        team = f"api:{team_of(principal)}"
        address = client(request, self._limiter.settings.proxies)
        _go_on(request, await self._limiter.take(surface, user=principal.key, team=team, address=address))


def client(request: web.Request, proxies: int) -> str:
    """The network address that asks. Of IPv6 the network of 64 bits, since one client has all addresses of it.

    proxies: so many at the end of X-Forwarded-For were written by proxies of ours; what stands before them anybody can write.
    """
    chain = [part.strip() for part in ",".join(request.headers.getall("X-Forwarded-For", [])).split(",") if part.strip()]
    found = chain[-proxies] if 0 < proxies <= len(chain) else request.remote or ""
    try:
        address = ipaddress.ip_address(found)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address.packed, 64), strict=False))


def _go_on(request: web.Request, verdict: Verdict) -> None:
    request[VERDICT] = verdict
    if not verdict.allowed:
        raise refusal(verdict)
