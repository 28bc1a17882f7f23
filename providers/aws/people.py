"""Sessions in which people act: asked of STS when first needed, kept for a while, never shared between two who differ."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from providers.aws.grant import Grant, grants
from providers.aws.recent import Recent
from providers.aws.scope import Scope
from providers.aws.settings import AwsSettings
from skills.kit.errors import Forbidden, OpsError, Throttled, Unavailable
from skills.kit.ports.acting import Acting, acting

if TYPE_CHECKING:
    from providers.aws.identity import Identity

RENEWED = timedelta(minutes=5)
"""A session that ends sooner than this is not used any more: whatever is begun in one is over before it ends."""

KEPT = 32
"""Sessions kept at most, about 2 MB each with their clients; the one not used for longest goes first."""

_log = structlog.get_logger()


@dataclass(frozen=True)
class Held:
    """A session that is open. until: UTC."""

    grant: Grant
    identity: Identity
    until: datetime


class Thread(Protocol):
    """See `Session.in_thread`."""

    def __call__(self, work: Callable[[], Any], scope: Scope, service: str, method: str) -> Awaitable[Any]:
        """Run `work` in a worker thread, within the deadline, its errors translated."""
        ...


class People:
    """own: the bot's identity in a scope; called in a worker thread. clock: UTC."""

    def __init__(
        self,
        settings: AwsSettings,
        thread: Thread,
        own: Callable[[Scope], Identity],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings, self._thread, self._own, self._clock = settings, thread, own, clock
        self._held = Recent[Grant, Held](KEPT)
        self._asking: dict[Grant, asyncio.Task[Held]] = {}
        self._account = ""
        self._learning = asyncio.Lock()

    async def held(self, scope: Scope, *, once: bool = False, instances: Sequence[str] = ()) -> Held | None:
        """The session in which whoever acts may ask this; None when the bot asks for itself.

        once: it changes something. instances: what it is about; a session that names them all is preferred, and AWS judges.
        Errors, before anything was sent: Forbidden (no role, or a change that nobody confirmed), Throttled, Unavailable.
        """
        who = self._acting(once)
        if who is None:
            return None
        about = frozenset(instances)
        some = await self._grants(who, scope)
        return await self._open(next((grant for grant in some if about <= grant.instances), some[0]), scope)

    async def groups(self, scope: Scope, instances: Sequence[str]) -> list[list[str]]:
        """The instances by the session that names them; all in one group when the bot asks for itself."""
        who = self._acting(once=True)
        if who is None:
            return [list(instances)]
        named = [grant.instances for grant in await self._grants(who, scope)]
        groups = [[id for id in instances if id in some] for some in named]
        return [group for group in [*groups, [id for id in instances if not any(id in some for some in named)]] if group]

    def close(self) -> None:
        """Forget every session."""
        for held in self._held:
            held.identity.close()

    def _acting(self, once: bool) -> Acting | None:
        """Who acts under the role. Errors: Forbidden when a change is asked for and nobody does."""
        who = acting.get()
        if not self._settings.action_role:
            return None
        if who is not None and (who.changes or self._settings.action_reads):
            return who
        if once:
            raise Forbidden(
                "No confirmed action stands behind this change, so AWS was not asked.",
                remedy="This is a defect: a change has to go through the gate.",
                details=f"OPS_AWS__ACTION_ROLE is set, and {who.skill if who else 'nobody'} acts",
            )
        return None

    async def _grants(self, who: Acting, scope: Scope) -> tuple[Grant, ...]:
        account = scope.account
        if "{account}" in self._settings.action_role and not account:
            account = await self._own_account(scope)
        return grants(who, scope.region, self._settings.role_in(account), self._settings)

    async def _own_account(self, scope: Scope) -> str:
        """The account of the bot's own identity, asked once."""
        async with self._learning:
            if not self._account:
                try:
                    self._account = await self._thread(partial(_account, self._own, scope), scope, "sts", "get_caller_identity")
                except OpsError as error:
                    what = "AWS did not say which account this is, so nobody could act there."
                    raise Unavailable(what, part="sts", remedy=error.remedy, details=f"{error.what} {error.details}") from error
            return self._account

    async def _open(self, grant: Grant, scope: Scope) -> Held:
        """One that is open already, or is being opened, else a new one."""
        known = self._held.get(grant)
        if known and known.until - self._clock() > RENEWED:
            return known
        if grant not in self._asking:
            task = self._asking[grant] = asyncio.create_task(self._ask(grant, scope))
            task.add_done_callback(lambda done: self._asked(grant, done))
        # One who stops waiting must not stop the others.
        return await asyncio.shield(self._asking[grant])

    def _asked(self, grant: Grant, done: asyncio.Task[Held]) -> None:
        del self._asking[grant]
        if not done.cancelled():
            done.exception()  # whoever waited has it; if nobody does any more, nothing was lost

    async def _ask(self, grant: Grant, scope: Scope) -> Held:
        """Its own step, so that a slow STS can never make a change happen after its caller was told that it did not."""

        def ask() -> Any:
            from providers.aws.identity import assumed

            return assumed(self._own(scope), self._settings, grant)

        try:
            identity, until, packed = await self._thread(ask, scope, "sts", "assume_role")
        except OpsError as error:
            raise _refused(grant, error) from error
        for ended in [each.grant for each in self._held if each.until <= self._clock()]:
            self._held.drop(ended)
        held = Held(grant, identity, until)
        self._held.put(grant, held)
        _log.info(
            "aws_session_opened",
            role=grant.role,
            session=grant.name,
            skill=grant.skill,
            region=grant.region,
            instances=len(grant.instances),
            packed_percent=packed,
        )
        return held


def _account(own: Callable[[Scope], Identity], scope: Scope) -> str:
    return str(own(scope).client("sts", once=False).get_caller_identity()["Account"])


def _refused(grant: Grant, error: OpsError) -> OpsError:
    """Why there is no session. Nothing was asked in it, and nothing is asked with the wider identity in its stead."""
    what = f"AWS gave no session to act as {grant.name}, so {grant.skill} did nothing there."
    details = f"{error.what} {error.details}, role {grant.role}".strip()
    if isinstance(error, Forbidden):
        remedy = f"Allow the bot's identity {error.missing} on {grant.role}, and name that identity in the role's trust policy."
        return Forbidden(what, missing=error.missing, remedy=remedy, details=details)
    if isinstance(error, Throttled):
        return Throttled(what, retry_after=error.retry_after, details=details)
    remedy = "Choose fewer instances at once." if "PackedPolicyTooLarge" in details else error.remedy
    return Unavailable(what, part="sts", remedy=remedy or "Run: python app.py doctor", details=details)
