"""What the command skills answer with. By alias, the JSON has the fleet document's names."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from skills.kit import Outside, Part, Result
from skills.kit.ports.commands import Phase, Shell


class CommandOutcome(Part):
    """A command on one instance.

    status: None when it was never sent there; then `what` says why and `code` is the error's code, such as `UNAVAILABLE`.
    exit_code: None while it runs or when it is not known. execution_time: seconds; None while it runs. output: page `page` of
    `pages` of what it printed (text from outside, never markup). errors: its standard error, at most 24,000 characters.
    truncated: there was more than can be had.
    """

    instance_id: str
    name: Outside = ""
    command_id: str = ""
    ok: bool
    status: Phase | None = None
    exit_code: int | None = None
    execution_time: float | None = None
    output: Outside = ""
    errors: Outside = ""
    page: int = 1
    pages: int = 1
    truncated: bool = False
    what: str = ""
    code: str = ""
    remedy: str = ""
    details: str = ""


class CommandReport(Result):
    """A command and how it went, of `commands.run` and of `commands.status`.

    Of one instance, instance_id, execution_time, output, exit_code and command_id are that instance's; of several they are None
    or empty (execution_time: of the longest) and `invocations` has each. command_ids: every id, one per region, shell
    and batch of 50. final: nothing more will happen. part: which part of the output the card shows; programs get the page whole.
    """

    model_config = ConfigDict(alias_generator=to_camel)

    command: Outside
    instance_id: str | None = None
    execution_time: float | None = None
    output: Outside = ""
    exit_code: int | None = None
    command_id: str = ""
    command_ids: tuple[str, ...] = ()
    shells: tuple[Shell, ...] = ()
    requested_at: datetime | None = None
    final: bool = True
    invocations: tuple[CommandOutcome, ...] = ()
    part: int | None = Field(default=None, exclude=True)

    @property
    def ok(self) -> bool:
        """It succeeded on every instance."""
        return all(invocation.ok for invocation in self.invocations)
