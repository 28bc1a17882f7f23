from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from store import schema
from store.engine import Database
from store.tables import metadata


def test_head_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(schema.configuration()).get_current_head() == schema.HEAD


async def test_migrations_make_exactly_the_tables_that_are_declared(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/ops.db")
    await database.run(schema.ensure)
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    await database.close()


async def test_migrating_twice_changes_nothing_and_a_newer_schema_is_refused(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/ops.db")
    await database.run(schema.ensure)
    await database.run(schema.ensure)
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(schema.Newer):
        await database.run(schema.ensure)
    await database.close()
