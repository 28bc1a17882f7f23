"""What commands print: kept whole in S3 or CloudWatch Logs when configured, else the 24,000 characters SSM keeps.

A page is at most 24,000 characters. The pages of the output come first, then those of the errors.
"""

from __future__ import annotations

from typing import Any

from providers.aws.session import Scope, Session
from providers.aws.settings import AwsSettings
from skills.kit.errors import Invalid, NotFound

PAGE = 24_000
"""Characters SSM keeps of each stream, and the length of our pages."""

_MOST = 400
"""Pages read of a log stream at most (about 10 MB): a stream cannot be entered in the middle."""


def destination(settings: AwsSettings) -> dict[str, Any]:
    """The parameters of SendCommand that keep everything a command prints."""
    if settings.output_bucket:
        return {"OutputS3BucketName": settings.output_bucket, "OutputS3KeyPrefix": settings.output_prefix}
    if settings.output_log_group:
        return {"CloudWatchOutputConfig": {"CloudWatchLogGroupName": settings.output_log_group, "CloudWatchOutputEnabled": True}}
    return {}


async def read(session: Session, scope: Scope, command_id: str, instance_id: str, page: int) -> tuple[str, int]:
    """Page `page` (from 1) and how many there are. Errors: NotFound, Invalid for no such page."""
    if session.settings.output_bucket:
        return await _from_bucket(session, scope, command_id, instance_id, page)
    if session.settings.output_log_group:
        streams = [await _stream(session, scope, command_id, instance_id, name) for name in ("stdout", "stderr")]
        return paged(streams, page)
    kept = await session.call(scope, "ssm", "get_command_invocation", shape=printed, CommandId=command_id, InstanceId=instance_id)
    return paged(kept, page, "Set an output bucket or log group to keep more than 24,000 characters.")


def printed(response: Any) -> tuple[str, str]:
    """Output and errors in a response of GetCommandInvocation."""
    return response.get("StandardOutputContent", ""), response.get("StandardErrorContent", "")


def paged(streams: list[str] | tuple[str, ...], page: int, remedy: str = "") -> tuple[str, int]:
    """A page of the streams, each of which starts a new one, and how many there are; silence is one empty page."""
    pages = [stream[start : start + PAGE] for stream in streams for start in range(0, len(stream), PAGE)] or [""]
    _check(page, len(pages), remedy)
    return pages[page - 1], len(pages)


def _check(page: int, pages: int, remedy: str = "") -> None:
    if not 1 <= page <= pages:
        raise Invalid(f"There is no page {page} of that output.", remedy=remedy or f"It has {pages}.")


async def _from_bucket(session: Session, scope: Scope, command_id: str, instance_id: str, page: int) -> tuple[str, int]:
    """Only the bytes of that page are read; a page is 24,000 bytes here, cut between characters."""
    bucket = session.settings.output_bucket
    prefix = f"{session.settings.output_prefix}/{command_id}/{instance_id}/".lstrip("/")
    listed = session.pages(scope, "s3", "list_objects_v2", shape=_objects, Bucket=bucket, Prefix=prefix)
    objects = sorted(
        [item async for found in listed for item in found], key=lambda item: item[0].rpartition("/")[2], reverse=True
    )
    pages = [(key, start) for key, size in objects for start in range(0, size, PAGE)]  # stdout before stderr
    _check(page, max(1, len(pages)))
    if not pages:
        return "", 1
    key, start = pages[page - 1]
    content = await session.call(
        scope, "s3", "get_object", shape=_body, Bucket=bucket, Key=key, Range=f"bytes={start}-{start + PAGE + 2}"
    )
    return between(content, first=start == 0), len(pages)


def between(content: bytes, *, first: bool) -> str:
    """The characters that begin in the first 24,000 bytes of `content`, which holds up to three bytes more.

    Bytes that continue a character of the page before are left to it.
    """
    begin, end = 0, min(PAGE, len(content))
    while not first and begin < min(3, len(content)) and content[begin] & 0xC0 == 0x80:
        begin += 1
    while end < len(content) and content[end] & 0xC0 == 0x80:
        end += 1
    return content[begin:end].decode(errors="replace")


async def _stream(session: Session, scope: Scope, command_id: str, instance_id: str, name: str) -> str:
    """A log stream, whichever shell wrote it; one that is not there printed nothing."""
    for plugin in ("aws-runShellScript", "aws-runPowerShellScript"):
        try:
            return await _logged(session, scope, f"{command_id}/{instance_id}/{plugin}/{name}")
        except NotFound:
            continue
    return ""


async def _logged(session: Session, scope: Scope, stream: str) -> str:
    """A log stream from its start, up to a bound. AWS marks its end by giving back the token it was asked with."""
    asked: dict[str, Any] = {"logGroupName": session.settings.output_log_group, "logStreamName": stream, "startFromHead": True}
    text = token = ""
    while len(text) < _MOST * PAGE:
        part, following = await session.call(scope, "logs", "get_log_events", shape=_events, **asked)
        text += part
        if following == token:
            break
        token = asked["nextToken"] = following
    return text


def _events(response: Any) -> tuple[str, str]:
    return "".join(event["message"] + "\n" for event in response["events"]), response["nextForwardToken"]


def _objects(response: Any) -> list[tuple[str, int]]:
    return [(item["Key"], item["Size"]) for item in response.get("Contents", ())]


def _body(response: Any) -> bytes:
    return response["Body"].read()
