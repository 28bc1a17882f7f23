"""Asking over a network: only for what a server shows anyone, and sending nothing."""

from __future__ import annotations

import re

from gate.risk.forms import Call, Handler
from gate.risk.words import shown


def fetch(call: Call) -> None:
    """Curl and wget: a plain GET of an http address, shown and not kept."""
    addresses = [*call.operands, *call.values("--url")]
    for address in addresses:
        _address(call, address)
    if not addresses and {"-V", "--version"}.isdisjoint(call.options):
        call.deny(f"{call.program} without an address")
    kept = call.values("-o", "--output", "-O", "--output-document")
    if any(value not in ("/dev/null", "-") for value in kept) or (
        call.program == "wget" and not kept and "--spider" not in call.options
    ):
        call.deny("keeps what it downloads in a file")
    data = call.values("-d", "--data", "--data-urlencode")
    if data and ({"-G", "--get"}.isdisjoint(call.options) or any("@" in value for value in data)):
        call.deny("sends data")
    if any(value not in ("GET", "HEAD", "OPTIONS") for value in call.values("-X", "--request")):
        call.deny("a request that may change something")
    shaped = call.values("-w", "--write-out", "-H", "--header")
    if any("%output" in value or value.startswith("@") for value in shaped):
        call.deny("reads or writes a file")


def _address(call: Call, address: str) -> None:
    scheme = _SCHEME.match(address)
    if (scheme and (scheme[1] or scheme[2]).lower() not in ("http", "https")) or address.startswith("@"):
        call.deny(f"{shown(address)} is not a web address")
    elif EFFECT.search(address):
        call.deny("the address names an effect")


_SCHEME = re.compile(r"(\w[\w+.-]*):(?=//)|((?i:file|dict|gopher|ldap|tftp|scp|sftp|smb|telnet)):")
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
