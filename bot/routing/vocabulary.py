"""The words that mean the same when people talk to an operations bot, as tables. Nothing here knows a skill."""

from __future__ import annotations

import re

from gate.reference import NOUN

_SHOW = (
    *("list", "ls", "show", "display", "get", "view", "see", "print", "give", "what are", "which are"),
    *("what is", "what's", "whats", "what’s"),
)
SAME = (
    ("stop", "shut down", "shutdown", "halt", "power off", "poweroff", "power down", "turn off", "switch off"),
    ("start", "start up", "boot", "boot up", "bring up", "power on", "power up", "turn on", "switch on"),
    ("reboot", "restart", "power cycle", "power-cycle", "bounce"),
    ("cancel", "abort"),
    _SHOW,
    ("describe", "tell about", "details of", "details for", "details on", "show details of", "show details for", "info on"),
    ("how is", "how's", "hows", "how’s", "how are"),
    ("run", "execute"),
    ("memory", "ram", "mem"),
    ("cost", "spend", "spending", "bill", "bills", "billing", "expenses"),
    ("graph", "chart", "plot"),
    ("ok", "okay", "healthy", "fine", "all right", "alright"),
    ("last", "past", "previous"),
    ("metric", "measurement", "stats"),
    ("anyone", "anybody", "everyone", "everybody", "someone", "somebody", "people", "we"),
)
"""Words and phrases that stand for each other wherever an example uses one of them."""

WEAK = frozenset(_SHOW)
"""Verbs that say nothing about what is meant: only what follows does, so it must look like a name."""

APART = re.compile(r"(shut|turn|switch|power|bring|boot|start) (down|off|on|up)")
"""Verbs whose second word may come after what they act on: "shut web-1 down"."""

FILLERS = "the|a|an|my|our|me|us"
"""Words that change nothing anywhere."""

READING_FILLERS = FILLERS + r"|all(?:\s+of)?|every|each|any|current|currently"
"""Words that change nothing when something is only looked at."""

PADDING = READING_FILLERS + r"|usage|utili[sz]ation|load|consumption|metrics?|graphs?|charts?|trends?"
"""Words that may be added there, though an example that has one of them means it."""

PREPOSITIONS = "of|for|on|from|at"
"""Interchangeable when something is only looked at."""

VALUES = {
    "memory": ("ram", "mem"),
    "cpu": ("processor",),
    "disk": ("storage", "disk space"),
    "running": ("up",),
    "stopped": ("down", "off"),
}
"""Other words for values of an argument that takes one of a few words."""

_VERBS_OF_SEEING = r"(?:see|get|have|view|list|show|look)\b"
_COURTESY = (
    r"please|pls|plz|kindly|just|ec2|hey(?:\s+there)?|hi|hello|ok(?:ay)?|so|good\s+(?:morning|afternoon|evening)"
    r"|(?:can|could|would|will)\s+(?:you|u)|(?:can|could|may)\s+i(?=\s+(?:please\s+)?" + _VERBS_OF_SEEING + r")"
    r"|i\s+(?:want|need|would\s+like)(?:\s+you)?\s+to|i(?:'|’)d\s+like(?:\s+you)?\s+to|let(?:'|’)?s|go\s+ahead\s+and"
)
BEFORE = re.compile(rf"\s*[/!]?\s*(?:(?:{_COURTESY})(?:[\s,:.!-]+|$))*", re.IGNORECASE)
"""Courtesy before a request; it always matches, often nothing."""

_AFTER = re.compile(
    r"[\s,](?:please|pls|plz|for\s+(?:me|us)|thanks?|thank\s+you|thx|ty|(?:right\s+)?now|immediately|asap|right\s+away|again"
    r"|at\s+the\s+moment|currently)$",
    re.IGNORECASE,
)
_LONGEST_COURTESY = 20


def without_courtesy_after(text: str) -> str:
    """`text` without punctuation and courtesy at its end. It looks at the last characters only: quick for any length."""
    while True:
        text = text.rstrip(" \t\r\n\u00a0,.!?…;")
        found = _AFTER.search(text[-_LONGEST_COURTESY:])
        if not found:
            return text
        text = text[: len(text) - len(found[0])]


PRONOUN = re.compile(
    r"(?P<one>it|this|that(?:\s+one)?|this\s+one|(?:that|this)\s+(?:instance|server|box|machine|vm|host|node))"
    r"|(?P<many>(?:all\s+of\s+|both\s+of\s+)?(?:them|those|these|they)(?:\s+(?:ones|two|three|"
    + NOUN
    + r"))?|the\s+same(?:\s+ones?)?)",
    re.IGNORECASE,
)
"""Words that mean instances the conversation was about."""
