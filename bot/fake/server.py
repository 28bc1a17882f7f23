"""A small HTTP server on loopback, for as long as a `with` lasts."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from aiohttp import web


class Server:
    """An aiohttp application on a free port of 127.0.0.1. Subclasses add their routes to `app`."""

    def __init__(self) -> None:
        self.app = web.Application()
        self._runner: web.AppRunner | None = None
        self.url = ""
        """Where it listens, without a slash at the end; empty until it runs."""

    async def __aenter__(self) -> Self:
        """Start."""
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop."""
        if self._runner is not None:
            await self._runner.cleanup()
