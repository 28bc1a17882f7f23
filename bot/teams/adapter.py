"""botbuilder's part: its turn context, middleware and Teams activity handler, over our own verification and connector.

What is not used of it, and why (measured on 4.17.1): its `CloudAdapter` answers 500 to every Action.Execute and to malformed
bodies and blocks the loop for keys and tokens; its serialiser takes 0.24 ms to read an activity, 2.6 ms to write a 21 KB card.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import structlog
from botbuilder.core import BotAdapter, TurnContext
from botbuilder.core.teams import TeamsActivityHandler
from botbuilder.schema import Activity as NativeActivity
from botbuilder.schema import ChannelAccount, ConversationAccount, ConversationReference, ResourceResponse

from bot.teams import invoke
from bot.teams.activity import Activity
from bot.teams.chat import Chat, Welcoming
from bot.teams.connector import Connector
from bot.teams.indicator import Typing
from bot.teams.references import References
from gate.conversation import Inbound, Reply
from gate.principal import Principal
from skills.kit.errors import OpsError

log = structlog.get_logger()

UNKNOWN_PERSON = (
    "I cannot tell who you are: Teams sent no Entra account for you, so I do nothing. Ask from an account of the organisation."
)
EDITED = "I do not act on edited messages. Nothing was done; say it again in a new message."
BROKEN = "Something went wrong on my side, and it is in the log. Say it again, or ask whoever runs this bot."

_ACTIVITY = "ops.activity"
_ANSWER = "ops.answer"


class Adapter(BotAdapter):
    """Runs an activity through botbuilder's pipeline. `use` takes its middleware; what a context sends goes to our connector."""

    def __init__(self, chat: Chat, connector: Connector, references: References) -> None:
        super().__init__()
        self._connector = connector
        self._handler = Handler(chat, connector, references)

    async def run(self, activity: Activity) -> invoke.Answer | None:
        """One turn; the answer if it is an invoke. Errors: what the chat raises for an invoke, nothing for a message."""
        context = TurnContext(self, _native(activity))
        context.turn_state[_ACTIVITY] = activity
        await self.run_pipeline(context, self._handler.on_turn)
        return cast("invoke.Answer | None", context.turn_state.get(_ANSWER))

    async def send_activities(self, context: TurnContext, activities: Sequence[NativeActivity]) -> list[ResourceResponse]:
        """Through the connector, as botbuilder's models write them."""
        place = _ours(context).place
        return [ResourceResponse(id=await self._connector.post(place, activity.serialize())) for activity in activities]

    async def update_activity(self, context: TurnContext, activity: NativeActivity) -> ResourceResponse:
        """Replace a message."""
        await self._connector.put(_ours(context).place, str(activity.id), activity.serialize())
        return ResourceResponse(id=activity.id)

    async def delete_activity(self, context: TurnContext, reference: ConversationReference) -> None:
        """Delete a message."""
        await self._connector.delete(_ours(context).place, str(reference.activity_id))


class Handler(TeamsActivityHandler):
    """Says what each kind of activity means for the bot."""

    def __init__(self, chat: Chat, connector: Connector, references: References) -> None:
        super().__init__()
        self._chat = chat
        self._connector = connector
        self._references = references

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """Somebody said something, or submitted a card."""
        activity = _ours(turn_context)
        if not activity.addressed:
            return  # with resource-specific consent, a bot hears everything that is said in a channel
        if (principal := activity.principal) is None:
            await self._say(activity, UNKNOWN_PERSON)
            return
        await self._references.note(activity)
        inbound = activity.inbound(principal)
        async with Typing(self._connector, inbound.place):
            await self._guarded(activity, inbound)

    async def on_teams_message_edit(self, turn_context: TurnContext) -> None:
        """An edited message: it was dealt with when it was new, so it is not dealt with silently a second time."""
        activity = _ours(turn_context)
        if activity.addressed:
            await self._say(activity, EDITED)

    async def on_conversation_update_activity(self, turn_context: TurnContext) -> None:
        """People or the bot came or went. botbuilder's own handler would ask the connector about each of them for nothing."""
        if _ours(turn_context).greets:
            await self._welcome(_ours(turn_context))

    async def on_installation_update_add(self, turn_context: TurnContext) -> None:
        """The bot was installed."""
        await self._welcome(_ours(turn_context))

    async def on_invoke_activity(self, turn_context: TurnContext) -> Any:
        """A button that replaces its card. The answer goes into the turn state: botbuilder would copy and serialise it."""
        turn_context.turn_state[_ANSWER] = await self._invoked(_ours(turn_context))

    async def _invoked(self, activity: Activity) -> invoke.Answer:
        if activity.name != "adaptiveCard/action":
            return invoke.refused(501, "NotSupported", f"{activity.name!r} is not something I do.", http=501)
        if not activity.button:
            return invoke.refused(400, "BadRequest", "The button carries no data.")
        if (principal := activity.principal) is None:
            return invoke.refused(403, "Forbidden", UNKNOWN_PERSON)
        await self._references.note(activity)
        try:
            return invoke.shown(await self._chat.click(activity.inbound(principal)))
        except OpsError as error:
            return invoke.failed(error)

    async def _guarded(self, activity: Activity, inbound: Inbound) -> None:
        """A turn that fails says so where it was asked for."""
        try:
            await self._chat.message(inbound, self._connector)
        except OpsError as error:
            log.warning("turn_failed", code=error.code, what=error.what, details=error.details)
            await self._say(activity, f"{error.title}. " + " ".join(filter(None, (error.what, error.unchanged, error.remedy))))
        except Exception:  # a defect of ours: the person is told, the log has the rest
            log.exception("turn_broke")
            await self._say(activity, BROKEN)

    async def _welcome(self, activity: Activity) -> None:
        await self._references.note(activity)
        if isinstance(self._chat, Welcoming):
            nobody = Principal(kind="teams", id=activity.sender.id, tenant=activity.tenant)
            await self._chat.welcome(activity.inbound(activity.principal or nobody), self._connector)

    async def _say(self, activity: Activity, text: str) -> None:
        try:
            await self._connector.send(activity.place, Reply(text))
        except OpsError as error:
            log.warning("reply_not_delivered", what=error.what, details=error.details)


def _ours(context: TurnContext) -> Activity:
    return cast("Activity", context.turn_state[_ACTIVITY])


def _native(activity: Activity) -> NativeActivity:
    """The fields botbuilder's dispatch and middleware read, set directly: its deserialiser would cost a quarter of a turn."""
    # Its annotations do not say that every field may be None.
    native: Any = NativeActivity
    account: Any = ChannelAccount
    conversation: Any = ConversationAccount
    sender, where = activity.sender, activity.conversation
    channel: dict[str, Any] = {"tenant": {"id": activity.tenant}}
    if activity.channel_data.event_type:
        channel["eventType"] = activity.channel_data.event_type
    return native(
        type=activity.type,
        id=activity.id,
        channel_id=activity.channel_id,
        service_url=activity.service_url,
        from_property=account(id=sender.id, name=sender.name, aad_object_id=sender.aad_object_id),
        recipient=account(id=activity.recipient.id, name=activity.recipient.name),
        conversation=conversation(id=where.id, conversation_type=where.conversation_type, is_group=not activity.personal),
        channel_data=channel,
        name=activity.name,
        action=activity.action,
        text=activity.text,
        value=activity.value,
        locale=activity.locale,
        reply_to_id=activity.reply_to_id,
    )
