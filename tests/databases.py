"""Databases for tests: SQLite in a file, and a PostgreSQL database of our own that is dropped afterwards."""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

SERVER = os.environ.get("OPS_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")


def sqlite(folder: Path) -> str:
    """A new database file."""
    return f"sqlite:///{folder / 'ops.db'}"


@contextmanager
def postgres() -> Generator[str]:
    """A new database on the test server. Without a server the test is skipped, in CI it fails."""
    name = f"ops_test_{secrets.token_hex(6)}"
    try:
        server = psycopg.connect(SERVER, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL: {error}")
    with server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        base = SERVER.rpartition("/")[0].replace("postgresql://", "postgresql+psycopg://")
        try:
            yield f"{base}/{name}"
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
