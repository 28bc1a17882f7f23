"""Making a twin fail as the real thing would."""

from __future__ import annotations


class Faulty:
    """A twin whose methods can be made to fail: `twin.faults["change"] = Throttled(...)` until the entry is removed."""

    def __init__(self) -> None:
        self.faults: dict[str, Exception] = {}

    def _may_fail(self, method: str) -> None:
        if error := self.faults.get(method):
            raise error
