"""Commands in memory: sent, picked up, run by a function, ended."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from providers.memory.clock import Now, real
from providers.memory.compute import MemoryCompute
from providers.memory.faults import Faulty
from skills.kit.errors import Invalid, NotFound, Unavailable
from skills.kit.ports.commands import CommandState, Invocation, Phase, Shell
from skills.kit.ports.compute import Instance, State

PAGE = 24_000
"""Characters kept of each stream, and per page."""

_TARGETS = 50
_PLATFORMS = {Shell.BASH: "linux", Shell.POWERSHELL: "windows"}
Run = Callable[[Instance, str], tuple[int, str, str]]
"""A shell: gives the exit code, the output and the errors of a command on an instance."""

Pace = Callable[[str], float]
"""How many seconds a command takes."""


def shell(instance: Instance, command: str) -> tuple[int, str, str]:
    """Knows `echo`, `hostname`, `true`, `false`, `sleep N`, `exit N`; anything else is not found."""
    word, _, rest = command.strip().partition(" ")
    if word == "exit" and rest.strip().isdigit():
        return int(rest), "", ""
    known = {
        "echo": (0, rest + "\n", ""),
        "hostname": (0, instance.label + "\n", ""),
        "true": (0, "", ""),
        "sleep": (0, "", ""),
        "false": (1, "", ""),
    }
    return known.get(word, (127, "", f"bash: line 1: {word}: command not found\n"))


def pace(command: str) -> float:
    """`sleep N` takes N seconds, anything else none."""
    word, _, rest = command.strip().partition(" ")
    return float(rest) if word == "sleep" and rest.strip().isdigit() else 0.0


@dataclass
class _Sent:
    """A command as it was sent; `token` and the region and batch name the intent."""

    id: str
    command: str
    at: datetime
    timeout: timedelta
    targets: tuple[Instance, ...]
    cancelled_at: datetime | None = None
    printed: dict[str, tuple[int, str, str]] = field(default_factory=dict[str, tuple[int, str, str]])


class MemoryCommands(Faulty):
    """The Commands twin.

    compute: where instances' states are looked up; without it they are as they were when sent to. delay: seconds until an agent
    picks a command up. pace: how long a command runs. unmanaged: ids of instances without an agent.
    """

    def __init__(
        self,
        compute: MemoryCompute | None = None,
        *,
        shell: Run = shell,
        delay: float = 0.0,
        pace: Pace = pace,
        unmanaged: Collection[str] = (),
        clock: Now = real,
    ) -> None:
        super().__init__()
        self.shell = shell
        self.unmanaged = set(unmanaged)
        self._compute = compute
        self._pace = pace
        self._delay = timedelta(seconds=delay)
        self._clock = clock
        self._commands: dict[str, _Sent] = {}
        self._intents: dict[tuple[str, str, Shell, int], str] = {}

    @property
    def sent(self) -> list[CommandState]:
        """Every command that was sent, oldest first, as it stands now."""
        return [self._state(sent) for sent in self._commands.values()]

    async def managed(self, instances: Sequence[Instance]) -> Mapping[str, bool]:
        """By instance id: it runs and has an agent."""
        self._may_fail("managed")
        return {instance.id: self._online(instance) for instance in instances}

    async def send(
        self, instances: Sequence[Instance], command: str, *, shell: Shell, timeout: timedelta, token: str
    ) -> Sequence[str]:
        """Send once per token, region and batch of 50. Errors: Unavailable without an agent, Invalid on the wrong platform."""
        self._may_fail("send")
        groups: dict[str, list[Instance]] = {}
        for instance in instances:
            groups.setdefault(instance.region, []).append(instance)
        ids: list[str] = []
        for region, group in groups.items():
            ordered = sorted(group, key=lambda instance: instance.id)
            for start in range(0, len(ordered), _TARGETS):
                intent = (token, region, shell, start)
                if intent not in self._intents:
                    self._intents[intent] = self._send(ordered[start : start + _TARGETS], command, shell, timeout)
                ids.append(self._intents[intent])
        return ids

    async def state(self, command_id: str) -> CommandState:
        """Where it stands now. Errors: NotFound."""
        self._may_fail("state")
        return self._state(self._found(command_id))

    async def output(self, command_id: str, instance_id: str, page: int) -> tuple[str, int]:
        """A page of all it printed, output first and then errors; silence is one empty page."""
        self._may_fail("output")
        sent = self._found(command_id)
        target = next((target for target in sent.targets if target.id == instance_id), None)
        if target is None:
            raise NotFound(f"{command_id} was not sent to {instance_id}.")
        ended = self._invocation(sent, target).phase.final
        _, output, errors = sent.printed.get(instance_id, (0, "", "")) if ended else (0, "", "")
        pages = [text[start : start + PAGE] for text in (output, errors) for start in range(0, len(text), PAGE)] or [""]
        if not 1 <= page <= len(pages):
            raise Invalid(f"There is no page {page} of that output.", remedy=f"It has {len(pages)}.")
        return pages[page - 1], len(pages)

    async def cancel(self, command_id: str) -> None:
        """Stop it where it has not ended. Errors: NotFound."""
        self._may_fail("cancel")
        sent = self._found(command_id)
        sent.cancelled_at = sent.cancelled_at or self._clock()

    def _send(self, targets: Sequence[Instance], command: str, shell: Shell, timeout: timedelta) -> str:
        if absent := [target.label for target in targets if not self._online(target)]:
            raise Unavailable(
                f"The SSM agent of {', '.join(absent)} is not connected, so nothing can run there.",
                part="ssm",
                remedy="Check that the instance runs, has the SSM agent and a role with AmazonSSMManagedInstanceCore.",
            )
        if wrong := [target.label for target in targets if target.platform != _PLATFORMS[shell]]:
            raise Invalid(f"{', '.join(wrong)} cannot run {shell.value} commands.", details="UnsupportedPlatformType")
        sent = _Sent(str(uuid.uuid4()), command, self._clock(), timeout, tuple(targets))
        self._commands[sent.id] = sent
        return sent.id

    def _online(self, instance: Instance) -> bool:
        now = self._compute.peek(instance.id) if self._compute else instance
        return now is not None and now.state is State.RUNNING and instance.id not in self.unmanaged

    def _found(self, command_id: str) -> _Sent:
        if command_id not in self._commands:
            raise NotFound(f"There is no command {command_id}.", remedy="SSM forgets commands after 30 days.")
        return self._commands[command_id]

    def _state(self, sent: _Sent) -> CommandState:
        invocations = tuple(self._invocation(sent, target) for target in sent.targets)
        return CommandState(id=sent.id, command=sent.command, requested_at=sent.at, invocations=invocations)

    def _invocation(self, sent: _Sent, target: Instance) -> Invocation:
        """Where it stands on one instance: all of it follows from the clock."""
        now = self._clock()
        began = sent.at + self._delay
        takes = timedelta(seconds=self._pace(sent.command))
        ends = began + min(takes, sent.timeout)
        if sent.cancelled_at and sent.cancelled_at < ends:
            started = began if began <= sent.cancelled_at else None
            return Invocation(instance_id=target.id, phase=Phase.CANCELLED, started_at=started, ended_at=sent.cancelled_at)
        if now < began:
            return Invocation(instance_id=target.id, phase=Phase.PENDING)
        if now < ends:
            return Invocation(instance_id=target.id, phase=Phase.RUNNING, started_at=began)
        if takes > sent.timeout:
            return Invocation(instance_id=target.id, phase=Phase.TIMED_OUT, started_at=began, ended_at=ends)
        return self._result(sent, target, began, ends)

    def _result(self, sent: _Sent, target: Instance, began: datetime, ended: datetime) -> Invocation:
        if target.id not in sent.printed:
            sent.printed[target.id] = self.shell(target, sent.command)
        code, output, errors = sent.printed[target.id]
        return Invocation(
            instance_id=target.id,
            phase=Phase.SUCCESS if code == 0 else Phase.FAILED,
            exit_code=code,
            output=output[:PAGE],
            errors=errors[:PAGE],
            truncated=max(len(output), len(errors)) > PAGE,
            started_at=began,
            ended_at=ended,
        )
