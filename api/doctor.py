"""Finds out whether the service answers at the address Teams is given."""

from __future__ import annotations

import aiohttp

from skills.kit.ports.probe import Finding, Probe


async def probe(public_url: str, seconds: float = 10) -> list[Probe]:
    """One probe: `GET /health` there, as Teams would reach it."""
    name = "public address"
    if not public_url:
        return [Probe(name=name, finding=Finding.WARN, what="not configured", remedy="Set OPS_PUBLIC_URL to serve Teams.")]
    url = public_url.rstrip("/") + "/health"
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=seconds)) as session, session.get(url) as response:
            status, body = response.status, await response.text()
    except (TimeoutError, aiohttp.ClientError) as error:
        what = f"{url} does not answer: {error or type(error).__name__}"
        return [Probe(name=name, finding=Finding.FAIL, what=what, remedy="Start the service; check DNS, TLS and the firewall.")]
    if status == 200 and '"status"' in body:
        return [Probe(name=name, finding=Finding.OK, what=url)]
    what = f"{url} answered {status}, not this service's health"
    return [Probe(name=name, finding=Finding.FAIL, what=what, remedy="Point the address, with its path, at this service.")]
