"""What every request here has: its ids, its size limit, and an answer of the documented shape whatever goes wrong."""

from __future__ import annotations

import asyncio
import math
import random
import re
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from aiohttp import web

from api.errors import Problem, Refused, invalid, problem
from gate.limits.window import Verdict
from skills.kit.errors import OpsError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

REQUEST_ID = web.RequestKey("request_id", str)
CORRELATION_ID = web.RequestKey("correlation_id", str)
VERDICT = web.RequestKey("verdict", Verdict)

_SAFE = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_log = structlog.get_logger()


def _id() -> str:
    """A new id: to tell requests apart, not a secret, so it need not cost a look into the system's randomness."""
    return f"{random.getrandbits(128):032x}"


@web.middleware
async def identified(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request its ids and bind them to every log line written for it."""
    given = request.headers.get("X-Correlation-ID", "")
    request[REQUEST_ID] = _id()
    request[CORRELATION_ID] = given if _SAFE.fullmatch(given) else _id()
    with structlog.contextvars.bound_contextvars(request_id=request[REQUEST_ID], correlation_id=request[CORRELATION_ID]):
        return await handler(request)


async def stamp(request: web.Request, response: web.StreamResponse) -> None:
    """Put the ids and what is left of the limits on an answer, also on one that is streamed."""
    if REQUEST_ID in request:
        response.headers["X-Request-ID"] = request[REQUEST_ID]
        response.headers["X-Correlation-ID"] = request[CORRELATION_ID]
    if VERDICT in request:
        response.headers.update(limits(request[VERDICT], time.time()))


def answering(handler: Handler) -> Handler:
    """`handler`, with every error it raises answered in this family's shape; one nobody expected is logged and answered 500."""

    async def answered(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refused as refused:
            found = refused.problem
        except OpsError as error:
            found = problem(error)
        except (web.HTTPException, asyncio.CancelledError, ConnectionError):
            raise
        except Exception:
            _log.exception("request_failed", path=request.path)
            found = Problem(500, "INTERNAL_ERROR", "Something went wrong here.", "It was logged under this request id.")
        _log.info("request_refused", path=request.path, status=found.status, code=found.code)
        return failure(request, found)

    return answered


def success(data: dict[str, Any], *, status: str = "success", code: int = 200) -> web.Response:
    """An answer with data. status: `success` or `pending`."""
    return _private(web.json_response({"status": status, "data": data}, status=code))


def failure(request: web.Request, found: Problem) -> web.Response:
    """The documented error shape, with the headers its status asks for."""
    error: dict[str, Any] = {"code": found.code, "message": found.message, "details": found.details}
    if found.retry_after is not None:
        error["retry_after"] = found.retry_after
    body = {"status": "error", "error": error, "timestamp": timestamp(datetime.now(UTC)), "request_id": request[REQUEST_ID]}
    response = _private(web.json_response(body, status=found.status))
    if found.retry_after is not None:
        response.headers["Retry-After"] = response.headers["X-RateLimit-Retry-After"] = str(found.retry_after)
    if found.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


async def body(request: web.Request, *, limit: int, seconds: float) -> bytes:
    """A JSON request's body of at most `limit` bytes, read within `seconds`. Errors: Refused with 415, 413 or 408."""
    if request.content_type != "application/json":
        raise invalid("The body must be JSON.", "Send Content-Type: application/json.", status=415)
    received = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.content.iter_any():
                received += chunk
                if len(received) > limit:
                    raise invalid("The body is too large.", f"At most {limit} bytes are read.", status=413)
    except TimeoutError:
        raise invalid("The body did not arrive in time.", f"It was waited for {seconds:g} seconds.", status=408) from None
    return bytes(received)


def limits(verdict: Verdict, now: float) -> dict[str, str]:
    """The headers of the tightest window. now: seconds of the epoch. Reset is when all of Limit is there again, rounded up."""
    return {
        "X-RateLimit-Limit": str(verdict.limit),
        "X-RateLimit-Remaining": str(verdict.remaining),
        "X-RateLimit-Reset": str(math.ceil(now + verdict.reset_after)),
    }


def timestamp(moment: datetime) -> str:
    """UTC with a `Z`, to the second, as the document writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _private(response: web.Response) -> web.Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
