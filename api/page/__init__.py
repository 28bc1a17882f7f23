"""The chat page: a client of `POST /api/messages` that anybody can read. Served in demo and development only."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Literal

import structlog
from aiohttp import web

from api.sessions import Sessions

Kind = Literal["demo", "development"]

HERE = Path(__file__).parent
RENDERER = HERE / "node_modules/adaptivecards/dist/adaptivecards.min.js"
"""Microsoft's renderer, installed by `npm ci`, never part of this repository."""

FILES = {
    "page.js": "text/javascript",
    "conversation.js": "text/javascript",
    "cards.js": "text/javascript",
    "charts.js": "text/javascript",
    "markdown.js": "text/javascript",
    "connection.js": "text/javascript",
    "theme.js": "text/javascript",
    "page.css": "text/css",
    "icon.svg": "image/svg+xml",
}
"""What is served beside the page, and nothing else."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-cache",
}

_log = structlog.get_logger()


class Page:
    """The page and its files."""

    def __init__(self, kind: Kind, *, version: str, prompts: Sequence[str], sessions: Sessions | None = None) -> None:
        """sessions: who gives a browser on this machine a session; without it the page asks for the API token."""
        self._sessions = sessions
        self._template = Template((HERE / "index.html").read_text("utf-8"))
        self._places = {
            "kind": kind,
            "version": html.escape(version),
            "prompts": html.escape(json.dumps(list(prompts))),
        }
        if not RENDERER.exists():
            _log.warning("card_renderer_missing", remedy="run: make setup", effect="the chat page shows text instead of cards")

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Serve `/` and `/page/...`."""
        router.add_get("/", self.get)
        router.add_get("/page/{file}", self.file)

    async def get(self, request: web.Request) -> web.Response:
        """The page; a browser on this machine gets its session with it."""
        response = web.Response(content_type="text/html", charset="utf-8", headers=HEADERS)
        signed_in = bool(self._sessions and self._sessions.open(request, response))
        response.text = self._template.substitute(self._places, signed_in="yes" if signed_in else "no")
        return response

    async def file(self, request: web.Request) -> web.StreamResponse:
        """One of the page's files. Errors: 404 for anything else."""
        name = request.match_info["file"]
        if name == "adaptivecards.js" and RENDERER.exists():
            return web.FileResponse(RENDERER, headers=HEADERS | {"Content-Type": "text/javascript; charset=utf-8"})
        if name not in FILES:
            raise web.HTTPNotFound
        return web.FileResponse(HERE / name, headers=HEADERS | {"Content-Type": f"{FILES[name]}; charset=utf-8"})
