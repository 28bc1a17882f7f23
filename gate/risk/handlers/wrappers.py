"""Wrappers of other commands: what they would run is judged as if it stood there."""

from __future__ import annotations

import re

from gate.risk import environment
from gate.risk.forms import Call, Handler
from gate.risk.words import BOUND, loose, shown, unknown


def wrapped(call: Call, words: list[str]) -> None:
    """Judge the command a wrapper would run."""
    if words:
        call.judge.command(words, call.piece)
    else:
        call.deny(f"{call.program} without a command is a shell or does nothing known")


def shell(call: Call) -> None:
    """bash -c CODE; without -c it runs what it reads, a file or its input."""
    if "-c" not in call.options or not call.operands:
        call.deny(f"{call.program} runs what it reads")
        return
    call.judge.code(call.operands[0], call.piece)


def evaluate(call: Call) -> None:
    """Eval TEXT..."""
    call.judge.code(" ".join(call.operands), call.piece)


def env(call: Call) -> None:
    """Env NAME=VALUE... COMMAND; without a command it lists the environment."""
    words = list(call.rest)
    while words and "=" in words[0]:
        name = words.pop(0).partition("=")[0]
        if unknown(name) or not environment.harmless(name):
            call.deny(f"{shown(name)} steers what programs do")
    if words:
        call.judge.command(words, call.piece)
    else:
        call.deny("lists the environment, secrets included")


def sudo(call: Call) -> None:
    """Sudo [NAME=VALUE] COMMAND; `sudo -l` only lists."""
    if "-l" in call.options and not call.rest:
        return
    if call.rest and "=" in call.rest[0]:
        env(call)
    else:
        wrapped(call, call.rest)


def within(call: Call) -> None:
    """A command in a container, another namespace or under another name: judged as if it were typed there."""
    wrapped(call, call.rest)


def watched(call: Call) -> None:
    """Watch COMMAND."""
    call.deny(f"{call.program} does not end by itself")
    if call.rest:
        call.judge.code(" ".join(call.rest), call.piece)


def xargs(call: Call) -> None:
    """Xargs COMMAND: what it reads becomes arguments, or takes the place of a mark."""
    words = list(call.rest) or ["echo"]
    marks = call.values("-I", "-i", "--replace") or (["{}"] if "-i" in call.options else [])
    if marks:
        mark = marks[-1] or "{}"
        words = [word.replace(mark, BOUND) for word in words]
    else:
        words.append(BOUND)
    call.judge.command(words, call.piece)


def remote(call: Call) -> None:
    """Ssh HOST COMMAND: the words are joined and given to the shell there."""
    for value in call.values("-o"):
        if not _SSH_OPTION.match(value):
            call.deny(f"ssh -o {shown(value)} is not known to be harmless")
    if call.operands and (loose(call.operands[0]) or call.operands[0].startswith("-")):
        call.deny("the host could turn into an option")
    if call.judge.piped or call.judge.fed:
        call.deny("sends its input to another machine")
    if call.rest:
        call.judge.code(" ".join(call.rest), call.piece)
    else:
        call.deny("opens a shell on another machine")


_SSH_OPTION = re.compile(
    r"(ConnectTimeout|BatchMode|StrictHostKeyChecking|LogLevel|ServerAlive\w+|ConnectionAttempts|PasswordAuthentication|Port|User)"
    r"[= ]\w+$|UserKnownHostsFile=/dev/null$",
    re.IGNORECASE,
)


def each_node(call: Call) -> None:
    """Knife ssh QUERY COMMAND."""
    words = call.operands[1:]
    if not words:
        call.deny("opens a shell on other machines")
    else:
        call.judge.code(" ".join(words), call.piece)


def named(call: Call) -> None:
    """Command -v NAME only looks it up; command NAME runs it."""
    if not {"-v", "-V"}.intersection(call.options):
        wrapped(call, call.rest)


def released(call: Call) -> None:
    """Ansible: a module that only asks, a command judged as on each host."""
    module = call.values("-m", "--module-name")
    arguments = call.values("-a", "--args")
    if module in (["ping"], ["setup"]) and not arguments:
        return
    if module in (["command"], ["shell"], []) and arguments:
        call.judge.code(arguments[-1], call.piece)
    else:
        call.deny("ansible runs a module that is not known to be harmless")


def salted(call: Call) -> None:
    """Salt TARGET MODULE.FUNCTION."""
    function, *arguments = call.operands[1:]
    if function == "cmd.run" and len(arguments) == 1:
        call.judge.code(arguments[0], call.piece)
    elif not _SALT.fullmatch(function):
        call.deny("salt runs a function that is not known to be harmless")


_SALT = re.compile(
    r"test\.(ping|version)|grains\.(items?|get|ls)|status\.\w+|disk\.\w*usage|service\.(status|get_all)|pkg\.(version|list_pkgs)|"
    r"network\.(interfaces|ip_addrs|netstat)|saltutil\.(running|is_running)"
)


HANDLERS: dict[str, Handler] = {
    "shell": shell,
    "evaluate": evaluate,
    "env": env,
    "sudo": sudo,
    "within": within,
    "watched": watched,
    "xargs": xargs,
    "remote": remote,
    "each_node": each_node,
    "named": named,
    "released": released,
    "salted": salted,
}
