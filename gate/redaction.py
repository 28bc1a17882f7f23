"""Secrets out of everything that is kept, logged or shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

MASK = "[redacted]"

_NAMES = re.compile(
    r"(?i)pass(word|wd|phrase)?$|secret|token$|^authorization$|api[-_]?key|private[-_]?key|credential|^(set-)?cookie$"
)
_NAMED = re.compile(
    r"""(?ix) ( (?: --? | \b | _ )
        (?: pass(?:word|wd|phrase)? | secret(?:[-_ ]?(?:access)?[-_ ]?key)? | (?:access|refresh|auth|api|bearer)?[-_]?token
          | api[-_]?key | client[-_]?secret )
        ["']? (?: \s* [:=] \s* | (?<=[a-z]) \s+ (?=\S*\d) ) ["']? )
        (?! \[redacted\] ) ( [^\s"',;&|)]{4,} )"""
)
_SHAPES = [
    re.compile(pattern)
    for pattern in (
        r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
        r"\bey[JK][A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
        r"\b(?:ops_|chatops_|sk-ant-|sk-|ghp_|gho_|ghs_|github_pat_|glpat-|xox[abprs]-)[A-Za-z0-9_-]{12,}",
        r"(?<=://)[^/\s:@]{1,64}:[^/\s@]{1,128}(?=@)",
    )
]
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}")


def redact(text: str) -> str:
    """The text with every secret it recognisably holds masked; what stands around a secret stays readable."""
    for shape in _SHAPES:
        text = shape.sub(MASK, text)
    text = _BEARER.sub(lambda match: f"{match[1]} {MASK}", text)
    return _NAMED.sub(lambda match: match[1] + MASK, text)


def redact_value(value: Any, name: str = "") -> Any:
    """The same for a nested value; what stands under a name such as `password` is masked whole."""
    if name and _NAMES.search(name) and value not in (None, "", 0, False):
        return MASK
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        mapping = cast("Mapping[str, Any]", value)
        return {key: redact_value(inner, str(key)) for key, inner in mapping.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [redact_value(inner) for inner in cast("Sequence[Any]", value)]
    return value
