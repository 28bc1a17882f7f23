"""Programs that read text and write text, and the small ones that only end: grep, head, sort, echo, seq, sleep, exit."""

from __future__ import annotations

import re
from collections.abc import Mapping

from providers.demo.files import read
from providers.demo.shell import Context, Program

MOST_LINES = 200_000
"""More than anybody reads; keeps `seq` from filling the memory."""


def _input(context: Context, names: list[str]) -> list[str]:
    """The lines of the named files, or of the pipe. A missing file is said on stderr."""
    if not names:
        return (context.stdin or "").splitlines()
    lines: list[str] = []
    for name in names:
        text = read(context, name)
        if text is None:
            context.fail(f"{name}: No such file or directory")
        else:
            lines += text.splitlines()
    return lines


def _number(context: Context, default: int) -> tuple[int, list[str]]:
    """The count of `-n 5`, `-n5` or `-5`, and the operands that are left."""
    text = " ".join(context.args)
    match = re.search(r"(?:^|\s)-(?:n\s*|-lines=)?(\d+)", text)
    rest = re.sub(r"(?:^|\s)-(?:n\s*|-lines=)?\d+", " ", text).split()
    return (int(match[1]) if match else default), [word for word in rest if not word.startswith("-")]


def head(context: Context) -> int:
    """The first lines."""
    count, names = _number(context, 10)
    context.say(*_input(context, names)[:count])
    return 1 if context.err else 0


def tail(context: Context) -> int:
    """The last lines."""
    count, names = _number(context, 10)
    lines = _input(context, names)
    context.say(*(lines[-count:] if count else []))
    return 1 if context.err else 0


def grep(context: Context) -> int:
    """The lines that match; -i -v -c -E -n -o are known. 1 when none did, 2 for a pattern that is none."""
    if not context.operands:
        return context.fail("Usage: grep [OPTION]... PATTERNS [FILE]...", 2)
    wanted, *names = context.operands
    flags = context.flags
    try:
        pattern = re.compile(re.escape(wanted) if "F" in flags else wanted, re.IGNORECASE if "i" in flags else 0)
    except re.error:
        return context.fail(f"grep: Invalid regular expression: {wanted}", 2)
    found = [(n, line) for n, line in enumerate(_input(context, names), 1) if bool(pattern.search(line)) != ("v" in flags)]
    if "c" in flags:
        context.say(str(len(found)))
    elif "q" not in flags:
        context.say(*(f"{n}:{line}" if "n" in flags else line for n, line in found))
    return 2 if context.err else 0 if found else 1


def wc(context: Context) -> int:
    """Lines, words and characters."""
    lines = _input(context, context.operands)
    counts = {"l": len(lines), "w": sum(len(line.split()) for line in lines), "c": sum(len(line) + 1 for line in lines)}
    chosen = [str(value) for flag, value in counts.items() if flag in context.flags]
    context.say(" ".join(chosen or [f"{value:7}" for value in counts.values()]))
    return 0


def sort(context: Context) -> int:
    """Sorted lines; -n -r -u -h are known."""
    lines = _input(context, context.operands)
    if "u" in context.flags:
        lines = list(dict.fromkeys(lines))

    def number(line: str) -> float:
        match = re.match(r"\s*(-?\d+(?:\.\d+)?)", line)
        return float(match[1]) if match else 0.0

    numeric = "n" in context.flags or "h" in context.flags
    context.say(*sorted(lines, key=number if numeric else str, reverse="r" in context.flags))
    return 0


def uniq(context: Context) -> int:
    """Neighbouring equal lines once; -c counts them."""
    counted: list[tuple[str, int]] = []
    for line in _input(context, context.operands):
        if counted and counted[-1][0] == line:
            counted[-1] = (line, counted[-1][1] + 1)
        else:
            counted.append((line, 1))
    context.say(*(f"{n:7} {line}" if "c" in context.flags else line for line, n in counted))
    return 0


def cat(context: Context) -> int:
    """Files, or the pipe."""
    context.say(*_input(context, context.operands))
    return 1 if context.err else 0


def echo(context: Context) -> int:
    """Its arguments."""
    words = context.args[1:] if context.args[:1] in (["-n"], ["-e"]) else context.args
    text = " ".join(words)
    context.out.append(text if context.args[:1] == ["-n"] else text + "\n")
    return 0


def seq(context: Context) -> int:
    """Numbers, one a line."""
    try:
        numbers = [int(arg) for arg in context.args]
    except ValueError:
        return context.fail(f"seq: invalid floating point argument: '{context.args[0]}'")
    if not numbers:
        return context.fail("seq: missing operand")
    first, last = (1, numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[-1])
    context.say(*(str(n) for n in range(first, min(last, first + MOST_LINES) + 1)))
    return 0


def sleep(context: Context) -> int:
    """Takes that long; `s`, `m` and `h` are known."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", context.args[0] if context.args else "")
    if not match:
        return context.fail(
            f"sleep: invalid time interval '{' '.join(context.args)}'" if context.args else "sleep: missing operand"
        )
    context.seconds = float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]
    return 0


def leave(context: Context) -> int:
    """Ends the script with that code."""
    context.leave = True
    return int(context.args[0]) % 256 if context.args and context.args[0].isdigit() else int(context.variables["?"])


FILTERS: Mapping[str, Program] = {
    "head": head,
    "tail": tail,
    "grep": grep,
    "egrep": grep,
    "wc": wc,
    "sort": sort,
    "uniq": uniq,
    "cat": cat,
    "echo": echo,
    "seq": seq,
    "sleep": sleep,
    "exit": leave,
    "true": lambda _: 0,
    "false": lambda _: 1,
    ":": lambda _: 0,
}
