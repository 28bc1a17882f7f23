"""Writing the audit record: one row for every request, decision and effect, secrets masked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from gate.action import Action, Target
from gate.call import Call
from gate.principal import Principal
from gate.records import Audit, AuditEntry
from gate.redaction import redact_value
from skills.kit.arguments import Arguments
from skills.kit.errors import OpsError


class Recorder:
    """Turns what happened into rows. A row that cannot be written fails the request: nothing goes unrecorded."""

    def __init__(self, audit: Audit, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._audit = audit
        self._clock = clock

    async def read(self, call: Call, arguments: Arguments, targets: tuple[Target, ...]) -> None:
        """A request that only read was answered."""
        body = {"arguments": arguments.model_dump(mode="json"), "targets": [target.id for target in targets]}
        await self._add("request", call.principal, call.skill, call.correlation, _words(call) | body)

    async def refused(self, call: Call, error: OpsError, event: str = "refused") -> None:
        """A request was refused, or failed while it read."""
        body = {"arguments": call.arguments, "code": error.code, "what": error.what, "details": error.details}
        await self._add(event, call.principal, call.skill, call.correlation, _words(call) | body)

    async def asked(self, call: Call, action: Action) -> None:
        """A confirmation was asked for."""
        await self._add("asked", call.principal, call.skill, call.correlation, _words(call) | _of(action))

    async def decision(self, event: str, action: Action, by: Principal) -> None:
        """Somebody decided on an action, or tried to."""
        await self._add(event, by, action.skill, action.correlation, _of(action))

    async def effect(self, event: str, action: Action) -> None:
        """An action began or ended."""
        outcome = {"failure": action.failure.model_dump() if action.failure else None, "result": action.result}
        await self._add(event, action.principal, action.skill, action.correlation, _of(action) | outcome)

    async def _add(self, event: str, who: Principal, skill: str, correlation: str, body: dict[str, Any]) -> None:
        await self._audit.append(
            AuditEntry(
                at=self._clock(), principal=who.key, event=event, skill=skill, correlation=correlation, body=redact_value(body)
            )
        )


def _words(call: Call) -> dict[str, Any]:
    return {"door": call.place.door if call.place else "", "words": call.words, "route": call.route}


def _of(action: Action) -> dict[str, Any]:
    targets = [target.id for target in action.targets]
    return {"action": action.id, "arguments": action.arguments, "targets": targets, "digest": action.digest}
