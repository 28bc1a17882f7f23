"""A few simulated PowerShell commands: Get-Service, Get-Process, Get-PSDrive, Get-Date, Write-Output and friends."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Callable, Mapping

from providers.demo.load import Gauge, Load
from providers.demo.machine import Machine
from providers.demo.shell import Chunk, Context, Outcome

Cmdlet = Callable[[Context], None]

_SERVICES = {
    "AmazonSSMAgent": "Amazon SSM Agent",
    "EventLog": "Windows Event Log",
    "MSSQLSERVER": "SQL Server (MSSQLSERVER)",
    "W32Time": "Windows Time",
    "WinRM": "Windows Remote Management (WS-Management)",
}


def run(machine: Machine, load: Load, script: str, now: float) -> Outcome:
    """Run a script of statements, one a line or separated by `;`. An unknown command is said on stderr and ends with 1."""
    outcome = Outcome()
    for statement in filter(None, (part.strip() for part in re.split(r"[;\n]", script))):
        words = _words(statement.partition("|")[0])
        context = Context(machine, load, now + outcome.seconds, words[1:], None, {})
        if words[0].lower() == "exit":
            outcome.code = int(words[1]) if words[1:] and words[1].isdigit() else 0
            return outcome
        cmdlet = CMDLETS.get(words[0].lower())
        if cmdlet is None:
            context.fail(
                f"{words[0]} : The term '{words[0]}' is not recognized as the name of a cmdlet, function, script file, "
                "or operable program."
            )
        else:
            cmdlet(context)
        outcome.seconds += context.seconds
        for stream, lines in (("out", context.out), ("err", context.err)):
            if lines:
                outcome.chunks.append(Chunk(outcome.seconds, "out" if stream == "out" else "err", "".join(lines)))
        outcome.code = 1 if context.err else outcome.code
    return outcome


def _words(statement: str) -> list[str]:
    try:
        return shlex.split(statement, posix=True)
    except ValueError:
        return statement.split()


def _value(context: Context, *names: str) -> str:
    """The value of a named parameter, or the first plain argument."""
    for name, value in zip(context.args, context.args[1:], strict=False):
        if name.lower() in names:
            return value
    return next((arg for arg in context.args if not arg.startswith("-")), "")


def _services(context: Context) -> list[str]:
    wanted = _value(context, "-name").lower().strip("*")
    return [name for name in _SERVICES if wanted in name.lower()]


def get_service(context: Context) -> None:
    """Status, name and display name."""
    found = _services(context)
    if not found:
        context.fail(f"Get-Service : Cannot find any service with service name '{_value(context, '-name')}'.")
        return
    context.say("", "Status   Name               DisplayName", "------   ----               -----------")
    for name in found:
        up = context.machine.units.get(name, (True, 0.0))[0]
        context.say(f"{'Running' if up else 'Stopped':<8} {name:<18} {_SERVICES[name]}")


def change_service(context: Context, up: bool) -> None:
    """Start-, Stop- and Restart-Service."""
    context.seconds = 1.2
    found = _services(context)
    if not found:
        context.fail(f"Cannot find any service with service name '{_value(context, '-name')}'.")
    for name in found:
        context.machine.units[name] = (up, context.now)


def get_process(context: Context) -> None:
    """Handles, memory and CPU of the main processes."""
    memory = (context.load.at(context.machine, Gauge.MEMORY, context.now) or 0) / 100 * context.machine.plan.size.memory * 1024
    cpu = context.load.at(context.machine, Gauge.CPU, context.now) or 0
    context.say("", "Handles  NPM(K)    PM(K)      WS(K)     CPU(s)     Id  SI ProcessName")
    context.say("-------  ------    -----      -----     ------     --  -- -----------")
    for number, (name, share) in enumerate((("sqlservr", 0.7), ("svchost", 0.1), ("amazon-ssm-agent", 0.01), ("lsass", 0.01))):
        size = int(memory * share * 1024)
        context.say(
            f"{410 + 37 * number:7}  {30 + number:6} {size:8} {size:10} {cpu * share * 9:10.2f} "
            f"{1284 + 412 * number:6}   0 {name}"
        )


def get_psdrive(context: Context) -> None:
    """Drive C."""
    size, used = context.machine.plan.disk, context.load.at(context.machine, Gauge.DISK, context.now) or 0
    context.say(
        "",
        "Name           Used (GB)     Free (GB) Provider      Root",
        "----           ---------     --------- --------      ----",
    )
    context.say(f"C              {size * used / 100:9.2f}     {size * (100 - used) / 100:9.2f} FileSystem    C:\\")


def get_date(context: Context) -> None:
    """The time, UTC."""
    context.say(time.strftime("%A, %B %d, %Y %I:%M:%S %p", time.gmtime(context.now)))


def write_output(context: Context) -> None:
    """Its arguments, one a line."""
    context.say(*(arg.replace("$env:COMPUTERNAME", context.machine.plan.name.upper()) for arg in context.args))


def hostname(context: Context) -> None:
    """The instance's name."""
    context.say(context.machine.plan.name.upper())


def start_sleep(context: Context) -> None:
    """Takes so many seconds."""
    seconds = _value(context, "-seconds", "-s")
    context.seconds = float(seconds) if re.fullmatch(r"\d+(\.\d+)?", seconds) else 0.0


CMDLETS: Mapping[str, Cmdlet] = {
    "get-service": get_service,
    "start-service": lambda context: change_service(context, True),
    "stop-service": lambda context: change_service(context, False),
    "restart-service": lambda context: change_service(context, True),
    "get-process": get_process,
    "get-psdrive": get_psdrive,
    "get-date": get_date,
    "write-output": write_output,
    "write-host": write_output,
    "echo": write_output,
    "hostname": hostname,
    "whoami": lambda context: context.say("nt authority\\system"),
    "start-sleep": start_sleep,
}
