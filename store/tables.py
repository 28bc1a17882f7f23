"""The tables. Times are UTC; what has a shape of its own in Python is kept as JSON text under its key columns."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = sa.MetaData()


class Utc(TypeDecorator[datetime]):
    """A moment: microseconds since 1970 in UTC, the same on every database. A naive datetime is refused."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To microseconds."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        delta = value - _EPOCH
        return (delta.days * 86400 + delta.seconds) * 1_000_000 + delta.microseconds

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From microseconds."""
        return None if value is None else datetime.fromtimestamp(value / 1_000_000, UTC)


class Json(TypeDecorator[Any]):
    """A value as compact JSON text."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """To text."""
        return None if value is None else json.dumps(value, separators=(",", ":"), ensure_ascii=False)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """From text."""
        return None if value is None else json.loads(value)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

owners = sa.Table(  # the processes that serve, each with its last sign of life
    "owners",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("seen_at", Utc, nullable=False),
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),  # hash of what makes an activity the same when it is delivered again
    sa.Column("body", Json, nullable=False),
    sa.Column("received_at", Utc, nullable=False),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=1),
    sa.Column("done_at", Utc),
    sa.Index("inbox_open", "done_at", "received_at"),
)

actions = sa.Table(
    "actions",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("skill", sa.String(64), nullable=False),
    sa.Column("principal", sa.String(255), nullable=False),
    sa.Column("conversation", sa.String(512), nullable=False, default=""),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("expires_at", Utc, nullable=False),
    sa.Column("owner", sa.String(64)),
    sa.Column("cancel_requested", sa.Boolean, nullable=False, default=False),
    sa.Column("delivered", sa.Boolean, nullable=False, default=False),
    sa.Column("body", Json, nullable=False),
    sa.Index("actions_state", "state", "delivered", "expires_at"),
)

audit = sa.Table(  # append-only: triggers refuse anything else, see migration 0002; what hash and seal are, gate/chain.py says
    "audit",
    metadata,
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("at", Utc, nullable=False),
    sa.Column("principal", sa.String(255), nullable=False),
    sa.Column("name", sa.String(255), nullable=False),  # what people called the principal then
    sa.Column("event", sa.String(32), nullable=False),
    sa.Column("skill", sa.String(64), nullable=False),
    sa.Column("correlation", sa.String(64), nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # JSON text, hashed as it is
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("seal", sa.String(80), nullable=False),
    sa.Index("audit_at", "at"),
    sa.Index("audit_principal", "principal", "at"),
    sa.Index("audit_correlation", "correlation"),
)

audit_targets = sa.Table(  # looks rows up by what they are about; nothing that is not in their bodies
    "audit_targets",
    metadata,
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("target", sa.String(255), primary_key=True),
    sa.Index("audit_target", "target", "seq"),
)

places = sa.Table(
    "places",
    metadata,
    sa.Column("key", sa.String(512), primary_key=True),
    sa.Column("door", sa.String(16), nullable=False),
    sa.Column("principal", sa.String(255), nullable=False, default=""),
    sa.Column("data", Json, nullable=False),
    sa.Column("updated_at", Utc, nullable=False),
)

changes = sa.Table("changes", metadata, sa.Column("number", sa.Integer, primary_key=True))  # one row: the last change

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("conversation", sa.String(512), nullable=False),
    sa.Column("author", sa.String(16), nullable=False),  # person | bot
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("card", Json),
    sa.Column("at", Utc, nullable=False),
    sa.Column("changed", sa.Integer, nullable=False),  # the number of its last change: the cursor of a reader
    sa.Index("messages_conversation", "conversation", "changed"),
)

memory = sa.Table(
    "memory",
    metadata,
    sa.Column("key", sa.String(512), primary_key=True),  # conversation and person
    sa.Column("body", Json, nullable=False),
    sa.Column("updated_at", Utc, nullable=False),
)
