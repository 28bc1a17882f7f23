"""What this door asks of the bot. `bot.turn` implements it; this door never imports it."""

from __future__ import annotations

from typing import Protocol

from gate.conversation import Inbound, Messenger, Reply


class Chat(Protocol):
    """The bot, as a door sees it. What a person should read about is a Reply with `error`, not an exception."""

    async def message(self, inbound: Inbound, messenger: Messenger) -> None:
        """Deal with words, or with a button that runs something; replies go through `messenger`. Returns when all are sent."""
        ...

    async def click(self, inbound: Inbound) -> Reply:
        """Confirm, cancel or stop an action; the card that replaces the one clicked on, at once."""
        ...

    async def result(self, action_id: str, seconds: float) -> Reply | None:
        """The final card of an action, or None when it is not final within `seconds`."""
        ...
