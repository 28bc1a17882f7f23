"""One command, given as words: its form is looked up, matched, and handed to its handler."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gate.risk import destruction, secrets
from gate.risk.assessment import Class
from gate.risk.forms import Form, Judge, match, read
from gate.risk.handlers import HANDLERS
from gate.risk.programs import TABLES
from gate.risk.words import OUTPUT, SPLIT_OUTPUT, names, shown, unknown

FORMS: dict[str, Form] = {}
for _table in TABLES:
    read(_table, FORMS)

_ARITHMETIC = frozenset(("let", "test", "[", "read", "printf", "unset", "mapfile", "readarray", "getopts", "wait"))
_READERS = names(
    """
    cat tac nl rev head tail wc cut od hd hexdump xxd strings base64 base32 md5sum sha1sum sha256sum sha512sum cksum grep
    egrep fgrep sed awk sort uniq tee cmp diff tr column zcat dd less more
    """
)
_DEVICE = re.compile(r"/dev/(?!null$|stdin$|fd/|shm/|log$|mapper/?$|disk(/|$))")
_TRUSTED = ("/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/", "/usr/local/bin/", "/usr/local/sbin/", "/opt/gitlab/bin/")
_SENDERS = names(
    """
    curl wget dig host nslookup ping ping6 whois nc ncat traceroute tracepath mtr ssh openssl delv drill kdig telnet
    """
)
_NAMERS = names(
    "hostname date whoami uname nproc id kubectl oc seq dig ip gcloud aws az basename dirname pwd which who pgrep pidof consul"
)
_SHAPERS = names("jq tr cut awk head tail grep sort uniq wc sed")


def judge(words: list[str], judge: Judge, piece: str) -> None:
    """Note what is not known to be harmless about a command. words[0] names the program; `words` may hold markers."""
    findings = judge.findings
    name = _program(words[0])
    if unknown(name) or not name:
        findings.changing("the command is only known when it runs", piece)
        return
    secrets.check(_read(name, words), findings, piece)
    if name in _ARITHMETIC and any("$(" in word or "`" in word for word in words):
        findings.changing(f"{name} runs what stands in a subscript", piece)
    if name in _SENDERS and any(OUTPUT in word or SPLIT_OUTPUT in word for word in words):
        findings.changing(f"{name} would send the output of a command", piece)
    if name in _READERS and any(_DEVICE.match(word) for word in words):
        findings.changing("reads a device", piece)
    form = FORMS.get(name)
    if form is None:
        findings.changing(f"{shown(name)} is not known to be harmless", piece)
    elif call := match(name, form, words[1:], judge, piece):
        if call.form.handler is not None:
            HANDLERS[call.form.handler](call)
        elif call.rest:
            judge.command(call.rest, piece)
    if findings.risk is not Class.READ_ONLY and (reason := destruction.found(name, words)):
        findings.destructive(reason, piece)


def _read(name: str, words: list[str]) -> Iterable[str]:
    """The words but for keys a program only shows who it is with."""
    before = name
    for word in words[1:]:
        if not (_CREDENTIAL.match(word) or _CREDENTIAL.fullmatch(before + "=") or (before == "-i" and name in ("ssh", "knife"))):
            yield word
        before = word


_CREDENTIAL = re.compile(r"--?(key|cert|cacert|capath|(key|cert|ca)-?file|identity-file|certificate|private-key)=")


def _program(word: str) -> str:
    for place in _TRUSTED:
        if word.startswith(place):
            return word[len(place) :]
    return word


def gives_names(programs: list[str]) -> bool:
    """Whether these programs in a substitution give names and numbers, not the contents of files."""
    first, *rest = map(_program, programs or [""])
    return first in _NAMERS and (_NAMERS | _SHAPERS).issuperset(rest)
