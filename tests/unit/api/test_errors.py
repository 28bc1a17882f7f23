from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.errors import CODES, Problem, failed, problem, unused
from gate.run import failure
from skills.kit import errors
from skills.kit.errors import (
    Ambiguous,
    Cancelled,
    Candidate,
    Conflict,
    Expired,
    Forbidden,
    Invalid,
    NotFound,
    OpsError,
    Throttled,
    Timeout,
    Unavailable,
)

NEXT = {"unchanged": "Nothing was changed.", "remedy": "Try later."}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            Forbidden("Insufficient permissions to stop instance", missing="ec2:StopInstances"),
            (403, "PERMISSION_DENIED", "Required IAM action: ec2:StopInstances"),
        ),
        (Forbidden("No.", missing="instances:stop"), (403, "PERMISSION_DENIED", "Required permission: instances:stop")),
        (
            Forbidden("No.", remedy="Ask an administrator."),
            (403, "PERMISSION_DENIED", "Nothing was changed. Ask an administrator."),
        ),
        (NotFound("x", **NEXT), (404, "INSTANCE_NOT_FOUND", "Nothing was changed. Try later.")),
        (Unavailable("x", part="ssm", details="ping: lost"), (503, "SSM_UNAVAILABLE", "ping: lost")),
        (Unavailable("x", part="model", **NEXT), (503, "BEDROCK_ERROR", "Nothing was changed. Try later.")),
        (Unavailable("x", part="ec2", **NEXT), (503, "SERVICE_UNAVAILABLE", "Nothing was changed. Try later.")),
        (Invalid("x", **NEXT), (400, "VALIDATION_ERROR", "Nothing was changed. Try later.")),
        (
            Ambiguous("x", field="instances", said="web", candidates=[Candidate("i-1", "web-1"), Candidate("i-2", "")]),
            (400, "VALIDATION_ERROR", "Candidates: web-1 (i-1), i-2"),
        ),
        (Conflict("x", **NEXT), (409, "VALIDATION_ERROR", "Nothing was changed. Try later.")),
        (Expired("x", **NEXT), (409, "VALIDATION_ERROR", "Nothing was changed. Try later.")),
        (Cancelled("x", **NEXT), (409, "CANCELLED", "Nothing was changed. Try later.")),
        (Timeout("x", **NEXT), (504, "TIMEOUT", "Nothing was changed. Try later.")),
        (OpsError("x", **NEXT), (500, "INTERNAL_ERROR", "Nothing was changed. Try later.")),
    ],
)
def test_every_error_has_its_status_code_and_details(error: OpsError, expected: tuple[int, str, str]) -> None:
    found = problem(error)
    assert (found.status, found.code, found.details) == expected
    assert found.message == error.what
    assert found.retry_after is None


def test_throttling_says_when_to_try_again_in_whole_seconds() -> None:
    found = problem(Throttled("Too many requests", retry_after=59.2, details="Rate limit: 10 requests per minute"))
    assert found == Problem(429, "RATE_LIMITED", "Too many requests", "Rate limit: 10 requests per minute", 60)
    assert problem(Throttled("x", retry_after=0)).retry_after == 1


def test_no_kind_of_error_is_forgotten() -> None:
    def kinds(kind: type[OpsError]) -> Iterator[type[OpsError]]:
        yield kind
        for below in kind.__subclasses__():
            yield from kinds(below)

    shipped = {kind.code for kind in kinds(OpsError) if kind.__module__ == errors.__name__}
    assert shipped == set(CODES)


@pytest.mark.parametrize(
    "error",
    [
        Forbidden("Not permitted.", missing="ec2:StopInstances"),
        Unavailable("SSM does not answer.", part="ssm"),
        Unavailable("EC2 does not answer.", part="ec2"),
        NotFound("Gone."),
        Timeout("Too long.", remedy="Look."),
    ],
)
def test_an_action_that_failed_earlier_reads_like_the_error_it_failed_with(error: OpsError) -> None:
    assert failed(failure(error)) == problem(error)


def test_an_unknown_action_is_not_called_an_instance() -> None:
    assert unused(problem(NotFound("x"))).code == "VALIDATION_ERROR"
    assert unused(problem(NotFound("x"))).status == 404
    assert unused(problem(Forbidden("x"))) == problem(Forbidden("x"))
