"""Redis for tests: keys of our own, removed afterwards."""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as Unreachable

SERVER = os.environ.get("OPS_TEST_REDIS", "redis://127.0.0.1:6379/0")


@contextmanager
def prefix() -> Generator[str]:
    """A prefix nobody else has on the test server. Without a server the test is skipped, in CI it fails."""
    mine = f"ops-test-{secrets.token_hex(6)}"
    with Redis.from_url(SERVER, socket_connect_timeout=2) as server:
        try:
            server.ping()
        except Unreachable as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"no Redis: {error}")
        try:
            yield mine
        finally:
            if left := list(server.scan_iter(match=f"{{{mine}:*")):
                server.delete(*left)
