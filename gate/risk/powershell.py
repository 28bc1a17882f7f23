"""PowerShell (first cut)."""

from __future__ import annotations

from gate.risk.assessment import Findings


def walk(source: str, findings: Findings) -> None:
    """Everything is changing for now."""
    findings.changing("PowerShell is not known to be harmless", source)
