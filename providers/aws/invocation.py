"""A command on one instance as SSM tells it, and as ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog

from providers.aws.output import PAGE, printed
from skills.kit.ports.commands import Invocation, Phase

_PHASES = {
    "pending": Phase.PENDING,
    "delayed": Phase.PENDING,
    "inprogress": Phase.RUNNING,
    "cancelling": Phase.RUNNING,
    "success": Phase.SUCCESS,
    "failed": Phase.FAILED,
    "incomplete": Phase.FAILED,
    "rateexceeded": Phase.FAILED,
    "limitexceeded": Phase.FAILED,
    "timedout": Phase.TIMED_OUT,
    "executiontimedout": Phase.TIMED_OUT,
    "deliverytimedout": Phase.UNDELIVERED,
    "cancelled": Phase.CANCELLED,
    "canceled": Phase.CANCELLED,
    "terminated": Phase.CANCELLED,
    "undeliverable": Phase.UNDELIVERED,
    "invalidplatform": Phase.UNDELIVERED,
    "accessdenied": Phase.UNDELIVERED,
    "noinstancesintag": Phase.UNDELIVERED,
}
_ERRORS = 8_000
"""Characters SSM keeps of what went to stderr."""

_CUT = "---Output truncated---"
_log = structlog.get_logger()


def phase(status: str, details: str) -> Phase:
    """SSM's Status and StatusDetails as ours. Undelivered is whatever never ran; one we do not know has failed, and is logged."""
    for said in (details, status):
        if known := _PHASES.get(said.replace(" ", "").replace("-", "").lower()):
            return known
    _log.warning("ssm_status_unknown", status=status, details=details)
    return Phase.FAILED


def listed(response: Any) -> list[Invocation]:
    """One response of ListCommandInvocations, asked for with details: without output, which is read when it has ended."""
    return [
        Invocation(
            instance_id=item["InstanceId"],
            phase=phase(item.get("Status", ""), item.get("StatusDetails", "")),
            started_at=_started(item.get("CommandPlugins", ())),
        )
        for item in response["CommandInvocations"]
    ]


def result(seen: Invocation) -> Callable[[Any], Invocation]:
    """A shaper of GetCommandInvocation for an invocation that was listed as ended."""

    def shape(response: Any) -> Invocation:
        output, errors = printed(response)
        code = response.get("ResponseCode", -1)
        ended = phase(response.get("Status", ""), response.get("StatusDetails", ""))
        return Invocation(
            instance_id=seen.instance_id,
            phase=ended,
            exit_code=code if ended in (Phase.SUCCESS, Phase.FAILED) and code >= 0 else None,  # else it is the agent's own
            output=output[:PAGE],
            errors=errors[:PAGE],
            truncated=len(output) >= PAGE or len(errors) >= _ERRORS or any(_CUT in text[-100:] for text in (output, errors)),
            started_at=_time(response.get("ExecutionStartDateTime")) or seen.started_at,
            ended_at=_time(response.get("ExecutionEndDateTime")),
        )

    return shape


def _started(plugins: Any) -> datetime | None:
    times = [plugin["ResponseStartDateTime"] for plugin in plugins if plugin.get("ResponseStartDateTime")]
    return _time(min(times, default=None))


def _time(value: datetime | str | None) -> datetime | None:
    """UTC, of a datetime, of ISO text, or of nothing, which SSM writes as empty text."""
    if not value:
        return None
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
