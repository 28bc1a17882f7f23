"""The one way to AWS: a bounded pool of threads, clients per identity, account and region, a deadline on every call."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from providers.aws import failures
from providers.aws.people import Held, People
from providers.aws.scope import Scope
from providers.aws.settings import AwsSettings
from skills.kit.errors import Forbidden, NotFound, OpsError, Timeout
from skills.kit.ports.compute import Instance

if TYPE_CHECKING:
    from providers.aws.identity import Identity

__all__ = ["Scope", "Session", "batches", "merged"]

T = TypeVar("T")
_PREPARED = ("ec2", "ssm", "cloudwatch")
_log = structlog.get_logger()


class Session:
    """Calls to AWS in worker threads. boto3 is imported by the first call, in its thread.

    With an action role in the settings, a call made while somebody acts (`skills.kit.ports.acting`) is made in their session.
    clock: UTC.
    """

    def __init__(self, settings: AwsSettings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.settings = settings
        self.scopes = tuple(Scope(region, role) for role in settings.accounts or [""] for region in settings.regions)
        self._pool = ThreadPoolExecutor(settings.threads, thread_name_prefix="aws")
        self._creating = threading.Lock()
        self._sessions: dict[str, Any] = {}
        self._identities: dict[Scope, Identity] = {}
        self._people = People(settings, self._in_thread, self._own, clock)

    def scope(self, instance: Instance) -> Scope:
        """Where an instance lives. Errors: NotFound when its region or account is not configured."""
        for scope in self.scopes:
            if instance.region in ("", scope.region) and (not scope.account or instance.account in ("", scope.account)):
                return scope
        raise NotFound(
            f"{instance.label} is in a region or account the bot is not configured for.",
            details=f"account {instance.account}, region {instance.region}",
        )

    def by_scope(self, instances: Sequence[Instance]) -> dict[Scope, list[Instance]]:
        """The instances, grouped by where they live."""
        groups: dict[Scope, list[Instance]] = {}
        for instance in instances:
            groups.setdefault(self.scope(instance), []).append(instance)
        return groups

    async def call(
        self,
        scope: Scope,
        service: str,
        method: str,
        *,
        shape: Callable[[Any], T] = lambda response: response,
        once: bool = False,
        instances: Sequence[str] = (),
        **params: Any,
    ) -> T:
        """One request; `shape` makes the answer of the response, in the thread.

        method: boto3's name, such as `stop_instances`. once: never sent again, for requests that change something.
        instances: ids of those it changes.
        Errors: the tree of skills.kit.errors; failures.Unclear or Timeout when it may have been carried out.
        """
        held = await self._people.held(scope, once=once, instances=instances)

        def work() -> T:
            return shape(getattr(self._identity(scope, held).client(service, once), method)(**params))

        return await self._asked(work, scope, service, method, held)

    async def pages(
        self, scope: Scope, service: str, method: str, *, shape: Callable[[Any], T], size: int | None = None, **params: Any
    ) -> AsyncGenerator[T]:
        """Every page of a list, each shaped in the thread and yielded as it arrives. size: items asked for per page."""
        held = await self._people.held(scope)
        responses: Iterator[Any] | None = None

        def work() -> tuple[T] | None:
            nonlocal responses
            if responses is None:
                paging = {"PageSize": size} if size else {}
                paginator = self._identity(scope, held).client(service, once=False).get_paginator(method)
                responses = iter(paginator.paginate(PaginationConfig=paging, **params))
            response = next(responses, None)
            return None if response is None else (shape(response),)

        while (page := await self._asked(work, scope, service, method, held)) is not None:
            yield page[0]

    async def groups(self, scope: Scope, instances: Sequence[str], size: int) -> list[Sequence[str]]:
        """The instances in groups of at most `size`, each of which one request may change."""
        return [some for group in await self._people.groups(scope, instances) for some in batches(group, size)]

    async def prepare(self) -> None:
        """Load the SDK and the clients ahead of the first request, about a second in one thread; reaches nothing.

        What was loaded stays for ever, so the garbage collector is told to leave it alone: each of its full passes over it
        would hold the event loop for 0.2 s and more while thousands of instances are read.
        """

        def load() -> None:
            own = self._own(self.scopes[0])
            for service in _PREPARED:
                own.client(service, once=False)
            own.client("ec2", once=True)
            gc.collect()
            gc.freeze()

        try:
            await self._in_thread(load, self.scopes[0], "aws", "prepare")
        except OpsError as error:  # the first request meets it again and tells the person who asked
            _log.warning("aws_not_prepared", error=error.what, details=error.details)

    async def close(self) -> None:
        """Take no more calls and let those under way end by their own deadlines."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._people.close()
        for identity in self._identities.values():
            identity.close()

    async def _asked(self, work: Callable[[], T], scope: Scope, service: str, method: str, held: Held | None) -> T:
        try:
            return await self._in_thread(work, scope, service, method)
        except Forbidden as error:
            if held is None:
                raise
            raise held.grant.denied(error) from error

    async def _in_thread(self, work: Callable[[], T], scope: Scope, service: str, method: str) -> T:
        translated = partial(_translated, work, service, method, scope)
        try:
            # Not wait_for: on Python 3.11 it swallows a cancellation that comes together with the answer, and a run that was
            # given up to another process would go on to its next request.
            async with asyncio.timeout(self.settings.deadline):
                return await asyncio.get_running_loop().run_in_executor(self._pool, translated)
        except TimeoutError as error:
            _log.warning("aws_deadline_passed", service=service, method=method, region=scope.region, account=scope.account)
            raise Timeout(
                f"AWS ({failures.PARTS.get(service, service)}) did not answer within {self.settings.deadline:g} seconds.",
                remedy="Try again in a minute.",
                details=f"{service} {method} ({scope})",
            ) from error

    def _identity(self, scope: Scope, held: Held | None) -> Identity:
        return held.identity if held else self._own(scope)

    def _own(self, scope: Scope) -> Identity:
        """The bot's own identity in a scope. Called in worker threads only."""
        from providers.aws import identity

        if scope not in self._identities:
            with self._creating:
                if scope not in self._identities:
                    if scope.role not in self._sessions:
                        self._sessions[scope.role] = identity.session(self.settings, scope)
                    self._identities[scope] = identity.Identity(self._sessions[scope.role], self.settings, scope.region)
        return self._identities[scope]


def _translated(work: Callable[[], T], service: str, method: str, scope: Scope) -> T:
    """Run `work`; what botocore raises, or our shaping of an answer that is not AWS's, becomes an error of ours."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        return work()
    except (BotoCoreError, ClientError, ResponseParserError, LookupError, ValueError) as error:
        operation = "".join(word.capitalize() for word in method.split("_"))
        raise failures.translate(error, service=service, operation=operation, where=str(scope)) from error


async def merged(sources: Sequence[AsyncGenerator[T]]) -> AsyncGenerator[T]:
    """The items of every source as they arrive; each source is asked for its next item while the last one is read."""
    waiting = {_step(source): source for source in sources}
    try:
        while waiting:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                item = task.result()
                source = waiting.pop(task)
                if item is not None:
                    waiting[_step(source)] = source
                    yield item[0]
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        for source in sources:
            await source.aclose()


def _step(source: AsyncGenerator[T]) -> asyncio.Task[tuple[T] | None]:
    async def step() -> tuple[T] | None:
        async for item in source:
            return (item,)
        return None

    return asyncio.create_task(step())


def batches(items: Sequence[T], size: int) -> list[Sequence[T]]:
    """The items in runs of at most `size`."""
    return [items[start : start + size] for start in range(0, len(items), size)]
