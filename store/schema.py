"""Bringing a database to the schema this version needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

HEAD = "0001"
"""The newest revision in store/migrations/versions; a test holds it to what Alembic finds there."""


class Newer(Exception):
    """The database was migrated by a newer version of this program; this one would not understand it."""


def ensure(engine: Engine) -> None:
    """Migrate to HEAD if it is not there. Blocking; run it before serving. Errors: Newer.

    Alembic (1.3 s and 40 MB to import) is loaded only when there is something to do.
    """
    with engine.connect() as connection:
        revision = _revision(connection)
    if revision == HEAD:
        return
    if revision is not None and revision > HEAD:
        raise Newer(f"the database has schema {revision}, this version knows {HEAD}: install the newer version again")
    upgrade(engine)


def upgrade(engine: Engine) -> None:
    """Run every migration up to HEAD."""
    from alembic import command

    with engine.begin() as connection:
        command.upgrade(configuration(connection), "head")


def configuration(connection: Connection | None = None) -> Any:
    """Alembic's configuration for this folder; no ini file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
