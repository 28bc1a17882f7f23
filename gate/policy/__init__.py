"""Who may do what, and what it takes: Cedar policies over a schema that is generated from the skill catalogue."""

from __future__ import annotations

from gate.policy.policies import Policies
from gate.policy.request import CommandClass, Decision, Request, Requirement, approvals
from gate.policy.settings import PolicySettings
from gate.policy.statement import PolicyError

__all__ = [
    "CommandClass",
    "Decision",
    "Policies",
    "PolicyError",
    "PolicySettings",
    "Request",
    "Requirement",
    "approvals",
]
