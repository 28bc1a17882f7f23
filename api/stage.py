"""A stage prefix such as `/prod`, stripped before routing: both with and without it a path leads to the same handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web


def staged(prefix: str) -> Any:
    """The middleware. Source: the fleet document's base URL has a stage, which an API gateway may or may not take off."""

    @web.middleware
    async def strip(request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
        path = request.rel_url.raw_path
        if path != prefix and not path.startswith(prefix + "/"):
            return await handler(request)
        inner = request.clone(rel_url=request.rel_url.with_path(path[len(prefix) :] or "/", encoded=True, keep_query=True))
        try:
            return await request.app._handle(inner)  # pyright: ignore[reportPrivateUsage]  # aiohttp has no public way to route again
        finally:
            for key in inner:  # its ids and limits, for the answer's headers
                request[key] = inner[key]

    return strip
