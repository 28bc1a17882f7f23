"""What the Teams door needs of the bot behind it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from gate.conversation import Inbound, Messenger, Reply


class Chat(Protocol):
    """The bot, knowing nothing of Teams."""

    async def message(self, inbound: Inbound, messenger: Messenger) -> None:
        """Deal with something that was said, or with a button of a card that was submitted; answers go to the messenger."""
        ...

    async def click(self, inbound: Inbound) -> Reply:
        """Deal with a button that replaces its card, at once: what replaces it. `inbound.card` is the message it is on."""
        ...


@runtime_checkable
class Welcoming(Protocol):
    """A chat that greets where the bot was just installed."""

    async def welcome(self, inbound: Inbound, messenger: Messenger) -> None:
        """Say what the bot can do."""
        ...
