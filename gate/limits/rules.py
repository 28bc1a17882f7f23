"""The limits, as data: which windows each surface takes from, and the settings that change their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from gate.limits.window import Window


class LimitSettings(BaseModel):
    """How much anybody may ask for. Every number is a limit of a sliding window; a request that is refused counts nowhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    redis_url: SecretStr = Field(
        default=SecretStr(""),
        description="Where several replicas count together, `redis://…` or `rediss://…`; empty: each process counts by itself.",
    )
    proxies: int = Field(
        default=0, ge=0, description="How many proxies of yours append to X-Forwarded-For; 0: the peer is the client."
    )
    chat_user: int = Field(default=10, ge=1, description="Messages a minute, one person.")
    chat_team: int = Field(default=100, ge=1, description="Messages a minute, one team.")
    chat_burst: int = Field(default=20, ge=1, description="Messages in 10 seconds, one team.")
    clicks: int = Field(default=60, ge=1, description="Answers to a question (confirm, cancel) a minute, one person.")
    reading: int = Field(default=600, ge=1, description="Looks at a conversation over the API a minute, one person.")
    strangers: int = Field(default=100, ge=1, description="Requests without a valid credential a minute, one address.")
    incident_analyses: int = Field(default=100, ge=1, description="Incident analyses an hour, one person.")
    incidents: int = Field(default=500, ge=1, description="Other incident requests an hour, one person.")
    aiops: int = Field(default=100, ge=1, description="AIOps requests an hour, one person.")
    runtime: int = Field(default=1000, ge=1, description="Runtime requests a minute, in all.")
    runtime_address: int = Field(default=100, ge=1, description="Runtime requests a minute, one address.")
    governance: int = Field(default=100, ge=1, description="Governance decisions a minute, one principal.")


class Surface(StrEnum):
    """What can be asked too often."""

    CHAT = "chat"
    CONFIRM = "confirm"
    CANCEL = "cancel"
    READING = "reading"
    STRANGER = "stranger"
    INCIDENT_ANALYSIS = "incident_analysis"
    INCIDENTS = "incidents"
    AIOPS = "aiops"
    RUNTIME = "runtime"
    GOVERNANCE = "governance"


class Per(StrEnum):
    """For whom a window counts: its own words for a person."""

    USER = ""
    TEAM = " per team"
    ADDRESS = " per address"
    ALL = " in all"


class Rule(NamedTuple):
    """A kind of window. name: the setting that has its limit."""

    name: str
    seconds: int
    per: Per


_MINUTE, _HOUR = 60, 3600
_CLICKS = Rule("clicks", _MINUTE, Per.USER)
_RUNTIME = (Rule("runtime", _MINUTE, Per.ALL), Rule("runtime_address", _MINUTE, Per.ADDRESS))

RULES: Mapping[Surface, tuple[Rule, ...]] = {
    Surface.CHAT: (
        Rule("chat_user", _MINUTE, Per.USER),
        Rule("chat_team", _MINUTE, Per.TEAM),
        Rule("chat_burst", 10, Per.TEAM),
    ),
    Surface.CONFIRM: (_CLICKS,),
    Surface.CANCEL: (_CLICKS,),
    Surface.READING: (Rule("reading", _MINUTE, Per.USER),),
    Surface.STRANGER: (Rule("strangers", _MINUTE, Per.ADDRESS),),
    Surface.INCIDENT_ANALYSIS: (Rule("incident_analyses", _HOUR, Per.USER),),
    Surface.INCIDENTS: (Rule("incidents", _HOUR, Per.USER),),
    Surface.AIOPS: (Rule("aiops", _HOUR, Per.USER),),
    Surface.RUNTIME: _RUNTIME,
    Surface.GOVERNANCE: (*_RUNTIME, Rule("governance", _MINUTE, Per.USER)),
}
"""Which windows each surface takes from. Questions have a window of their own: whoever used up their messages can still answer
the card in front of them, and stop what runs."""

CLOSED = frozenset({Surface.CONFIRM, Surface.GOVERNANCE})
"""What is refused while nothing can be counted: it lets something change. Everything else is then counted by each process for
itself: with n replicas up to n times the limit passes, and nobody is left without the bot or without a way to stop a run."""

_BY_NAME = {rule.name: rule for rules in RULES.values() for rule in rules}


def windows(surface: Surface, settings: LimitSettings, *, user: str, team: str, address: str) -> tuple[Window, ...]:
    """The windows one request of the surface takes from."""
    keys = {Per.USER: user, Per.TEAM: team, Per.ADDRESS: address, Per.ALL: ""}
    return tuple(Window(rule.name, getattr(settings, rule.name), rule.seconds, keys[rule.per]) for rule in RULES[surface])


def surface(value: Mapping[str, Any]) -> Surface:
    """Of a message, by what its button carried: a decision about a card, or else something that is asked for."""
    decision = value.get("action")
    if decision is None:
        return Surface.CHAT
    return Surface.CANCEL if str(decision).startswith("cancel_") else Surface.CONFIRM


def said(window: Window) -> str:
    """The limit in words: `10 requests per minute`, `20 requests per 10 seconds per team`."""
    length = {_MINUTE: "minute", _HOUR: "hour"}.get(window.seconds, f"{window.seconds} seconds")
    return f"{window.limit} requests per {length}{_BY_NAME[window.name].per}"
