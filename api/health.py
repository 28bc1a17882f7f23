"""`GET /health`: whether this process can do its work now."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

import structlog
from aiohttp import web

from api.exchange import timestamp

_log = structlog.get_logger()


@dataclass(frozen=True)
class Probe:
    """A part to be asked. check: returns when it works, raises when it does not. required: without it nothing works."""

    name: str
    check: Callable[[], Awaitable[object]]
    required: bool = True


class Health:
    """The handler. It needs no credential, so it names no cause, and asks the parts at most once in `keep` seconds."""

    def __init__(self, service: str, version: str, probes: Sequence[Probe] = (), *, seconds: float = 2, keep: float = 1) -> None:
        """seconds: how long a part may take."""
        self._service, self._version = service, version
        self._probes = probes
        self._seconds, self._keep = seconds, keep
        self._asked = float("-inf")
        self._down: list[Probe] = []
        self._asking = asyncio.Lock()

    async def get(self, request: web.Request) -> web.Response:
        """200 `healthy` or `degraded`, 503 `unhealthy`; `down` names the parts that do not answer."""
        async with self._asking:
            if monotonic() - self._asked > self._keep:
                answers = await asyncio.gather(*(self._works(probe) for probe in self._probes))
                self._down = [probe for probe, works in zip(self._probes, answers, strict=True) if not works]
                self._asked = monotonic()
        broken = any(probe.required for probe in self._down)
        body = {
            "status": "unhealthy" if broken else "degraded" if self._down else "healthy",
            "service": self._service,
            "version": self._version,
            "timestamp": timestamp(datetime.now(UTC)),
            "down": [probe.name for probe in self._down],
        }
        return web.json_response(body, status=503 if broken else 200, headers={"Cache-Control": "no-store"})

    async def _works(self, probe: Probe) -> bool:
        try:
            async with asyncio.timeout(self._seconds):
                await probe.check()
        except Exception as error:
            _log.warning("probe_failed", part=probe.name, error=repr(error))
            return False
        return True
