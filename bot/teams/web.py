"""The one pooled HTTP client of the Teams door."""

from __future__ import annotations

import aiohttp


class Web:
    """A `ClientSession` made when it is first needed, because it belongs to the running loop."""

    def __init__(self, *, connections: int = 100) -> None:
        """connections: at most so many at a time."""
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """The session. An idle connection is closed by us, before the other side does and a POST is lost on it."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=15, ttl_dns_cache=60)
            self._session = aiohttp.ClientSession(connector=connector, auto_decompress=True, cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def deadline(seconds: float) -> aiohttp.ClientTimeout:
    """A total deadline; connecting may take a third of it."""
    return aiohttp.ClientTimeout(total=seconds, connect=max(seconds / 3, 1))
