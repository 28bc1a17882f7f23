"""`commands.run`: a command on one or many instances, followed until it has ended everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from pydantic import Field

import cards.commands
from skills.commands.models import CommandOutcome, CommandReport
from skills.commands.outcomes import outcome, paged, report, step_of
from skills.commands.words import CommandText
from skills.gaps import reason
from skills.instances.targets import Failed, find, labels
from skills.kit import Arguments, Duration, InstanceRef, Risk, skill
from skills.kit.errors import Cancelled, Conflict, Invalid, NotFound, OpsError, Throttled, Timeout, Unavailable
from skills.kit.ports.commands import Commands, CommandState, Phase, Shell
from skills.kit.ports.compute import Compute, Instance, State
from skills.kit.ports.run import Progress, StepState

LOOKS = (0.5, 1.0, 1.0, 2.0, 3.0)
"""Seconds before each look; the last one again and again."""

TRIES = 3
"""How often it is sent when the provider throttles."""

GRACE = timedelta(seconds=60)
"""How much longer than its own time a command is followed: it has to be delivered first."""

UNMANAGED = "Check that the SSM agent runs there and that the instance's role has AmazonSSMManagedInstanceCore."


class RunCommand(Arguments):
    """What to run, where, and for how long at most."""

    command: CommandText = Field(description="The command as it is to be run, without quotes around it.")
    instances: list[InstanceRef] = Field(
        min_length=1, max_length=200, description="Ids, names or key=value of a tag, as the user said them."
    )
    shell: Shell | None = Field(None, description="What interprets it; nothing means PowerShell on Windows, else bash.")
    timeout: Duration = Field(
        timedelta(minutes=5),
        ge=timedelta(seconds=30),
        le=timedelta(hours=1),
        description="How long it may run on each instance, 30s to 1h.",
    )


@skill(
    "commands.run",
    risk=Risk.CHANGE,
    permission="commands:run",
    confirm="Run `{command}` on {instances}?",
    command="command",
    consequences="It runs as root (on Windows: as SYSTEM) and can change anything there. What it changed stays.",
    view=cards.commands.ran,
    examples=(
        "run {df -h:command} on {web-server-01:instances}",
        'execute "{df -h:command}" on {web-server-01:instances}',
        "execute {uptime:command} on {the staging boxes:instances}",
        "run {systemctl status nginx:command} on {i-0abc123def and i-0def456ghi:instances}",
        "run the command {free -m:command} on {db-2:instances}",
        "run {Get-Service:command} on {report-01:instances} with {powershell:shell}",
        "run this on {web-server-01:instances}: {uptime:command}",
        "on {web-1 and web-2:instances} run {journalctl -u nginx -n 50:command}",
        "run {yum -y update:command} on {env=staging:instances} with a timeout of {30m:timeout}",
    ),
    iam=(
        "ec2:DescribeInstances",
        "ssm:SendCommand",
        "ssm:ListCommands",
        "ssm:ListCommandInvocations",
        "ssm:GetCommandInvocation",
        "ssm:CancelCommand",
        "ssm:DescribeInstanceInformation",
    ),
    timeout=timedelta(minutes=65),
)
async def run_command(args: RunCommand, *, compute: Compute, commands: Commands, progress: Progress) -> CommandReport:
    """Run a command on instances through their management agent (SSM) and show what it printed.

    Where it cannot be sent, the others go on. Errors: Unavailable (part `ssm`) or Conflict when it cannot be sent anywhere;
    Cancelled after the command was stopped, with what is known.
    """
    return await _Running(args, compute, commands, progress).run()


class _Running:
    """One run. sent: the state of each command by its id. unsent: why it was not sent to an instance."""

    def __init__(self, args: RunCommand, compute: Compute, commands: Commands, progress: Progress) -> None:
        self._args, self._compute, self._commands, self._progress = args, compute, commands, progress
        self._sent: dict[str, CommandState | None] = {}
        self._unsent: dict[str, OpsError] = {}
        self._labels: Mapping[str, str] = {}
        self._phases: dict[str, Phase] = {}
        self._shells: set[Shell] = set()

    async def run(self) -> CommandReport:
        order = list(dict.fromkeys(self._args.instances))
        found, lost = await find(self._compute, order)
        self._labels = {**{id: id for id in lost}, **labels(found.values())}
        for id, error in lost.items():
            await self._leave_out("check", id, error)
        await self._send(await self._reachable(list(found.values())))
        if not self._sent:
            raise self._nowhere()
        try:
            await self._follow()
        except Cancelled as error:
            raise await self._stopped() from error
        outcomes = [await self._outcome(id, found.get(id)) for id in order]
        return report(self._args.command, outcomes, self._sent, sorted(self._shells))

    async def _reachable(self, instances: Sequence[Instance]) -> list[Instance]:
        """Those it can be sent to. One it may have been sent to before a crash counts, whatever became of it."""
        fresh = [one for one in instances if self._progress.earlier("run", self._labels[one.id]) is None]
        running = [one for one in fresh if one.state is State.RUNNING]
        managed = await self._commands.managed(running) if running else {}
        for one in fresh:
            if refused := self._refused(one, managed):
                await self._leave_out("check", one.id, refused)
        return [one for one in instances if one.id not in self._unsent]

    def _refused(self, instance: Instance, managed: Mapping[str, bool]) -> OpsError | None:
        label = self._labels[instance.id]
        if instance.state is not State.RUNNING:
            return Conflict(f"{label} is {instance.state.value}, so nothing can be run there.", remedy="Start it first.")
        if instance.platform == "windows" and self._args.shell is Shell.BASH:
            return Invalid(f"{label} runs Windows, which has no bash.", remedy="Leave the shell out, or say powershell.")
        if not managed.get(instance.id):
            return Unavailable(f"{label} does not answer through SSM, so nothing can be run there.", part="ssm", remedy=UNMANAGED)
        return None

    async def _send(self, instances: Sequence[Instance]) -> None:
        """Once per shell and platform: what a provider refuses on one platform does not stop the other."""
        groups: dict[tuple[Shell, str], list[Instance]] = {}
        for one in instances:
            groups.setdefault((self._shell(one), one.platform), []).append(one)
            await self._progress.step("run", self._labels[one.id], StepState.RUNNING, "sending")
        for (shell, platform), group in groups.items():
            try:
                ids = await self._sending(group, shell, f"{self._progress.token}-{shell}-{platform}")
            except OpsError as error:
                for one in group:
                    await self._leave_out("run", one.id, error)
            else:
                self._sent |= dict.fromkeys(ids)
                self._shells.add(shell)

    async def _sending(self, group: Sequence[Instance], shell: Shell, token: str) -> Sequence[str]:
        """The token makes a second sending, after a crash or when throttled in between, find the first."""
        args = self._args
        for tries_left in reversed(range(TRIES)):
            try:
                return await self._commands.send(group, args.command, shell=shell, timeout=args.timeout, token=token)
            except Throttled as error:
                if not tries_left:
                    raise
                await self._progress.wait(min(error.retry_after, 30))
        return ()

    def _shell(self, instance: Instance) -> Shell:
        return self._args.shell or (Shell.POWERSHELL if instance.platform == "windows" else Shell.BASH)

    async def _follow(self) -> None:
        """Look until it has ended everywhere or is long overdue. Errors: Cancelled; Forbidden, as looking stays so."""
        looks, waited = iter(LOOKS), 0.0
        limit = (self._args.timeout + GRACE).total_seconds()
        while waited < limit and not all(state and state.final for state in self._sent.values()):
            pause = next(looks, LOOKS[-1])
            await self._progress.wait(pause)
            waited += pause
            await self._look()

    async def _look(self) -> None:
        for id, known in self._sent.items():
            if known and known.final:
                continue
            try:
                state = await self._commands.state(id)
            except (NotFound, Throttled, Timeout, Unavailable):  # looked at again; right after sending it may not be found yet
                continue
            self._sent[id] = state
            for invocation in state.invocations:
                await self._show(invocation.instance_id, invocation.phase)

    async def _show(self, id: str, phase: Phase) -> None:
        if self._phases.get(id) is not phase:
            self._phases[id] = phase
            await self._progress.step("run", self._labels.get(id, id), step_of(phase), phase.value)

    async def _stopped(self) -> Cancelled:
        """Stop it everywhere, look once more, and say what is known."""
        trouble = ""
        try:
            for id, state in self._sent.items():
                if not (state and state.final):
                    await self._commands.cancel(id)
            await self._look()
        except OpsError as error:
            trouble = f" Stopping it failed: {reason(error)}"
        known = "; ".join(f"{self._labels.get(id, id)}: {phase.value}" for id, phase in self._phases.items())
        return Cancelled(
            f"The command was asked to stop.{trouble} Last known: {known or 'nothing'}.",
            unchanged="What it did before it was stopped stays done.",
            remedy=f"See what it printed with: command status {next(iter(self._sent))}",
        )

    async def _outcome(self, id: str, instance: Instance | None) -> CommandOutcome:
        name = instance.name if instance else ""
        if error := self._unsent.get(id):
            return CommandOutcome(instance_id=id, name=name, ok=False, **Failed.of(error).fields())
        for command_id, state in self._sent.items():
            for invocation in state.invocations if state else ():
                if invocation.instance_id == id:
                    return await paged(self._commands, outcome(invocation, command_id, name))
        what = "It was sent, but nothing could be learned of it."
        return CommandOutcome(
            instance_id=id, name=name, ok=False, what=what, code=Timeout.code, remedy="Ask for its status later."
        )

    def _nowhere(self) -> OpsError:
        """It was sent nowhere: the most telling of the errors, with what happened on each instance."""
        errors = list(self._unsent.values())
        error = next((one for one in errors if isinstance(one, Unavailable)), errors[0])
        error.what = " ".join(dict.fromkeys(one.what for one in errors))
        error.unchanged = "Nothing was run."
        return error

    async def _leave_out(self, step: str, id: str, error: OpsError) -> None:
        self._unsent[id] = error
        await self._progress.step(step, self._labels[id], StepState.FAILED, error.what)
