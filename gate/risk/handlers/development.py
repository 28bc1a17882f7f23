"""Version control and interpreters."""

from __future__ import annotations

from gate.risk.forms import Call, Handler


def refs(call: Call) -> None:
    """Git branch, tag, remote: a name makes one; a listing option makes it a pattern."""
    listing_options = {"-l", "--list", "-a", "-r", "-v", "-vv", "--contains", "--merged", "--no-merged", "--points-at", "--all",
                       "--remotes", "--verbose", "--show-current", "--sort", "--format"}  # fmt: skip
    listed = {"-l", "--list", "--contains", "--merged", "--no-merged", "--points-at"}
    if call.operands and listed.isdisjoint(call.options):
        call.deny(f"git {' '.join(call.path)} NAME makes one")
    if not set(call.options) <= listing_options | {"-n", "--no-color", "--color", "--column", "-i", "--ignore-case"}:
        call.deny(f"git {' '.join(call.path)} with an option that is not known to be harmless")


def setting(call: Call) -> None:
    """Git config: shows with --get or --list."""
    if not {"--get", "--get-all", "--get-regexp", "--list", "-l", "--get-urlmatch"}.intersection(call.options):
        call.deny("git config sets")


def python(call: Call) -> None:
    """Python: its version, or json.tool, which with a second operand writes."""
    if call.values("-m") == ["json.tool"]:
        if len(call.operands) > 1:
            call.deny("writes to a file")
    elif not {"-V", "--version"}.intersection(call.options) or call.operands:
        call.deny(f"{call.program} runs code")


def no_reads(call: Call) -> None:
    """Nothing it is given may be an address of another kind of transport."""
    if any("::" in word or "+ssh" in word for word in call.operands):
        call.deny("an address that runs a program")


HANDLERS: dict[str, Handler] = {
    "refs": refs,
    "setting": setting,
    "python": python,
    "no_reads": no_reads,
}
