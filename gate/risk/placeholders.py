"""Blanks in a runbook's command, such as `<pod>`: made plain words of the same length before the shell's grammar sees them."""

from __future__ import annotations

import re

_BLANK = re.compile(r"(?<![<&\d])<([A-Za-z][\w .:/@*-]{0,60}[\w.*]|[A-Za-z])>(?![\w$~(&>])")


def fill(command: str) -> tuple[str, bool]:
    """The command with each blank as a word, and whether there was any. A shell would read and write files called like them."""
    if "<" not in command:
        return command, False
    filled = _BLANK.sub(lambda blank: "_" + re.sub(r"\W", "_", blank[1]) + "_", command)
    return filled, filled != command
