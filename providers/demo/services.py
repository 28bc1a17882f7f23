"""systemctl, journalctl, docker and the sockets: what serves on a machine, and stopping and restarting it."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

from providers.demo.files import journal
from providers.demo.load import Gauge
from providers.demo.machine import Machine
from providers.demo.shell import Context, Program

_BASE = {
    "amazon-cloudwatch-agent": "Amazon CloudWatch Agent",
    "amazon-ssm-agent": "amazon-ssm-agent",
    "chronyd": "NTP client/server",
    "crond": "Command Scheduler",
    "sshd": "OpenSSH server daemon",
}
_DOCKER_ROLES = ("api", "checkout", "build")
_TITLES = {
    "nginx": "The nginx HTTP and reverse proxy server",
    "postgresql": "PostgreSQL database server",
    "redis": "Redis persistent key-value database",
}


def units(machine: Machine) -> dict[str, str]:
    """The units of a machine with their titles."""
    kind = machine.plan.kind
    docker = {"docker": "Docker Application Container Engine"} if machine.plan.role in _DOCKER_ROLES else {}
    own = {kind.unit: _TITLES.get(kind.unit, f"{machine.plan.service} ({kind.unit})")}
    return dict(sorted((_BASE | docker | own).items()))


def systemctl(context: Context) -> int:
    """status, is-active, is-enabled, start, stop, restart, reload, list-units."""
    verb, *names = context.operands or ["list-units"]
    if verb == "list-units":
        return _list_units(context)
    if not names:
        return context.fail("Too few arguments.")
    code = 0
    for name in names:
        unit = name.removesuffix(".service")
        if unit not in units(context.machine):
            code = _unknown(context, verb, unit)
        else:
            code = max(code, _VERBS.get(verb, _no_verb)(context, unit))
    return code


def _unknown(context: Context, verb: str, unit: str) -> int:
    if verb == "is-active":
        context.say("inactive")
        return 3
    if verb == "status":
        return context.fail(f"Unit {unit}.service could not be found.", 4)
    return context.fail(f"Failed to {verb} {unit}.service: Unit {unit}.service not found.", 5)


def _no_verb(context: Context, unit: str) -> int:
    return context.fail(f"Unknown command verb '{context.operands[0]}'.")


def _list_units(context: Context) -> int:
    machine = context.machine
    failed = "--failed" in context.args or "--state=failed" in context.args
    rows = [] if failed else [(unit, machine.serves(unit), title) for unit, title in units(machine).items()]
    context.say("  UNIT                              LOAD   ACTIVE   SUB     DESCRIPTION")
    for unit, up, title in rows:
        state = "active   running" if up else "inactive dead   "
        context.say(f"  {unit + '.service':<33} loaded {state} {title}")
    context.say("", f"{len(rows)} loaded units listed.")
    return 0


def _status(context: Context, unit: str) -> int:
    machine, title = context.machine, units(context.machine)[unit]
    up, when = machine.serves(unit), machine.unit_since(unit)
    at = time.strftime("%a %Y-%m-%d %H:%M:%S UTC", time.gmtime(when))
    context.say(f"{'●' if up else '○'} {unit}.service - {title}")
    context.say(f"     Loaded: loaded (/usr/lib/systemd/system/{unit}.service; enabled; preset: disabled)")
    context.say(f"     Active: {'active (running)' if up else 'inactive (dead)'} since {at}; {ago(context.now - when)} ago")
    if not up:
        return 3
    number = machine.pid(unit)
    memory = machine.plan.size.memory * 1024 * (0.3 if unit == machine.plan.kind.unit else 0.004)
    context.say(f"   Main PID: {number} ({unit[:15]})", f"      Tasks: {4 + number % 9}", f"     Memory: {memory:.1f}M")
    context.say(f"     CGroup: /system.slice/{unit}.service", f"             └─{number} /usr/sbin/{unit}", "")
    context.say(*journal(context, unit, context.now - 240)[-8:])
    return 0


def _is_active(context: Context, unit: str) -> int:
    up = context.machine.serves(unit)
    context.say("active" if up else "inactive")
    return 0 if up else 3


def _is_enabled(context: Context, unit: str) -> int:
    context.say("enabled")
    return 0


def _start(context: Context, unit: str) -> int:
    context.seconds = 0.4
    if not context.machine.serves(unit):
        context.machine.units[unit] = (True, context.now)
    return 0


def _stop(context: Context, unit: str) -> int:
    context.seconds = 0.4
    context.machine.units[unit] = (False, context.now)
    _calm(context, unit)
    return 0


def _restart(context: Context, unit: str) -> int:
    context.seconds = 0.8
    context.machine.units[unit] = (True, context.now)
    _calm(context, unit)
    return 0


def _calm(context: Context, unit: str) -> None:
    """A runaway process ends with its unit."""
    if unit == context.machine.plan.kind.unit:
        context.machine.healed.setdefault("cpu", context.now)


_VERBS = {
    "status": _status,
    "is-active": _is_active,
    "is-enabled": _is_enabled,
    "start": _start,
    "stop": _stop,
    "restart": _restart,
    "reload": _start,
}


def journalctl(context: Context) -> int:
    """-u UNIT, -n COUNT, --since "10 minutes ago" or a time of today; --vacuum-size frees a little of the disk."""
    text = " ".join(context.args)
    if "--vacuum" in text:
        context.machine.cleared.append((context.now, 2.4))
        context.say("Vacuuming done, freed 1.1G of archived journals from /var/log/journal.")
        return 0
    named = re.search(r"(?:-u\s*|--unit[= ])([\w@.-]+)", text)
    unit = named[1].removesuffix(".service") if named else context.machine.plan.kind.unit
    if unit not in units(context.machine):
        context.say("-- No entries --")
        return 0
    start = _since(text, context.now)
    count = re.search(r"(?:-n\s*|--lines[= ])(\d+)", text)
    lines = journal(context, unit, start)
    if "-p err" in text or "-p 3" in text:
        lines = [line for line in lines if "error:" in line]
    shown = lines[-int(count[1]) :] if count else lines
    context.say(*(shown or ["-- No entries --"]))
    return 0


_SPANS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _since(text: str, now: float) -> float:
    """When `--since` begins; an hour ago when it is not given."""
    match = re.search(r"(?:--since[= ]|-S\s*)-?(\d+)\s*(s|m|h|d)", text)
    if match:
        return now - int(match[1]) * _SPANS[match[2]]
    if "--since today" in text or "--since=today" in text:
        return now - now % 86400
    clock = re.search(r"--since[= ](?:\d{4}-\d\d-\d\d )?(\d\d):(\d\d)", text)
    return now - now % 86400 + int(clock[1]) * 3600 + int(clock[2]) * 60 if clock else now - 3600


def curl(context: Context) -> int:
    """The health page of what serves here; nothing else answers."""
    target = next((arg for arg in context.operands if "localhost" in arg or "127.0.0.1" in arg), "")
    kind = context.machine.plan.kind
    port = int(found[1]) if (found := re.search(r":(\d+)", target.replace("://", ""))) else 80
    if not target:
        host = re.sub(r"^\w+://|[:/].*$", "", context.operands[-1]) if context.operands else ""
        context.seconds = 0.2
        return context.fail(f"curl: (6) Could not resolve host: {host}", 6)
    if port not in (80, kind.port) or not context.machine.serves(kind.unit):
        return context.fail(f"curl: (7) Failed to connect to localhost port {port} after 0 ms: Could not connect to server", 7)
    cpu = context.load.at(context.machine, Gauge.CPU, context.now) or 0.0
    context.seconds = 0.02 if cpu < 90 else 1.9
    body = f'{{"status":"{"ok" if cpu < 90 else "degraded"}","service":"{context.machine.plan.service}"}}'
    context.say(
        *(["HTTP/1.1 200 OK", "content-type: application/json", ""] if "I" in context.flags or "i" in context.flags else [])
    )
    if "I" not in context.flags:
        context.say(body)
    return 0


def docker(context: Context) -> int:
    """ps, where there is a docker."""
    machine = context.machine
    if "docker" not in units(machine):
        return context.fail("bash: line 1: docker: command not found", 127)
    if not machine.serves("docker"):
        return context.fail("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?")
    if context.operands[:1] not in (["ps"], ["container"]):
        return context.fail(f"docker: '{' '.join(context.operands)}' is not a docker command.")
    kind, unit = machine.plan.kind, machine.plan.kind.unit
    up = ago(context.now - machine.unit_since(unit))
    context.say("CONTAINER ID   IMAGE                       COMMAND           STATUS            PORTS                    NAMES")
    if machine.serves(unit):
        ports = f"0.0.0.0:{kind.port}->{kind.port}/tcp"
        context.say(
            f'{machine.pid(unit) * 7919:012x}   registry.internal/{unit:<8.8} "/srv/start"      Up {up:<14} {ports:<24} {unit}'
        )
        context.say(
            f'{machine.pid(unit) * 6007:012x}   envoyproxy/envoy:v1.34      "/docker-entry"   Up {up:<14} {"":<24} sidecar'
        )
    return 0


def ss(context: Context) -> int:
    """Listening sockets."""
    machine, kind = context.machine, context.machine.plan.kind
    rows = [(22, "sshd")] if machine.serves("sshd") else []
    if machine.serves(kind.unit) and kind.port != 22:
        rows.append((kind.port, kind.unit))
    context.say("State    Recv-Q   Send-Q   Local Address:Port    Peer Address:Port   Process")
    for port, unit in rows:
        context.say(
            f'LISTEN   0        511      0.0.0.0:{port:<12}  0.0.0.0:*           users:(("{unit}",pid={machine.pid(unit)},fd=6))'
        )
    return 0


def ago(seconds: float) -> str:
    """A length of time as systemd says it: `3 days`, `5h 12min`, `40s`."""
    whole = int(max(0, seconds))
    if whole >= 86400:
        return f"{whole // 86400} day{'s' if whole >= 172800 else ''}"
    if whole >= 3600:
        return f"{whole // 3600}h {whole % 3600 // 60}min"
    return f"{whole // 60}min {whole % 60}s" if whole >= 60 else f"{whole}s"


SERVICES: Mapping[str, Program] = {
    "systemctl": systemctl,
    "journalctl": journalctl,
    "curl": curl,
    "docker": docker,
    "ss": ss,
    "netstat": ss,
}
