"""The audit record on SQL. See `gate.records.Audit`."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gate.records import AuditEntry
from store.engine import Database
from store.tables import audit


class SqlAudit:
    """Rows are inserted, never changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, entry: AuditEntry) -> None:
        """Add a row."""
        row = entry.model_dump(exclude={"body"}) | {"body": entry.model_dump(mode="json")["body"]}
        await self._database.run(lambda connection: connection.execute(sa.insert(audit), row))

    async def read(self, *, correlation: str = "", principal: str = "", limit: int = 100) -> Sequence[AuditEntry]:
        """The newest first."""
        query = sa.select(audit).order_by(audit.c.seq.desc()).limit(limit)
        if correlation:
            query = query.where(audit.c.correlation == correlation)
        if principal:
            query = query.where(audit.c.principal == principal)

        def read(connection: Connection) -> Sequence[AuditEntry]:
            rows = connection.execute(query).mappings()
            return [AuditEntry.model_validate({key: row[key] for key in AuditEntry.model_fields}) for row in rows]

        return await self._database.run(read)
