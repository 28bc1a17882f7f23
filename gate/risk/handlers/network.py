"""Asking over a network: only for what a server shows anyone, and sending nothing."""

from __future__ import annotations

import re

from gate.risk.forms import Call, Handler
from gate.risk.words import shown


def fetch(call: Call) -> None:
    """Curl and wget: a plain GET of an http address, shown and not kept."""
    for value in call.values("-o", "--output", "-O", "--output-document"):
        if value not in ("/dev/null", "-"):
            call.deny("keeps what it downloads in a file")
    data = call.values("-d", "--data", "--data-urlencode")
    if data and ({"-G", "--get"}.isdisjoint(call.options) or any("@" in value for value in data)):
        call.deny("sends data")
    for value in call.values("-X", "--request"):
        if value not in ("GET", "HEAD", "OPTIONS"):
            call.deny(f"a {shown(value)} request may change something")
    for value in call.values("-w", "--write-out", "-H", "--header", "--url-query"):
        if "%output" in value or value.startswith("@") or "@/" in value:
            call.deny("reads or writes a file")
    for address in (*call.operands, *call.values("--url")):
        scheme = re.match(r"(\w[\w+.-]*):/*", address)
        if (scheme and scheme[1].lower() not in ("http", "https") and "://" in address) or address.startswith(("file:", "@")):
            call.deny(f"{shown(address)} is not a web address")
        elif EFFECT.search(address):
            call.deny("the address names an effect")
    if call.program == "wget" and "--spider" not in call.options and not call.values("-O", "--output-document"):
        call.deny("keeps what it downloads in a file")
    if not call.operands and not call.values("--url") and "-V" not in call.options and "--version" not in call.options:
        call.deny(f"{call.program} without an address")


EFFECT = re.compile(
    r"(?<![a-z])(delete|remove|shutdown|stop|restart|reboot|reload|drain|quit\w*|kill|terminate|abort|flush|reset|purge|destroy|"
    r"exec|enable|disable|create|update|trigger|deploy|write|set|run|cmd|pprof/(profile|trace)|heapdump|dump|admin/tsdb)(?![a-z])|"
    r"/(env|configprops|jolokia|heapdump)(/|$)",
    re.IGNORECASE,
)


def connect(call: Call) -> None:
    """Openssl s_client: what comes in is sent, so nothing but a line end or nothing may come."""
    if call.judge.piped not in ("echo", "true", "printf", ":") and call.judge.fed != "/dev/null":
        call.deny("sends its input, or waits for some")


def probe(call: Call) -> None:
    """Nc -z: only whether a port answers."""
    if call.judge.piped and call.judge.piped != "echo":
        call.deny("sends its input")


def keyless(call: Call) -> None:
    """Openssl's readers of certificates: not of keys."""
    if any("key" in word.lower() for word in call.operands):
        call.deny("shows a key")


def router(call: Call) -> None:
    """Vtysh -c 'show ...'."""
    if not all(re.fullmatch(r"show [\w ./:-]+", value) for value in call.values("-c")):
        call.deny("vtysh with anything but show")


def queried(call: Call) -> None:
    """Promtool, amtool: nothing more to look at; kept for places given as options."""
    if any("://" in word and not word.startswith(("http://", "https://")) for word in call.operands):
        call.deny("not a web address")


HANDLERS: dict[str, Handler] = {
    "fetch": fetch,
    "connect": connect,
    "probe": probe,
    "keyless": keyless,
    "router": router,
    "queried": queried,
}
