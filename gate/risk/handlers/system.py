"""The machine: where the operands decide."""

from __future__ import annotations

import re

from gate.risk.forms import Call, Handler
from gate.risk.words import unknown


def interval(call: Call) -> None:
    """Vmstat, sar, iostat: an interval without a count never ends."""
    numbers = [word for word in call.operands if word.isdigit()]
    if len(numbers) == 1:
        call.deny("an interval without a count does not end by itself")


def naming(call: Call) -> None:
    """Date: shows a time; setting it takes an operand that is not a format."""
    if any(not word.startswith("+") for word in call.operands):
        call.deny("sets the clock")


def kernel(call: Call) -> None:
    """Sysctl NAME: shows; NAME=VALUE sets."""
    for word in call.operands:
        if "=" in word or "/" in word or unknown(word):
            call.deny("may set a kernel parameter")


def listing(call: Call) -> None:
    """Ps with BSD letters: `e` shows every process's environment."""
    for word in call.operands:
        if re.fullmatch(r"[a-zA-Z]+", word) and "e" in word:
            call.deny("ps e shows the environment of processes")


def sleeping(call: Call) -> None:
    """Sleep: for at most some minutes."""
    if any(
        re.fullmatch(r"\d{1,3}(\.\d+)?[sm]?", word) is None or (word.endswith("m") and len(word) > 2) for word in call.operands
    ):
        call.deny("sleeps long, or for a time that is not known")


def plain_format(call: Call) -> None:
    """Rpm -q: a query format cannot hold macros."""
    for values in call.options.values():
        if any("%(" in value or "lua" in value or "%{!" in value for value in values):
            call.deny("a macro that is not known to be harmless")


def numbers_only(call: Call) -> None:
    """Kill -0, -l: only asks."""
    if not {"-0", "-l", "-L"}.intersection(call.options):
        call.deny("sends a signal")


def served(call: Call) -> None:
    """Service NAME status."""
    if "--status-all" in call.options and not call.operands:
        return
    if len(call.operands) != 2 or call.operands[1] != "status" or not re.fullmatch(r"[\w@.:-]+", call.operands[0]):
        call.deny("service with anything but status")


def diagnosed(call: Call) -> None:
    """Jcmd PROCESS QUESTION."""
    if len(call.operands) > 1 and call.operands[1] not in _JVM_QUESTIONS:
        call.deny("jcmd with a command that is not known to be harmless")


_JVM_QUESTIONS = frozenset(
    ("help", "VM.version", "VM.uptime", "VM.flags", "VM.native_memory", "VM.info", "VM.classloader_stats", "Thread.print",
     "GC.heap_info", "GC.class_histogram", "Compiler.queue", "Compiler.codecache", "VM.metaspace", "JFR.check")
)  # fmt: skip


HANDLERS: dict[str, Handler] = {
    "interval": interval,
    "naming": naming,
    "kernel": kernel,
    "listing": listing,
    "sleeping": sleeping,
    "plain_format": plain_format,
    "numbers_only": numbers_only,
    "served": served,
    "diagnosed": diagnosed,
}
