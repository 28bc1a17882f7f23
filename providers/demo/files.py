"""The few files and directories the simulated machines have."""

from __future__ import annotations

import random
import time

from providers.demo.load import Gauge
from providers.demo.shell import Context

_ROOT = {
    "/": ["bin", "boot", "dev", "etc", "home", "opt", "proc", "root", "tmp", "usr", "var"],
    "/etc": ["fstab", "hosts", "hostname", "os-release", "passwd", "ssh", "systemd"],
    "/home": ["ec2-user"],
    "/var": ["cache", "lib", "log", "tmp"],
    "/tmp": [],  # noqa: S108 - a simulated directory
    "/root": [],
    "/usr/bin": [],
}


def listing(context: Context, path: str) -> list[str] | None:
    """The names in a directory, or None when there is no such directory."""
    path = path.rstrip("/") or "/"
    unit = context.machine.plan.kind.unit
    more = {
        "/var/log": ["amazon", "audit", "cloud-init.log", "messages", "secure", unit],
        f"/var/log/{unit}": ["access.log", "error.log"],
        "/opt": ["aws", unit],
        f"/opt/{unit}": ["bin", "config.yml", "current"],
    }
    return more.get(path, _ROOT.get(path))


def read(context: Context, path: str) -> str | None:
    """A file's text, or None when there is no such file."""
    plan = context.machine.plan
    match path:
        case "/etc/hostname":
            return f"{plan.name}\n"
        case "/etc/hosts":
            return f"127.0.0.1   localhost localhost.localdomain\n{context.machine.private_ip}   {plan.name}\n"
        case "/etc/os-release":
            return 'NAME="Amazon Linux"\nVERSION="2023"\nID="amzn"\nPRETTY_NAME="Amazon Linux 2023.9.20261014"\n'
        case "/etc/fstab":
            return "UUID=6b2c9e10-3f0a-4d55-9f0b-0d8a2f1c77aa  /  xfs  defaults,noatime  1  1\n"
        case "/etc/passwd":
            return "root:x:0:0:root:/root:/bin/bash\nec2-user:x:1000:1000:EC2 Default User:/home/ec2-user:/bin/bash\n"
        case "/proc/uptime":
            up = context.now - context.machine.booted_at()
            return f"{up:.2f} {up * plan.size.cpus * 0.7:.2f}\n"
        case "/var/log/messages":
            return "".join(line + "\n" for line in journal(context, plan.kind.unit, context.now - 3600))
        case _ if path == f"/var/log/{plan.kind.unit}/error.log":
            return "".join(line + "\n" for line in journal(context, plan.kind.unit, context.now - 3600) if "info" not in line)
        case _ if path == f"/opt/{plan.kind.unit}/config.yml":
            return f"service: {plan.service}\nenvironment: {plan.environment}\nport: {plan.kind.port}\nlog_level: info\n"
        case _:
            return None


_LINES = {
    "nginx": ("info: 200 GET /products/{n} {ms}ms", "info: 200 GET / {ms}ms", "warn: upstream response time {ms}ms for /search"),
    "orders-api": (
        "info: POST /orders 201 {ms}ms",
        "info: GET /orders/{n} 200 {ms}ms",
        "warn: retrying inventory call, attempt 2",
    ),
    "checkout": ("info: payment {n} authorised in {ms}ms", "info: basket {n} closed", "warn: provider answered after {ms}ms"),
    "jobs-worker": ("info: job {n} done in {ms}ms", "info: picked up job {n}", "warn: job {n} is in its third attempt"),
    "postgresql": (
        "info: checkpoint complete: wrote {n} buffers",
        "info: automatic vacuum of table orders.items",
        "warn: slow query, {ms} ms",
    ),
    "redis": (
        "info: Background saving started by pid {n}",
        "info: DB saved on disk",
        "info: {n} changes in 300 seconds. Saving...",
    ),
    "sshd": ("info: Accepted publickey for ec2-user from 10.20.0.{ms}", "info: session closed for user ec2-user"),
}
_TROUBLE = {
    "cpu": "error: job 88213 has not reported progress, retrying in a tight loop",
    "disk": "warn: WAL archive is falling behind, pg_wal keeps growing ({disk:.0f}% of the disk is used)",
}


def journal(context: Context, unit: str, since: float) -> list[str]:
    """The unit's log since then, oldest first: a line every 20 s or so, the same whenever it is asked for."""
    machine = context.machine
    templates = _LINES.get(unit, ("info: heartbeat {n}", "info: finished run {n} in {ms}ms"))
    start = max(since, machine.booted_at())
    lines: list[str] = []
    for step in range(int(start // 20) + 1, int(context.now // 20) + 1):
        moment = step * 20 + step * 7 % 11
        chance = random.Random(f"{context.load.seed}/{machine.plan.name}/{unit}/{step}")
        text = chance.choices(templates, weights=[6, 4, 1][: len(templates)])[0].format(
            n=chance.randrange(1000, 99999), ms=chance.randrange(3, 240)
        )
        own = unit == machine.plan.kind.unit and machine.troubled(context.now)
        if own and chance.random() < 0.4 and moment > context.load.epoch - 2800:
            disk = context.load.at(machine, Gauge.DISK, moment) or 0.0
            text = _TROUBLE[machine.plan.trouble].format(disk=disk)
        lines.append(f"{stamp(moment)} {machine.plan.name} {unit}[{machine.pid(unit)}]: {text}")
    return lines


def stamp(moment: float) -> str:
    """A time as the journal writes it, UTC."""
    return time.strftime("%b %d %H:%M:%S", time.gmtime(moment))
