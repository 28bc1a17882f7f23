from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.api.scripted import Door, door


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Door]:
    async with door(tmp_path) as made:
        yield made


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Door]:
    async with door(tmp_path, page="demo") as made:
        yield made
