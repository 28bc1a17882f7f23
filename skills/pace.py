"""Long work in short pieces, so that everybody else on the event loop gets their turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

T = TypeVar("T")


async def in_turns(items: Iterable[T], every: int = 20) -> AsyncIterator[T]:
    """The items one by one, letting others run after each `every` of them."""
    for number, item in enumerate(items, 1):
        yield item
        if number % every == 0:
            await asyncio.sleep(0)
