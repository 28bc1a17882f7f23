"""What looks at the machine: df, uptime, free, top, ps, ls and the like. Every number is the one CloudWatch shows."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

from providers.demo.files import listing
from providers.demo.filters import FILTERS
from providers.demo.load import Gauge
from providers.demo.services import SERVICES, units
from providers.demo.shell import Context, Program


def _percent(context: Context, gauge: Gauge, back: float = 0) -> float:
    """The gauge now, or so many seconds ago; as it is now when it was not running then."""
    value = context.load.at(context.machine, gauge, context.now - back)
    return value if value is not None else (context.load.at(context.machine, gauge, context.now) or 0.0)


def _loads(context: Context) -> tuple[float, float, float]:
    """Load over 1, 5 and 15 minutes."""
    averages = []
    for minutes in (1, 5, 15):
        values = [_percent(context, Gauge.CPU, 60 * n) for n in range(minutes)]
        averages.append(context.machine.plan.size.cpus * sum(values) / len(values) / 100 * 1.04)
    return averages[0], averages[1], averages[2]


def uptime(context: Context) -> int:
    """Time, how long it is up, and load."""
    up = int(context.now - context.machine.booted_at())
    days, hours, minutes = up // 86400, up % 86400 // 3600, up % 3600 // 60
    clock = f"{hours:2}:{minutes:02}" if hours else f"{minutes} min"
    lasted = f"{days} day{'s' if days != 1 else ''}, {clock}" if days else clock
    context.say(
        f" {_clock(context)} up {lasted},  1 user,  load average: " + ", ".join(f"{value:.2f}" for value in _loads(context))
    )
    return 0


def _clock(context: Context) -> str:
    return time.strftime("%H:%M:%S", time.gmtime(context.now))


def df(context: Context) -> int:
    """The root volume; -h for people, -i for inodes, with a path only what holds it."""
    used = _percent(context, Gauge.DISK)
    size = context.machine.plan.disk * 1024 * 1024
    taken = int(size * used / 100)
    ram = int(context.machine.plan.size.memory * 1024 * 1024 / 2)
    rows = [
        ("devtmpfs", 4096, 0, 0, "/dev"),
        ("tmpfs", ram, 0, 0, "/dev/shm"),  # noqa: S108 - what df prints
        ("/dev/nvme0n1p1", size, taken, math.ceil(used), "/"),
        ("/dev/nvme0n1p128", 10240, 1331, 13, "/boot/efi"),
    ]
    if context.operands:
        rows = [rows[2]]
    if "i" in context.flags:
        context.say("Filesystem         Inodes  IUsed   IFree IUse% Mounted on")
        context.say(f"/dev/nvme0n1p1 {size // 2:>10} {taken // 40:>6} {size // 2 - taken // 40:>7}    5% /")
        return 0
    human = "h" in context.flags
    columns = ("Size", "Used", "Avail") if human else ("1K-blocks", "Used", "Available")
    context.say(f"{'Filesystem':<16} {columns[0]:>10} {columns[1]:>10} {columns[2]:>10} Use% Mounted on")
    for name, total, have, percent, path in rows:
        shown = [_human(n) if human else str(n) for n in (total, have, total - have)]
        context.say(f"{name:<16} {shown[0]:>10} {shown[1]:>10} {shown[2]:>10} {percent:>3}% {path}")
    return 0


def _human(kib: float) -> str:
    """Kibibytes as `df -h` writes them."""
    for unit in ("K", "M", "G", "T"):
        if kib < 1024:
            return f"{kib:.0f}{unit}" if kib >= 10 or kib == 0 else f"{kib:.1f}{unit}"
        kib /= 1024
    return f"{kib:.0f}P"


def free(context: Context) -> int:
    """Memory in KiB, or with -m in MiB, with -g in GiB, with -h for people."""
    total = context.machine.plan.size.memory * 1024 * 1024 * 0.97
    used = total * _percent(context, Gauge.MEMORY) / 100
    cache = (total - used) * 0.6
    divide = 1024 if "m" in context.flags else 1024 * 1024 if "g" in context.flags else 1

    def show(kib: float) -> str:
        return _human(kib) + ("i" if kib else "") if "h" in context.flags else f"{kib / divide:.0f}"

    context.say("               total        used        free      shared  buff/cache   available")
    values = (total, used, total - used - cache, 1024.0, cache, total - used)
    context.say("Mem:     " + " ".join(f"{show(value):>11}" for value in values))
    context.say("Swap:    " + " ".join(f"{show(0):>11}" for _ in range(3)))
    return 0


def _processes(context: Context) -> list[tuple[int, str, float, float, str]]:
    """pid, user, CPU percent of one processor, memory percent, command; the busiest first."""
    machine = context.machine
    cpu = _percent(context, Gauge.CPU) * machine.plan.size.cpus
    memory = _percent(context, Gauge.MEMORY)
    own = machine.plan.kind.unit
    rows = [(1, "root", 0.0, 0.2, "/usr/lib/systemd/systemd --switched-root --system")]
    for unit in units(machine):
        if machine.serves(unit):
            share = 0.88 if unit == own else 0.004
            rows.append((machine.pid(unit), "root" if unit != own else own[:8], cpu * share, memory * share, f"/usr/sbin/{unit}"))
    if machine.plan.trouble == "cpu" and machine.troubled(context.now):
        number = machine.pid(own) + 41
        rows = [(p, u, c * 0.1 if u == own[:8] else c, m, name) for p, u, c, m, name in rows]
        rows.append((number, own[:8], cpu * 0.8, 9.0, f"/usr/sbin/{own} --job 88213"))
    return sorted(rows, key=lambda row: -row[2])


def ps(context: Context) -> int:
    """`ps aux` and `ps -ef` alike."""
    total = context.machine.plan.size.memory * 1024 * 1024
    context.say("USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND")
    began = time.strftime("%H:%M", time.gmtime(context.machine.unit_since(context.machine.plan.kind.unit)))
    for number, user, cpu, memory, command in _processes(context):
        rss = int(total * memory / 100)
        context.say(
            f"{user:<8} {number:>7} {cpu:4.1f} {memory:4.1f} {rss * 3:>6} {rss:>5} ?        Ss   {began}   {cpu:5.1f} {command}"
        )
    return 0


def top(context: Context) -> int:
    """One screen of `top -b -n1`."""
    cpu, total = _percent(context, Gauge.CPU), context.machine.plan.size.memory * 1024 * 0.97
    used = total * _percent(context, Gauge.MEMORY) / 100
    uptime(context)
    context.out[-1] = "top -" + context.out[-1]
    rows = _processes(context)
    context.say(f"Tasks: {90 + len(rows)} total,   {1 + (cpu > 90)} running,  {88 + len(rows)} sleeping,   0 stopped,   0 zombie")
    context.say(
        f"%Cpu(s): {cpu * 0.9:4.1f} us, {cpu * 0.1:4.1f} sy,  0.0 ni, {100 - cpu:4.1f} id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st"
    )
    left, cache = (total - used) * 0.4, (total - used) * 0.6
    context.say(f"MiB Mem : {total:8.1f} total, {left:8.1f} free, {used:8.1f} used, {cache:8.1f} buff/cache")
    context.say("", "    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND")
    for number, user, busy, memory, command in rows:
        res = int(total * memory / 100 * 1024)
        name = command.rsplit("/", 1)[-1].split()[0]
        context.say(f"{number:7} {user:<8}  20   0 {res * 3:>7} {res:>6}   9120 S {busy:5.1f} {memory:5.1f}   {busy:5.2f} {name}")
    return 0


def ls(context: Context) -> int:
    """Names in a directory; -l and -a change little."""
    names = listing(context, (context.operands or ["/usr/bin"])[0])
    if names is None:
        return context.fail(f"ls: cannot access '{context.operands[0]}': No such file or directory", 2)
    if "l" in context.flags:
        context.say(f"total {4 * len(names)}", *(f"-rw-r--r--. 1 root root 4096 Nov 12 09:14 {name}" for name in names))
    else:
        context.say(*names)
    return 0


def du(context: Context) -> int:
    """What fills the disk."""
    taken = context.machine.plan.disk * 1024 * 1024 * _percent(context, Gauge.DISK) / 100
    unit = context.machine.plan.kind.unit
    big = {"/usr": 2.6 * 1024 * 1024, "/var/log": 1.2 * 1024 * 1024, "/home": 90_000.0}
    path = "/var/lib/pgsql/data/pg_wal" if context.machine.plan.trouble == "disk" else f"/opt/{unit}"
    big[path] = max(0.0, taken - sum(big.values()))
    for name, kib in sorted(big.items(), key=lambda item: -item[1]):
        context.say(f"{_human(kib) if 'h' in context.flags else int(kib)}\t{name}")
    return 0


def rm(context: Context) -> int:
    """Old logs and archived WAL free some of the disk; nothing else can be removed."""
    if not any(path.startswith(("/var/log", "/tmp", "/var/lib/pgsql")) for path in context.operands):  # noqa: S108
        return context.fail(f"rm: cannot remove '{' '.join(context.operands)}': Permission denied")
    context.machine.cleared.append((context.now, 3.0))
    return 0


def date(context: Context) -> int:
    """The time, UTC; `+FORMAT` and -u are known."""
    form = next((arg[1:] for arg in context.args if arg.startswith("+")), "%a %b %e %H:%M:%S UTC %Y")
    context.say(time.strftime(form, time.gmtime(context.now)))
    return 0


def uname(context: Context) -> int:
    """-a, -r, -m or nothing."""
    parts = (
        "Linux",
        context.machine.plan.name,
        "6.12.48-77.114.amzn2023.x86_64",
        "#1 SMP PREEMPT_DYNAMIC",
        "x86_64",
        "GNU/Linux",
    )
    chosen = {"a": " ".join(parts), "r": parts[2], "m": parts[4], "n": parts[1]}
    context.say(chosen.get(context.flags[:1], parts[0]))
    return 0


def hostname(context: Context) -> int:
    """The instance's name; -I its address."""
    context.say(context.machine.private_ip if context.flags[:1] in ("I", "i") else context.machine.plan.name)
    return 0


def _says(text: str) -> Program:
    def program(context: Context) -> int:
        context.say(text)
        return 0

    return program


def nproc(context: Context) -> int:
    """How many processors."""
    context.say(str(context.machine.plan.size.cpus))
    return 0


LOOKING: Mapping[str, Program] = {
    "uptime": uptime,
    "df": df,
    "free": free,
    "ps": ps,
    "top": top,
    "ls": ls,
    "du": du,
    "rm": rm,
    "date": date,
    "uname": uname,
    "hostname": hostname,
    "nproc": nproc,
    "whoami": _says("root"),
    "id": _says("uid=0(root) gid=0(root) groups=0(root)"),
    "pwd": _says("/usr/bin"),
}
LINUX: Mapping[str, Program] = {**FILTERS, **SERVICES, **LOOKING}
"""Everything bash finds on a simulated Linux machine."""
