"""What doors and the gate say to each other about a conversation: where it is, what was said, what is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, ConfigDict, Field

from gate.principal import Principal

if TYPE_CHECKING:
    from gate.action import Action
    from skills.kit.arguments import Result
    from skills.kit.errors import OpsError


class Place(BaseModel):
    """A place in a conversation that can be answered, now or after a restart.

    door: whose it is (`teams`, `api`). key: the conversation, stable and comparable. data: what that door needs to
    reach it (Teams: the conversation reference), opaque to everyone else.
    """

    model_config = ConfigDict(frozen=True)

    door: str
    key: str
    data: dict[str, Any] = {}


class Inbound(BaseModel):
    """Something a person said or clicked. text: their words, mention removed. value: what a card's button carried.
    card: the message the click was on, if any. team: who shares a team's limits, such as a channel; empty: their organisation."""

    model_config = ConfigDict(frozen=True)

    principal: Principal
    place: Place
    text: str = ""
    value: dict[str, Any] = {}
    card: str = ""
    team: str = ""
    correlation: str = Field(min_length=1)


class Reply:
    """One message back: words always, a card mostly; the models behind them for doors that answer programs.

    text: what a client that shows no card shows, and what is read aloud.
    """

    __slots__ = ("action", "card", "error", "result", "text")

    def __init__(
        self,
        text: str,
        card: dict[str, Any] | None = None,
        *,
        result: Result | None = None,
        action: Action | None = None,
        error: OpsError | None = None,
    ) -> None:
        self.text, self.card, self.result, self.action, self.error = text, card, result, action, error


class Messenger(Protocol):
    """How a door reaches its conversations. A message that cannot be delivered raises; callers log and go on."""

    async def send(self, place: Place, reply: Reply) -> str:
        """Put a new message there; its id, for `update`."""
        ...

    async def update(self, place: Place, message: str, reply: Reply) -> None:
        """Replace that message. Updates of one message may be coalesced: the last one always arrives."""
        ...

    async def typing(self, place: Place) -> None:
        """Show that work is going on; where a door cannot, nothing happens."""
        ...
