"""Errors as this family of programs reads them: the one place where the error tree becomes a status and a code."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gate.action import Failure
from skills.kit.errors import Ambiguous, Forbidden, OpsError, Throttled, Unavailable

CODES = {
    "FORBIDDEN": (403, "PERMISSION_DENIED"),
    "NOT_FOUND": (404, "INSTANCE_NOT_FOUND"),
    "INVALID": (400, "VALIDATION_ERROR"),
    "AMBIGUOUS": (400, "VALIDATION_ERROR"),
    "CONFLICT": (409, "VALIDATION_ERROR"),
    "EXPIRED": (409, "VALIDATION_ERROR"),
    "CANCELLED": (409, "CANCELLED"),
    "UNAVAILABLE": (503, "SERVICE_UNAVAILABLE"),
    "THROTTLED": (429, "RATE_LIMITED"),
    "TIMEOUT": (504, "TIMEOUT"),
    "ERROR": (500, "INTERNAL_ERROR"),
}
"""Status and code by `OpsError.code`. Seven codes are the documented ones; CANCELLED, SERVICE_UNAVAILABLE, TIMEOUT and
INTERNAL_ERROR are ours, for what none of the seven says truthfully."""

PARTS = {"ssm": "SSM_UNAVAILABLE", "model": "BEDROCK_ERROR"}
"""The parts whose outage has a documented code of its own."""


@dataclass(frozen=True)
class Problem:
    """An error for a program. status: HTTP. details: the technical part, one string. retry_after: seconds, whole."""

    status: int
    code: str
    message: str
    details: str = ""
    retry_after: int | None = None


class Refused(Exception):
    """A request that goes no further."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def invalid(message: str, details: str = "", *, status: int = 400) -> Refused:
    """The request itself is wrong."""
    return Refused(Problem(status, "VALIDATION_ERROR", message, details))


def unauthenticated(message: str) -> Refused:
    """Nobody vouches for the caller."""
    return Refused(Problem(401, "AUTHENTICATION_FAILED", message, "Send an API token as Bearer or X-API-Key."))


def problem(error: OpsError) -> Problem:
    """What a program reads about `error`."""
    status, code = CODES[error.code]
    code = PARTS.get(error.part, code) if isinstance(error, Unavailable) else code
    retry = max(1, math.ceil(error.retry_after)) if isinstance(error, Throttled) else None
    return Problem(status, code, error.what, _details(error), retry)


def failed(failure: Failure) -> Problem:
    """What a program reads about an action that failed earlier."""
    status, code = CODES[failure.code]
    details = _required(failure.missing) or failure.details or _next(failure.unchanged, failure.remedy)
    return Problem(status, PARTS.get(failure.part, code), failure.what, details)


def unused(found: Problem) -> Problem:
    """`found`, when what was looked for is an action and not an instance."""
    return Problem(found.status, "VALIDATION_ERROR", found.message, found.details) if found.status == 404 else found


def _details(error: OpsError) -> str:
    if isinstance(error, Forbidden) and error.missing:
        return _required(error.missing)
    if isinstance(error, Ambiguous) and error.candidates:
        return "Candidates: " + ", ".join(f"{one.name} ({one.id})" if one.name else one.id for one in error.candidates)
    return error.details or _next(error.unchanged, error.remedy)


def _required(missing: str) -> str:
    # AWS writes actions `service:Verb`, our permissions are `noun:verb`.
    iam = missing.partition(":")[2][:1].isupper()
    return f"Required {'IAM action' if iam else 'permission'}: {missing}" if missing else ""


def _next(unchanged: str, remedy: str) -> str:
    return " ".join(part for part in (unchanged, remedy) if part)
