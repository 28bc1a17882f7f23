from __future__ import annotations

import asyncio
import threading
import time

import pytest

from tests.unit.providers.aws.conftest import Connect


async def test_a_run_that_is_cancelled_as_its_answer_comes_asks_nothing_more(connect: Connect) -> None:
    session, answered, asked = connect(), threading.Event(), list[str]()
    scope = session.scopes[0]

    async def run() -> None:
        await session._in_thread(answered.wait, scope, "ssm", "list_commands")  # pyright: ignore[reportPrivateUsage]
        asked.append("send_command")

    task = asyncio.create_task(run())
    await asyncio.sleep(0.05)
    answered.set()
    time.sleep(0.05)  # the answer is there, and the event loop has not heard of it yet: as after a process was frozen
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asked == []
