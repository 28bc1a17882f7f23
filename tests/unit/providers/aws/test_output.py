from __future__ import annotations

import re
from typing import Any

import pytest

from providers.aws.output import PAGE, between, destination, paged, read
from skills.kit.errors import Invalid
from tests.unit.providers.aws.conftest import Connect
from tests.unit.providers.aws.endpoint import Answer, Asked, Endpoint


def test_each_stream_starts_a_page_and_silence_is_one_empty_page() -> None:
    assert paged(["", ""], 1) == ("", 1)
    assert paged(["a" * PAGE + "b", "c"], 2) == ("b", 3)
    assert paged(["a" * PAGE + "b", "c"], 3) == ("c", 3)
    for page in (0, 4, -1):
        with pytest.raises(Invalid):
            paged(["a" * PAGE + "b", "c"], page)


@pytest.mark.parametrize("text", ["é" * PAGE, "a" + "é" * PAGE, "aa€" * PAGE, "😀" * PAGE, "a😀" * PAGE, "abc", ""])
def test_bytes_are_cut_between_characters_and_nothing_is_lost(text: str) -> None:
    content = text.encode()
    pages = [between(content[start : start + PAGE + 3], first=start == 0) for start in range(0, len(content), PAGE)]
    assert "".join(pages) == text
    assert all(len(page) <= PAGE for page in pages)


async def test_a_page_from_the_bucket_reads_only_its_bytes(endpoint: Endpoint, connect: Connect) -> None:
    files = {"p/c/i-1/0.awsrunShellScript/stderr": b"bad", "p/c/i-1/0.awsrunShellScript/stdout": b"x" * PAGE + "€uro".encode()}

    def answer(asked: Asked) -> Answer:
        if "list-type" in asked.path:
            items = "".join(f"<Contents><Key>{key}</Key><Size>{len(body)}</Size></Contents>" for key, body in files.items())
            return 200, f"<ListBucketResult><IsTruncated>false</IsTruncated>{items}</ListBucketResult>"
        first, last = map(int, re.findall(r"\d+", asked.range))
        return 206, files[asked.path.removeprefix("/bucket/")][first : last + 1]

    endpoint.answer = answer
    session = connect(output_bucket="bucket", output_prefix="p")
    pages = [await read(session, session.scopes[0], "c", "i-1", page) for page in (1, 2, 3)]
    assert pages == [("x" * PAGE, 3), ("€uro", 3), ("bad", 3)]
    with pytest.raises(Invalid):
        await read(session, session.scopes[0], "c", "i-1", 4)


async def test_a_log_stream_is_read_to_its_end(endpoint: Endpoint, connect: Connect) -> None:
    def answer(asked: Asked) -> Answer:
        if "PowerShell" in asked.params["logStreamName"] or asked.params["logStreamName"].endswith("stderr"):
            return 400, {"__type": "ResourceNotFoundException", "message": "no such stream"}
        step = int(asked.params.get("nextToken", "0"))
        events = [{"message": f"line {step}", "timestamp": 0, "ingestionTime": 0}] if step < 3 else []
        return 200, {"events": events, "nextForwardToken": str(min(step + 1, 3))}

    endpoint.answer = answer
    session = connect(output_log_group="group")
    assert await read(session, session.scopes[0], "c", "i-1", 1) == ("line 0\nline 1\nline 2\n", 1)


async def test_without_a_place_to_keep_output_the_rest_is_refused_with_the_remedy(endpoint: Endpoint, connect: Connect) -> None:
    endpoint.answer = lambda _: (200, {"StandardOutputContent": "x" * PAGE})
    session = connect()
    scope = session.scopes[0]
    id = "11111111-1111-4111-8111-111111111111"
    assert await read(session, scope, id, "i-1", 1) == ("x" * PAGE, 1)
    with pytest.raises(Invalid) as caught:
        await read(session, scope, id, "i-1", 2)
    assert "output bucket" in caught.value.remedy


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {}),
        ({"output_bucket": "b"}, {"OutputS3BucketName": "b", "OutputS3KeyPrefix": "ops-copilot"}),
        ({"output_log_group": "g"}, {"CloudWatchOutputConfig": {"CloudWatchLogGroupName": "g", "CloudWatchOutputEnabled": True}}),
    ],
)
def test_commands_are_sent_with_the_place_to_keep_output(
    fields: dict[str, Any], expected: dict[str, Any], connect: Connect
) -> None:
    assert destination(connect(**fields).settings) == expected
