"""Bringing a database to the schema this version needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

HEAD = "0002"
"""The newest revision in store/migrations/versions; a test holds it to what Alembic finds there."""


class Newer(Exception):
    """The database was migrated by a newer version of this program; this one would not understand it."""


def ensure(connection: Connection) -> None:
    """Migrate to HEAD if it is not there: a unit of work for `Database.run`. Errors: Newer.

    Alembic (1.3 s and 40 MB to import) is loaded only when there is something to do.
    """
    if connection.dialect.name == "postgresql":  # of several replicas that start together, one migrates
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(3978)"))
    revision = revision_of(connection)
    if revision is not None and revision > HEAD:
        raise Newer(f"the database has schema {revision}, this version knows {HEAD}: install the newer version again")
    if revision != HEAD:
        from alembic import command

        command.upgrade(configuration(connection), "head")


def configuration(connection: Connection | None = None) -> Any:
    """Alembic's configuration for this folder; no ini file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def revision_of(connection: Connection) -> str | None:
    """The schema's revision; None for a database that has none yet."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
