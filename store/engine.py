"""The database: units of work run in bounded threads, several waiting ones share a commit on SQLite."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.pool import StaticPool

T = TypeVar("T")
Work = Callable[[Connection], T]

_BATCH = 64


class Database:
    """One database. `await run(work)` runs `work(connection)` in a transaction of its own and returns what it returns.

    Work must be repeatable: several pieces may share a commit, and when one of them fails each is run again by itself. On SQLite
    all do; on a server what is run `together` does, work that would wait for one lock until the commit of whoever holds it.
    SQLite has one writing thread, WAL and a synced commit: a kill loses nothing that was answered. Source for one writer: the
    default pool lost updates under concurrent read-modify-writes (docs/decisions/store.md).
    """

    def __init__(self, url: str, *, threads: int = 8) -> None:
        """url: SQLAlchemy's, `sqlite:///var/ops.db` or `postgresql+psycopg://...`. threads: at most so many connections."""
        self.url = make_url(url)
        self.engine = _engine(url, threads)
        sqlite = self.url.get_backend_name() == "sqlite"
        self._queue = _Writer(self.engine, keep=sqlite)
        self._pool: _Writer | _Pool = self._queue if sqlite else _Pool(self.engine, threads)

    async def run(self, work: Work[T], *, together: bool = False) -> T:
        """Run a unit of work and wait for its commit. together: with others of this process that wait, in one transaction."""
        return await asyncio.wrap_future((self._queue if together else self._pool).submit(work))

    async def answers(self) -> None:
        """Ask it something, for a health check. Errors: whatever keeps it from answering."""
        await self.run(lambda connection: connection.execute(sa.text("SELECT 1")))

    async def close(self) -> None:
        """Finish what is queued and close every connection."""
        await asyncio.to_thread(self._queue.close)
        if self._pool is not self._queue:
            await asyncio.to_thread(self._pool.close)
        self.engine.dispose()


class _Pool:
    """A server database: each unit of work on a connection of its own."""

    def __init__(self, engine: Engine, threads: int) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="store")

    def submit(self, work: Work[T]) -> Future[T]:
        return self._threads.submit(self._work, work)

    def close(self) -> None:
        self._threads.shutdown()

    def _work(self, work: Work[T]) -> T:
        with self._engine.begin() as connection:
            return work(connection)


class _Writer:
    """One thread, one transaction at a time; what queued up meanwhile is committed together. keep: one connection for ever."""

    def __init__(self, engine: Engine, *, keep: bool) -> None:
        self._engine, self._keep = engine, keep
        self._queue: queue.SimpleQueue[tuple[Work[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._loop, name="store", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T]) -> Future[T]:
        future: Future[T] = Future()
        self._queue.put((work, future))
        return future

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def _loop(self) -> None:
        with self._engine.connect() if self._keep else nullcontext() as kept:
            while (first := self._queue.get()) is not None:
                batch, ended = [first], False
                while len(batch) < _BATCH and not self._queue.empty():
                    if (item := self._queue.get()) is None:
                        ended = True
                        break
                    batch.append(item)
                self._commit(kept, [item for item in batch if item[1].set_running_or_notify_cancel()])
                if ended:
                    return

    def _commit(self, kept: Connection | None, batch: list[tuple[Work[Any], Future[Any]]]) -> None:
        try:
            with self._transaction(kept) as connection:
                results = [work(connection) for work, _ in batch]
        except BaseException as error:
            if len(batch) == 1:
                batch[0][1].set_exception(error)
                return
            for item in batch:
                self._commit(kept, [item])
            return
        for (_, future), result in zip(batch, results, strict=True):
            future.set_result(result)

    @contextmanager
    def _transaction(self, kept: Connection | None) -> Generator[Connection]:
        if kept is None:
            with self._engine.begin() as connection:
                yield connection
        else:
            with kept.begin():
                yield kept


def _engine(url: str, threads: int) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_size=threads + 1, max_overflow=0, pool_pre_ping=True)  # one for what runs together
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling is switched off: it would not begin one before a SELECT.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}").close()
