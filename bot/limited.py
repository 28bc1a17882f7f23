"""A chat behind the limits: what is too much is not understood, not run, and said once."""

from __future__ import annotations

import math

import structlog

from bot.presentation import Presentation
from bot.turn import Turn
from gate.conversation import Inbound, Messenger, Reply
from gate.limits.limiter import Limiter, refusal
from gate.limits.window import Verdict
from skills.kit.errors import Throttled

log = structlog.get_logger()


class Limited:
    """The turn as a door without answers of its own sees it. A door whose answers carry the limits takes them itself."""

    def __init__(self, turn: Turn, limiter: Limiter, presentation: Presentation) -> None:
        self._turn, self._limiter, self._presentation = turn, limiter, presentation

    async def message(self, inbound: Inbound, messenger: Messenger) -> None:
        """See `Turn`. One too many gets the moment to try again; the next ones get nothing until the window has passed."""
        verdict = await self._limiter.message(inbound)
        if verdict.allowed:
            await self._turn.message(inbound, messenger)
        elif await self._limiter.notice(verdict):
            _log(inbound, verdict)
            await messenger.send(inbound.place, self._presentation.error(_aloud(verdict), inbound.correlation))
        else:
            log.debug("message_refused_silently", principal=inbound.principal.key, window=verdict.window.name)

    async def click(self, inbound: Inbound) -> Reply:
        """See `Turn`. Errors: Throttled, and Unavailable while clicks cannot be counted; the card stays as it is."""
        verdict = await self._limiter.message(inbound)
        if not verdict.allowed:
            _log(inbound, verdict)
            raise refusal(verdict)
        return await self._turn.click(inbound)

    async def welcome(self, inbound: Inbound, messenger: Messenger) -> None:
        """See `Turn`. It has no limit: the bot is not installed by talking to it."""
        await self._turn.welcome(inbound, messenger)


def _aloud(verdict: Verdict) -> Throttled:
    found = refusal(verdict)
    quiet = f"I say this once in {math.ceil(verdict.window.seconds)} seconds; what is too much until then gets no answer."
    return Throttled(found.what, retry_after=found.retry_after, remedy=f"{found.remedy} {quiet}", details=found.details)


def _log(inbound: Inbound, verdict: Verdict) -> None:
    log.info("message_refused", principal=inbound.principal.key, window=verdict.window.name)
