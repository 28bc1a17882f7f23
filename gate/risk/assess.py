"""The way in: one command of one shell."""

from __future__ import annotations

import re
from typing import Literal

from gate.risk import bash, cmd, placeholders, powershell
from gate.risk.assessment import Assessment, Class, Findings

Shell = Literal["bash", "powershell", "cmd"]
_LONGEST = 8_192
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u0080-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
_SPELLED = re.compile(
    r"[^\w.-]rm\s+(-\w+\s+)*-\w*[rf]|mkfs\b|dd\b.*\bof=/dev|:\(\)\s*\{|(drop|truncate)\s+(table|database|schema)\b|"
    r"(shutdown|reboot|poweroff)\s+(-\w+\s+)*(now|-[hr])\b|/dev/(tcp|udp)/"
)
_WALKERS = {"bash": bash.walk, "powershell": powershell.walk, "cmd": cmd.walk}


def assess(command: str, shell: Shell = "bash") -> Assessment:
    """What `command` may do when `shell` runs it. Never raises for any text; what is not understood is `unparsed`."""
    findings = Findings()
    text = command.strip()
    template = False
    if not text:
        findings.add(Class.UNPARSED, "nothing to run", command)
    elif len(text) > _LONGEST:
        findings.add(Class.UNPARSED, f"longer than {_LONGEST} characters", text)
    elif not (text.isascii() and text.isprintable()) and (hidden := _HIDDEN.search(text)):
        findings.add(Class.UNPARSED, f"an invisible character ({hidden[0]!a})", text)
    else:
        text, template = placeholders.fill(text)
        _WALKERS[shell](text, findings)
        if findings.risk is Class.READ_ONLY and (spelled := _SPELLED.search(text.lower())):
            # a second look that knows no grammar: it catches what a mistake in the first would let through
            findings.changing("the text spells a command that destroys or connects", spelled[0])
    return Assessment(findings.risk, findings.reason, findings.piece, template)
