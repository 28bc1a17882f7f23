"""Who calls: the credential of a request, and the principal it stands for."""

from __future__ import annotations

from aiohttp import web

from api.errors import Problem, Refused, unauthenticated
from api.sessions import Sessions, present, same_origin
from api.tokens import Tokens, presented
from gate.principal import Principal


def is_ours(request: web.Request) -> bool:
    """This door's credential is on the request: an API token, or the chat page's cookie. Never decided by the body."""
    return bool(presented(request)) or present(request)


class Callers:
    """Credentials to principals."""

    def __init__(self, tokens: Tokens, sessions: Sessions | None = None) -> None:
        """sessions: only where the chat page signs people in by itself."""
        self._tokens = tokens
        self.sessions = sessions

    def principal(self, request: web.Request) -> Principal:
        """Who calls. Errors: Refused with 401, or 403 for a cookie that another site's page sent along."""
        if token := presented(request):
            if (found := self._tokens.principal(token)) is None:
                raise unauthenticated("This API token is not valid.")
            return found
        found = self.sessions.principal(request) if self.sessions else None
        if found is None:
            ended = present(request)
            raise unauthenticated("The session has ended: open the page again." if ended else "There is no credential.")
        if request.method not in ("GET", "HEAD") and not same_origin(request):
            raise Refused(Problem(403, "PERMISSION_DENIED", "This came from another site.", "Origin must be this one."))
        return found
