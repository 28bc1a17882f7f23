"""Writing the audit record: one row for every request, decision and effect, secrets masked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from gate.action import Action, Target
from gate.call import Call
from gate.principal import Principal
from gate.records import Audit, AuditEntry
from gate.redaction import redact_value
from skills.kit.arguments import Arguments
from skills.kit.errors import OpsError

LONGEST = 2000
"""Characters of one text that are kept: the record says what happened, not everything that was printed."""

Decision = Mapping[str, Any]
"""What the policy decided and by which policies, who approved: JSON values, kept as they are under `decision`."""


class Recorder:
    """Turns what happened into rows. A row that cannot be written fails the request: nothing goes unrecorded."""

    def __init__(self, audit: Audit, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._audit = audit
        self._clock = clock

    async def serving(self, version: str) -> None:
        """A process begins to serve: from here on, rows are sealed with its key."""
        entry = AuditEntry(at=self._clock(), principal="", event="serving", correlation="", body={"version": version})
        await self._audit.append(entry)

    async def read(
        self, call: Call, arguments: Arguments, targets: tuple[Target, ...], *, decision: Decision | None = None
    ) -> None:
        """A request that only read was answered."""
        body = {"arguments": arguments.model_dump(mode="json"), "targets": _named(targets)}
        await self._asked("request", call, body, decision)

    async def refused(
        self,
        call: Call,
        error: OpsError,
        event: str = "refused",
        *,
        targets: tuple[Target, ...] = (),
        decision: Decision | None = None,
    ) -> None:
        """A request was refused, or failed while it read. targets: when they are known already."""
        body = {"arguments": call.arguments, "targets": _named(targets), "code": error.code, "what": error.what}
        await self._asked(event, call, body | {"details": error.details}, decision)

    async def asked(self, call: Call, action: Action, *, decision: Decision | None = None) -> None:
        """A confirmation was asked for."""
        await self._asked("asked", call, _of(action), decision)

    async def decision(
        self, event: str, action: Action, by: Principal, *, decision: Decision | None = None, door: str = ""
    ) -> None:
        """Somebody decided on an action, or tried to. door: where."""
        await self._audit.append(self.decided(event, action, by, decision=decision, door=door))

    async def effect(self, event: str, action: Action, *, decision: Decision | None = None) -> None:
        """An action began or ended."""
        await self._audit.append(self.happened(event, action, decision=decision))

    def decided(
        self, event: str, action: Action, by: Principal, *, decision: Decision | None = None, door: str = ""
    ) -> AuditEntry:
        """The row of `decision`, for a store that adds it together with the change. See `gate.records.Actions`."""
        body = _of(action) | {"door": door} | _decided(decision)
        return self._entry(event, by, action.skill, action.correlation, body)

    def happened(self, event: str, action: Action, *, decision: Decision | None = None) -> AuditEntry:
        """The row of `effect`, for the same."""
        outcome = {"failure": action.failure.model_dump() if action.failure else None, "result": action.result}
        body = _of(action) | outcome | _decided(decision)
        return self._entry(event, action.principal, action.skill, action.correlation, body)

    async def _asked(self, event: str, call: Call, body: dict[str, Any], decision: Decision | None) -> None:
        said = {"door": call.place.door if call.place else "", "words": call.words, "route": call.route}
        await self._add(event, call.principal, call.skill, call.correlation, said | body | _decided(decision))

    async def _add(self, event: str, who: Principal, skill: str, correlation: str, body: dict[str, Any]) -> None:
        await self._audit.append(self._entry(event, who, skill, correlation, body))

    def _entry(self, event: str, who: Principal, skill: str, correlation: str, body: dict[str, Any]) -> AuditEntry:
        return AuditEntry(
            at=self._clock(),
            principal=who.key,
            name=who.label,
            event=event,
            skill=skill,
            correlation=correlation,
            body=_shortened(redact_value(_shortened(body, 2 * LONGEST))),
        )


def _of(action: Action) -> dict[str, Any]:
    return {
        "action": action.id,
        "arguments": action.arguments,
        "targets": _named(action.targets),
        "digest": action.digest,
        "policies": list(action.policies),
        "approved": [person.key for person in action.approved],
        "decided_by": action.decided_by.key if action.decided_by else "",
        "words": action.words,
    }


def _named(targets: tuple[Target, ...]) -> list[dict[str, str]]:
    return [{"id": target.id, "name": target.name} for target in targets]


def _decided(decision: Decision | None) -> dict[str, Any]:
    return {"decision": dict(decision)} if decision else {}


def _shortened(value: Any, longest: int = LONGEST) -> Any:
    """Every text no longer than that. Once before secrets are looked for, which bounds the work, generously, so that none is cut
    in half where it is kept; and once after."""
    if isinstance(value, str):
        return value if len(value) <= longest else f"{value[:longest]}… ({len(value):,} characters)"
    if isinstance(value, Mapping):
        return {str(key): _shortened(inner, longest) for key, inner in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_shortened(inner, longest) for inner in cast("Sequence[Any]", value)]
    return value
