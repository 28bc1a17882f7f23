"""The chain of the audit record: each row holds the hash of the row before it, so that none is altered unnoticed. No I/O here.

A hash is SHA-256 over a JSON array of everything else in the row. A seal is an HMAC of the hash: who can write the database but
does not know the key can compute new hashes, but no seals. This form is fixed for ever: rows that exist were made with it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, SecretStr

GENESIS = "genesis"
"""The event of row 0, which has a random value of its own: no row of one database fits into another."""

NOTHING = "0" * 64
"""What row 0 has in place of the hash before it."""


class AuditSettings(BaseModel):
    """How the record is protected from whoever can write the database."""

    key: SecretStr = Field(
        default=SecretStr(""),
        description="Seals every audit row, at least 16 characters; keep it where the database is not. Empty: a plain chain, "
        "which whoever can write the database could compute anew.",
    )
    former_keys: list[SecretStr] = Field(default=[], description="Keys that sealed earlier rows, so that these can be checked.")


class Row(NamedTuple):
    """A row exactly as it is stored. at: microseconds since 1970, UTC. body: JSON text. previous, hash: hexadecimal."""

    seq: int
    at: int
    principal: str
    name: str
    event: str
    skill: str
    correlation: str
    body: str
    previous: str
    hash: str = ""
    seal: str = ""

    def computed(self) -> str:
        """The hash it should have."""
        content = (self.previous, *self[:8])
        # repr: a value of a type that was never written here, such as a blob, is hashed too, and differs.
        return hashlib.sha256(json.dumps(content, separators=(",", ":"), default=repr).encode()).hexdigest()


class Head(BaseModel):
    """The newest row of a record: with it kept elsewhere, missing rows at the end are noticed."""

    model_config = ConfigDict(frozen=True)

    seq: int
    hash: str


class Keys:
    """Makes seals with the key and checks those of former ones. Without a key rows are not sealed."""

    def __init__(self, key: str = "", former: Sequence[str] = ()) -> None:
        """Errors: ValueError for a key that is too short to be one."""
        keys = [one.encode() for one in (key, *former) if one]
        if any(len(one) < 16 for one in keys):
            raise ValueError("OPS_AUDIT__KEY: a key of the audit record needs at least 16 characters")
        self._known = {_mac(one, "key")[:8]: one for one in keys}
        self._current = _mac(key.encode(), "key")[:8] if key else ""

    @classmethod
    def of(cls, settings: AuditSettings) -> Keys:
        """As configured."""
        return cls(settings.key.get_secret_value(), [one.get_secret_value() for one in settings.former_keys])

    def __bool__(self) -> bool:
        return bool(self._known)

    def seal(self, hash: str) -> str:
        """The seal of a row with that hash, `key's name:HMAC`; empty without a key."""
        return f"{self._current}:{_mac(self._known[self._current], hash)}" if self._current else ""

    def doubt(self, row: Row) -> str:
        """What is wrong with the seal of a row that has one; empty when nothing is."""
        name, _, mac = str(row.seal).partition(":")
        if name not in self._known:
            return "is sealed with a key that is not known here"
        return "" if hmac.compare_digest(mac, _mac(self._known[name], row.hash)) else "has a seal that is not its own"


class Fault(NamedTuple):
    """Where a record is broken: the first row that is not as it was written. seq is None when no row can be named."""

    seq: int | None
    what: str


class Walk:
    """Follows a record from row 0, a page at a time: `follow` each page, then `end`. Both return the first Fault, or None.

    kept: the head of an earlier time, which must still be there. rows, head, sealed: what was found so far.
    """

    def __init__(self, keys: Keys, kept: Head | None = None) -> None:
        self.rows, self.sealed = 0, 0
        self.head: Head | None = None
        self._keys, self._kept = keys, kept

    def follow(self, page: Iterable[Row]) -> Fault | None:
        """The next rows, in their order."""
        for row in page:
            if what := self._doubt(row):
                return what
            self.rows, self.sealed = self.rows + 1, self.sealed + bool(row.seal)
            self.head = Head(seq=row.seq, hash=row.hash)
        return None

    def end(self) -> Fault | None:
        """There are no more rows."""
        last = self.head.seq if self.head else None
        if last is None:
            return Fault(None, "there is no row at all, not even the first one, which every record has")
        if self._kept and self._kept.seq > last:
            return Fault(
                last + 1, f"rows {last + 1} to {self._kept.seq} are missing at the end: the head that was kept is beyond it"
            )
        if self._keys and not self.sealed and last > 0:
            return Fault(
                None, "a key is set but no row is sealed: nothing was recorded since it was set, or the seals were removed"
            )
        return None

    def _doubt(self, row: Row) -> Fault | None:
        expected = self.head.seq + 1 if self.head else 0
        if row.seq != expected:
            return _gap(row.seq, expected)
        if row.computed() != row.hash:
            return Fault(row.seq, f"row {row.seq} was changed: its content does not give its hash")
        if what := self._seal(row):
            return Fault(row.seq, f"row {row.seq} {what}")
        if row.previous != (self.head.hash if self.head else NOTHING):
            return Fault(row.seq - 1, f"row {row.seq - 1} was replaced: row {row.seq} was written after another one")
        if self._kept and row.seq == self._kept.seq and row.hash != self._kept.hash:
            return Fault(row.seq, f"row {row.seq} is not the one that was kept as head: it, or rows before it, were written anew")
        return None

    def _seal(self, row: Row) -> str:
        if row.seal:
            return self._keys.doubt(row) if self._keys else ""
        return "is not sealed, though rows before it are" if self.sealed and self._keys else ""


def _gap(seq: int, expected: int) -> Fault:
    if seq < expected:
        return Fault(seq, f"row {seq} was inserted: it stands where row {expected} should")
    missing = f"row {expected} is" if seq == expected + 1 else f"rows {expected} to {seq - 1} are"
    return Fault(expected, f"{missing} missing: removed or moved elsewhere")


def targets(body: Mapping[str, Any]) -> list[str]:
    """The ids of what a row is about. Rows of earlier versions have ids only, later ones names beside them."""
    named: list[Any] = body.get("targets", [])
    return list(dict.fromkeys(str(one["id"]) if isinstance(one, dict) else str(one) for one in named))


def _mac(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(), "sha256").hex()
