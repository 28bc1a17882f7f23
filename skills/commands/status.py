"""`commands.status`: how a command went, asked for later."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

import cards.commands
from skills.commands.models import CommandReport
from skills.commands.outcomes import names, outcome, paged, report
from skills.kit import Arguments, InstanceRef, skill
from skills.kit.errors import Invalid, NotFound
from skills.kit.ports.commands import Commands
from skills.kit.ports.compute import Compute

CommandId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")]


class CommandStatus(Arguments):
    """Which command, and which part of its output."""

    command_id: CommandId = Field(description="The command's id, as it was shown when it ran.")
    instance: InstanceRef | None = Field(None, description="Only on this instance: its id or name.")
    page: int = Field(1, ge=1, description="Which page of its output, from 1; beyond 1 of a single instance.")
    part: int | None = Field(
        None, ge=1, description="Which part of that page the card shows, from 1; nothing means its start and its end."
    )


@skill(
    "commands.status",
    permission="commands:read",
    view=cards.commands.status,
    examples=(
        "command status {3f2b8c1e:command_id}",
        "command status {3f2b8c1e-0a4d-4f6b-9c2e-1d5a7b8c9e0f:command_id}",
        "status of command {3f2b8c1e-0a4d-4f6b-9c2e-1d5a7b8c9e0f:command_id}",
        "show the output of command {3f2b8c1e-0a4d-4f6b-9c2e-1d5a7b8c9e0f:command_id}",
        "output of command {3f2b8c1e-0a4d-4f6b-9c2e-1d5a7b8c9e0f:command_id} on {web-1:instance}",
        "show part {2:part} of command {3f2b8c1e-0a4d-4f6b-9c2e-1d5a7b8c9e0f:command_id} on {web-1:instance}",
        "show page {2:page} of command {3f2b8c1e-0a4d-4f6b-9c2e-1d5a7b8c9e0f:command_id} on {web-1:instance}",
    ),
    iam=("ssm:ListCommands", "ssm:ListCommandInvocations", "ssm:GetCommandInvocation", "ec2:DescribeInstances"),
)
async def command_status(args: CommandStatus, *, compute: Compute, commands: Commands) -> CommandReport:
    """Show where a command stands and what it printed, page by page.

    Errors: NotFound; Invalid for a page that is not there, or of several instances at once.
    """
    state = await commands.state(args.command_id)
    shown = [one for one in state.invocations if args.instance in (None, one.instance_id)]
    if not shown:
        raise NotFound(f"Command {args.command_id} was not sent to {args.instance}.", unchanged="")
    if (args.page > 1 or args.part) and len(shown) > 1:
        raise Invalid("Say which instance's output is to be paged.", unchanged="", remedy="Name one of those it ran on.")
    known = await names(compute, [one.instance_id for one in shown])
    outcomes = [outcome(one, args.command_id, known.get(one.instance_id, "")) for one in shown]
    if len(outcomes) == 1:
        outcomes = [await paged(commands, outcomes[0], args.page)]
    return report(state.command, outcomes, {state.id: state}).model_copy(update={"part": args.part})
