from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from providers.aws.compute import AwsCompute
from providers.aws.session import Session
from skills.kit.errors import Conflict, Forbidden, Invalid, NotFound, OpsError, Throttled, Timeout, Unavailable
from skills.kit.ports.compute import Instance, InstanceQuery, State
from tests.unit.providers.aws.conftest import Connect
from tests.unit.providers.aws.endpoint import Answer, Asked, Endpoint, refusal

DENIED = (
    "You are not authorized to perform this operation. User: arn:aws:sts::1:assumed-role/bot/x is not authorized to perform: "
    "ec2:StopInstances on resource: i-1 because no identity-based policy allows it. Encoded authorization failure message: QUJD"
)


async def failure(session: Session, method: str = "describe_instances", **params: Any) -> OpsError:
    with pytest.raises(OpsError) as caught:
        await session.call(session.scopes[0], "ec2", method, once=True, **params)
    return caught.value


async def test_access_denied_names_the_action_account_and_region(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = lambda _: (403, refusal("UnauthorizedOperation", DENIED))
    error = await failure(connect(), "stop_instances", InstanceIds=["i-1"])
    assert isinstance(error, Forbidden)
    assert error.missing == "ec2:StopInstances"
    assert "us-east-1" in error.details
    assert "QUJD" not in f"{error.what}{error.details}{error.remedy}"


async def test_access_denied_that_names_no_action_still_does(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = lambda _: (403, refusal("UnauthorizedOperation", "You are not authorized to perform this operation."))
    error = await failure(connect())
    assert isinstance(error, Forbidden)
    assert error.missing == "ec2:DescribeInstances"


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("RequestLimitExceeded", 503, Throttled),
        ("InvalidInstanceID.NotFound", 400, NotFound),
        ("InvalidInstanceID.Malformed", 400, NotFound),
        ("IncorrectInstanceState", 400, Conflict),
        ("OperationNotPermitted", 400, Conflict),
        ("InsufficientInstanceCapacity", 500, Unavailable),
        ("InternalError", 500, Unavailable),
        ("AuthFailure", 401, Unavailable),
        ("RequestExpired", 400, Unavailable),
        ("InvalidParameterValue", 400, Invalid),
    ],
)
async def test_codes_become_our_errors(
    code: str, status: int, kind: type[OpsError], endpoint: Endpoint, connect: Connect
) -> None:
    endpoint.answer = lambda _: (status, refusal(code))
    error = await failure(connect())
    assert type(error) is kind or (kind is Unavailable and isinstance(error, Unavailable))
    assert code in error.details


async def test_throttled_reads_are_tried_three_times_and_then_say_so(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = lambda _: (503, refusal("RequestLimitExceeded"))
    session = connect()
    with pytest.raises(Throttled):
        await session.call(session.scopes[0], "ec2", "describe_instances")
    assert len(endpoint.asked) == 3


async def test_an_unreachable_endpoint_is_unavailable(connect: Connect) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    error = await failure(connect(endpoint_url=f"http://127.0.0.1:{port}"))
    assert isinstance(error, Unavailable)
    assert error.part == "ec2"
    assert "cannot be reached" in error.what


@pytest.mark.parametrize("page", ["<!doctype html><title>500</title>", "<html><body>oops</body></html>", "", "{"])
async def test_a_page_that_is_not_aws_is_unavailable(page: str, endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = lambda _: (500, page)
    error = await failure(connect())
    assert isinstance(error, Unavailable)
    assert error.part == "ec2"


async def test_html_with_status_200_is_unavailable(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = lambda _: (200, "<!doctype html><title>login</title>")
    assert isinstance(await failure(connect()), Unavailable)


async def test_no_credentials_says_how_to_give_some(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    session = connect(access_key_id=None, secret_access_key=None)
    error = await failure(session)
    assert isinstance(error, Unavailable)
    assert "credentials" in error.what
    assert "AWS_PROFILE" in error.remedy


async def test_a_call_has_a_deadline_over_all_its_attempts(endpoint: Endpoint, connect: Connect) -> None:
    held = threading.Event()

    def answer(_: Asked) -> Answer:
        held.wait(3)
        return 200, ""

    endpoint.answer = answer
    session = connect(deadline=0.2)
    try:
        with pytest.raises(Timeout):
            await anext(AwsCompute(session).pages(InstanceQuery()))
    finally:
        held.set()


async def test_an_instance_of_an_unknown_region_is_not_found_and_not_asked_for(endpoint: Endpoint, connect: Connect) -> None:
    stray = Instance.model_validate({"id": "i-1", "state": State.RUNNING, "region": "eu-west-9"})
    with pytest.raises(NotFound):
        await AwsCompute(connect()).change("stop", stray)
    assert endpoint.asked == []
