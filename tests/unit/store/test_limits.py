"""What only Redis can do: count for several processes, be away, and forget by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest
from redis.asyncio import Redis

from skills.kit.errors import Unavailable
from store import limits as module
from store.limits import RedisLimits
from tests import redis_server
from tests.unit.gate.limits.moments import window


@pytest.fixture
def prefix() -> Iterator[str]:
    with redis_server.prefix() as made:
        yield f"{made}:x"


@pytest.fixture
async def server() -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_server.SERVER) as opened:
        yield opened


async def test_two_replicas_together_let_pass_what_one_would(prefix: str):
    async with AsyncExitStack() as ends:
        replicas = [RedisLimits(redis_server.SERVER, prefix=prefix) for _ in range(2)]
        for replica in replicas:
            ends.push_async_callback(replica.close)
        windows = [window(50), window(20, 10)]
        verdicts = await asyncio.gather(*(replicas[n % 2].take(windows) for n in range(200)))
        assert sum(verdict.allowed for verdict in verdicts) == 20
        assert (await replicas[0].take(windows[:1])).remaining == 29, "what was refused took nothing"
        refused = await replicas[1].take(windows)
        assert 9 < refused.retry_after <= 10, "by the server's clock"


async def test_a_retry_in_real_time_succeeds_at_the_promised_moment(prefix: str):
    limits = RedisLimits(redis_server.SERVER, prefix=prefix)
    await limits.take([window(1, 1)])
    refused = await limits.take([window(1, 1)])
    await asyncio.sleep(refused.retry_after)
    assert (await limits.take([window(1, 1)])).allowed
    await limits.close()


async def test_keys_expire_by_themselves(prefix: str, server: Redis):
    limits = RedisLimits(redis_server.SERVER, prefix=prefix)
    await limits.take([window(10, 60, key="a"), window(5, 10, key="a")])
    left = [await server.pttl(key) async for key in server.scan_iter(match=f"{{{prefix}}}*")]
    assert len(left) == 2
    assert 0 < min(left) <= 10_001 < max(left) <= 60_001
    await limits.close()


async def test_a_server_that_dropped_the_connections_is_simply_used_again(prefix: str, server: Redis):
    limits = RedisLimits(f"{redis_server.SERVER}?client_name={prefix}", prefix=prefix)
    await limits.take([window(10)])
    mine = [client for client in await server.client_list() if client["name"] == prefix]
    assert mine
    for client in mine:
        await server.client_kill_filter(_id=client["id"])
    assert (await limits.take([window(10)])).remaining == 8
    await limits.close()


async def test_a_server_that_is_away_is_unavailable_at_once_and_asked_again_later(monkeypatch: pytest.MonkeyPatch, prefix: str):
    server = await asyncio.start_server(_silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    limits = RedisLimits(f"redis://127.0.0.1:{port}/0")
    started = time.monotonic()
    with pytest.raises(Unavailable) as silent:
        await limits.take([window(10)])
    assert silent.value.part == "limits"
    assert time.monotonic() - started < module.DEADLINE + 0.4
    started = time.monotonic()
    with pytest.raises(Unavailable):
        await limits.take([window(10)])
    assert time.monotonic() - started < 0.05, "others do not wait for the deadline again"
    server.close()
    await limits.close()

    monkeypatch.setattr(module, "PAUSE", 0.05)
    closed = RedisLimits(f"redis://127.0.0.1:{port}/0", prefix=prefix)
    with pytest.raises(Unavailable):
        await closed.take([window(10)])
    await closed.close()


async def test_it_is_used_again_when_it_is_back(monkeypatch: pytest.MonkeyPatch, prefix: str, server: Redis):
    monkeypatch.setattr(module, "PAUSE", 0.05)
    limits = RedisLimits(redis_server.SERVER, prefix=prefix)
    await server.set(f"{{{prefix}}}:w10_60:anna", "not a list")
    with pytest.raises(Unavailable):
        await limits.take([window(10)])
    await server.delete(f"{{{prefix}}}:w10_60:anna")
    await asyncio.sleep(0.06)
    assert (await limits.take([window(10)])).allowed
    await limits.close()


def test_a_url_that_is_none_is_said_at_once():
    with pytest.raises(ValueError):
        RedisLimits("http://127.0.0.1")


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()
