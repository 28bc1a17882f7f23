"""A request the Teams door does not take, and how that is said."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import uuid4

from aiohttp import web


class Refusal(Exception):
    """The request is not taken. status: HTTP's. code: for programs. retry_after: seconds, when trying again makes sense."""

    def __init__(self, status: int, code: str, message: str, *, details: str = "", retry_after: int = 0) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.details, self.retry_after = status, code, message, details, retry_after

    def response(self) -> web.Response:
        """As the family `fleet` answers errors."""
        error: dict[str, object] = {"code": self.code, "message": self.message, "details": self.details}
        headers: dict[str, str] = {}
        if self.retry_after:
            error["retry_after"] = self.retry_after
            headers["Retry-After"] = str(self.retry_after)
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        body = {"status": "error", "error": error, "timestamp": datetime.now(UTC).isoformat(), "request_id": uuid4().hex}
        return web.Response(status=self.status, headers=headers, text=json.dumps(body), content_type="application/json")
