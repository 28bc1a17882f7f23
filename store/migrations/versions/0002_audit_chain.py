"""The audit record becomes a chain that refuses changes; rows that are there are chained in their order."""

import json
import secrets
import time

import sqlalchemy as sa
from alembic import op

from gate.chain import GENESIS, NOTHING, Row, targets

revision = "0002"
down_revision = "0001"

SEQ = sa.BigInteger().with_variant(sa.Integer, "sqlite")
REFUSED = "the audit record is append-only"
TABLES = {"audit": "seq = NEW.seq", "audit_targets": "target = NEW.target AND seq = NEW.seq"}


def upgrade() -> None:
    chained = op.create_table(
        "audit_chained",
        sa.Column("seq", SEQ, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("principal", sa.String(255), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("skill", sa.String(64), nullable=False),
        sa.Column("correlation", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("seal", sa.String(80), nullable=False),
    )
    lookup = op.create_table(
        "audit_targets",
        sa.Column("seq", SEQ, primary_key=True, autoincrement=False),
        sa.Column("target", sa.String(255), primary_key=True),
    )
    _chain(op.get_bind(), chained, lookup)
    op.drop_table("audit")
    op.rename_table("audit_chained", "audit")
    op.create_index("audit_at", "audit", ["at"])
    op.create_index("audit_principal", "audit", ["principal", "at"])
    op.create_index("audit_correlation", "audit", ["correlation"])
    op.create_index("audit_target", "audit_targets", ["target", "seq"])
    _guard()


def downgrade() -> None:
    _unguard()
    op.drop_table("audit_targets")
    op.execute("DELETE FROM audit WHERE seq = 0")
    with op.batch_alter_table("audit") as table:
        for column in ("name", "previous", "hash", "seal"):
            table.drop_column(column)
        table.drop_index("audit_at")


def _chain(connection: sa.Connection, into: sa.Table, lookup: sa.Table) -> None:
    """Row 0, then what is there, renumbered without gaps. Old rows have no seal: their key is not known here."""
    old = sa.Table("audit", sa.MetaData(), autoload_with=connection)
    nonce = f'{{"nonce":"{secrets.token_hex(32)}"}}'
    first = Row(0, time.time_ns() // 1000, "", "", GENESIS, "", "", nonce, NOTHING)
    previous = _add(connection, into, [first])
    seq = last = 0
    while page := connection.execute(sa.select(old).where(old.c.seq > last).order_by(old.c.seq).limit(1000)).mappings().all():
        rows: list[Row] = []
        for row in page:
            seq, last = seq + 1, row["seq"]
            kept = row["event"], row["skill"], row["correlation"], row["body"]
            rows.append(Row(seq, row["at"], row["principal"], "", *kept, previous))
            previous = rows[-1].computed()
        _add(connection, into, rows)
        if found := [{"target": target[:255], "seq": row.seq} for row in rows for target in targets(json.loads(row.body))]:
            connection.execute(sa.insert(lookup), found)


def _add(connection: sa.Connection, into: sa.Table, rows: list[Row]) -> str:
    chained = [row._replace(hash=row.computed()) for row in rows]
    connection.execute(sa.insert(into), [row._asdict() for row in chained])
    return chained[-1].hash


def _guard() -> None:
    """Refuse everything but adding. It stops mistakes, and whoever may not alter tables; the chain finds out about the others."""
    if op.get_bind().dialect.name == "postgresql":
        refuse = f"$$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$"
        op.execute(f"CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS {refuse}")
        for table in TABLES:
            changed = f"CREATE TRIGGER {table}_changed BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW"
            emptied = f"CREATE TRIGGER {table}_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
            op.execute(f"{changed} EXECUTE FUNCTION audit_refuse()")
            op.execute(f"{emptied} EXECUTE FUNCTION audit_refuse()")
        return
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    for table, same in TABLES.items():
        op.execute(f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_delete BEFORE DELETE ON {table} {refuse}")
        # REPLACE removes the row that is there without asking a trigger on deletes.
        there = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 (names of our own)
        op.execute(f"CREATE TRIGGER {table}_insert BEFORE INSERT ON {table} WHEN {there} {refuse}")


def _unguard() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_refuse() CASCADE")
        return
    for table in TABLES:
        for event in ("update", "delete", "insert"):
            op.execute(f"DROP TRIGGER {table}_{event}")
