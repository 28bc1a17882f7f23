"""From what the provider knows of a command to what is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from skills.commands.models import CommandOutcome, CommandReport
from skills.gaps import BEARABLE, reason
from skills.kit.errors import Invalid
from skills.kit.ports.commands import Commands, CommandState, Invocation, Phase, Shell
from skills.kit.ports.compute import Compute
from skills.kit.ports.run import StepState

_WORDS = {
    Phase.PENDING: "It has not been picked up yet.",
    Phase.RUNNING: "It is still running.",
    Phase.TIMED_OUT: "It did not end within its time and was stopped.",
    Phase.CANCELLED: "It was cancelled.",
    Phase.UNDELIVERED: "It could not be delivered: the management agent (SSM) did not answer.",
}
_STEPS = {Phase.PENDING: StepState.WAITING, Phase.RUNNING: StepState.RUNNING, Phase.SUCCESS: StepState.DONE}


def step_of(phase: Phase) -> StepState:
    """How a step shows a phase."""
    return _STEPS.get(phase, StepState.FAILED)


def seconds(invocation: Invocation) -> float | None:
    """How long it ran; None while it runs or when it never began."""
    if invocation.started_at is None or invocation.ended_at is None:
        return None
    return (invocation.ended_at - invocation.started_at).total_seconds()


def outcome(invocation: Invocation, command_id: str, name: str) -> CommandOutcome:
    """One invocation, with the output its state carries."""
    phase, code = invocation.phase, invocation.exit_code
    failed = f"It ended with exit code {code}." if code is not None else "It failed, and its exit code is not known."
    return CommandOutcome(
        instance_id=invocation.instance_id,
        name=name,
        command_id=command_id,
        ok=phase is Phase.SUCCESS,
        status=phase,
        exit_code=code,
        execution_time=seconds(invocation),
        output=invocation.output,
        errors=invocation.errors,
        truncated=invocation.truncated,
        what=failed if phase is Phase.FAILED else _WORDS.get(phase, ""),
    )


async def paged(commands: Commands, one: CommandOutcome, page: int = 1) -> CommandOutcome:
    """With page `page` of all it printed, when it printed more than its state carries. Errors: Invalid for no such page.

    Where the rest was not kept, what is there stays, `truncated`, and `remedy` says how it would be kept.
    """
    if page == 1 and not one.truncated:
        return one
    try:
        text, pages = await commands.output(one.command_id, one.instance_id, page)
    except Invalid:
        if page > 1:
            raise
        return one
    except BEARABLE as error:
        if page > 1:
            raise
        return one.model_copy(update={"remedy": f"The rest of its output cannot be had: {reason(error)} {error.remedy}".strip()})
    return one.model_copy(update={"output": text, "page": page, "pages": pages, "truncated": False})


def report(
    command: str, outcomes: Sequence[CommandOutcome], sent: Mapping[str, CommandState | None], shells: Sequence[Shell] = ()
) -> CommandReport:
    """All of it; of a single instance also at the top, as the fleet document has it. sent: by command id, None when not known."""
    single = outcomes[0] if len(outcomes) == 1 else None
    ids, states = tuple(sent), [state for state in sent.values() if state]
    times = [one.execution_time for one in outcomes if one.execution_time is not None]
    return CommandReport(
        command=command,
        instance_id=single.instance_id if single else None,
        execution_time=max(times, default=None),
        output=single.output if single else "",
        exit_code=single.exit_code if single else None,
        command_id=ids[0] if len(ids) == 1 else "",
        command_ids=ids,
        shells=tuple(shells),
        requested_at=min((state.requested_at for state in states), default=None),
        final=all(state is not None and state.final for state in sent.values()),
        invocations=tuple(outcomes),
    )


async def names(compute: Compute, ids: Sequence[str]) -> Mapping[str, str]:
    """Names by id, as far as they can be had: the result of a command is worth showing without."""
    try:
        return {instance.id: instance.name for instance in await compute.get(ids)}
    except BEARABLE:
        return {}
