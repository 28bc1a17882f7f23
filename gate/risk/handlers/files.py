"""Programs on files and text: expressions, scripts, archives."""

from __future__ import annotations

import re

from gate.risk.forms import Call, Handler
from gate.risk.handlers.wrappers import wrapped
from gate.risk.languages import awk, sed
from gate.risk.words import QUOTED, SPLIT, loose, names, shown, unknown


def find(call: Call) -> None:
    """An expression: every test is looked up, every command that is executed is judged."""
    words = call.operands
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word in ("-exec", "-execdir"):
            end = next((i for i in range(at, len(words)) if words[i] in (";", "+")), len(words))
            inner = [part.replace("{}", "./" + QUOTED) for part in words[at:end]]
            at = end + 1
            wrapped(call, inner)
        elif word in _FIND_TESTS:
            at += _FIND_TESTS[word]
        elif word[:1] == "-" and len(word) > 1:
            call.deny(f"find {shown(word)} is not known to be harmless")
        elif loose(word):
            call.deny(f"{shown(word)} could turn into an action of find")
    inner_rm = [words[i + 1] for i, word in enumerate(words[:-1]) if word in ("-ok", "-okdir")]
    if "-delete" in words or "rm" in inner_rm:
        call.destroy("find deletes what it finds")


_FIND_TESTS = {
    **dict.fromkeys(
        names(
            """
    -print -print0 -ls -prune -quit -true -false -empty -daystart -depth -d -mount -xdev -noleaf -follow -nouser -nogroup
    -readable -writable -executable -not -and -or -a -o -H -L -P -ignore_readdir_race -noignore_readdir_race -warn -nowarn
    -help --help -version --version -E -s -X -x
    """
        ),
        0,
    ),
    **dict.fromkeys(
        names(
            """
    -name -iname -path -ipath -wholename -iwholename -regex -iregex -regextype -type -xtype -size -mtime -ctime -atime -mmin
    -cmin -amin -newer -anewer -cnewer -newermt -newerat -newerct -newermm -user -group -uid -gid -perm -links -inum -samefile
    -maxdepth -mindepth -fstype -lname -ilname -printf -used -context -flags -D
    """
        ),
        1,
    ),
}


def awk_(call: Call) -> None:
    """Awk 'PROGRAM' [FILE...]."""
    if not call.operands:
        call.deny("awk without a program")
        return
    program = call.operands[0]
    if unknown(program):
        call.deny("an awk program that is only known when it runs")
    elif reason := awk.objection(program):
        call.deny(f"awk: {reason}")


def sed_(call: Call) -> None:
    """Sed -e SCRIPT or sed SCRIPT [FILE...]."""
    scripts = call.values("-e", "--expression") or call.operands[:1]
    if not scripts:
        call.deny("sed without a script")
    for script in scripts:
        if reason := sed.objection(script):
            call.deny(f"sed: {reason}")


def filtered(call: Call) -> None:
    """Jq and yq: no look at the environment, no system calls."""
    for word in call.operands:
        if re.search(r"\benv\b|\$ENV|strenv|envsubst|\bsystem\b|\bload\w*\(|input_filename|@sh\b.*system", word):
            call.deny("looks at the environment or loads files")


def nowhere(call: Call) -> None:
    """Tee: what it writes must go nowhere."""
    if any(word not in ("/dev/null", "/dev/stderr", "/dev/stdout") for word in call.operands):
        call.deny("writes to a file")


def devices(call: Call) -> None:
    """Dd: reads a piece of a file and shows it."""
    for word in call.operands:
        key, _, value = word.partition("=")
        if (
            key not in ("if", "bs", "count", "skip", "ibs", "status", "iflag", "iseek")
            or (key == "if" and "/dev/" in value)
            or unknown(word)
        ):
            call.deny("dd writes, or reads a device")
    if not any(word.startswith("count=") for word in call.operands):
        call.deny("dd without a count may not end")


def streamed(call: Call) -> None:
    """Compressors, calculators: from input to output only."""
    shows = {"-c", "--stdout", "--to-stdout", "-l", "--list", "-t", "--test"}.intersection(call.options)
    if call.operands and not shows:
        call.deny(f"{call.program} replaces files")
    elif not call.operands and not (call.judge.piped or call.judge.fed):
        call.deny(f"{call.program} waits for input")


def _archive(call: Call) -> None:
    """Tar -t: only lists."""
    if not {"-t", "--list"}.intersection(call.options):
        call.deny("tar packs or unpacks")
    if any(
        not re.fullmatch(r"[\w./ -]*", value.replace(QUOTED, "").replace(SPLIT, "")) or ":" in value
        for value in call.values("-f", "--file")
    ):
        call.deny("an archive on another machine")


def bundled(call: Call) -> None:
    """Tar's oldest way: `tar tvf FILE`, letters without a dash."""
    letters, *rest = call.operands or [""]
    if "-t" in call.options or "--list" in call.options:
        _archive(call)
    elif not re.fullmatch(r"[vzjJaf]*t[vzjJaf]*", letters) or any(":" in word for word in rest):
        call.deny("tar packs or unpacks")


def copies(call: Call) -> None:
    """Rsync: only what it would do."""
    if not {"-n", "--dry-run"}.intersection(call.options):
        call.deny("rsync copies")
    if any(":" in word for word in call.operands):
        call.deny("reaches another machine")


HANDLERS: dict[str, Handler] = {
    "find": find,
    "awk": awk_,
    "sed": sed_,
    "filtered": filtered,
    "nowhere": nowhere,
    "devices": devices,
    "streamed": streamed,
    "bundled": bundled,
    "copies": copies,
}
