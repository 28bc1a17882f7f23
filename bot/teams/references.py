"""Conversation references, kept so that the bot can speak up later."""

from __future__ import annotations

from collections import OrderedDict

import structlog

from bot.teams.activity import Activity
from gate.records import Places

log = structlog.get_logger()

_KNOWN = 10_000


class References:
    """Writes a reference when it is new or has changed; what was written lately is remembered here."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._known: OrderedDict[str, tuple[object, str]] = OrderedDict()

    async def note(self, activity: Activity) -> None:
        """Keep where this came from. A failure is logged: the answer does not need it."""
        place = activity.place
        # Only a conversation with one person is a way to reach that person.
        principal = activity.principal.key if activity.personal and activity.principal else ""
        known = (place.data, principal)
        if self._known.get(place.key) == known:
            self._known.move_to_end(place.key)
            return
        try:
            await self._places.remember(place, principal)
        except Exception:  # any store may fail in its own way
            log.exception("reference_not_kept", place=place.key)
            return
        self._known[place.key] = known
        if len(self._known) > _KNOWN:
            self._known.popitem(last=False)
