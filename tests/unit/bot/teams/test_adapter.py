"""botbuilder's own way in: middleware, and a context that sends, goes through our connector."""

from __future__ import annotations

from typing import Any

from botbuilder.core import MessageFactory, Middleware, TurnContext

from bot.teams.activity import Activity
from bot.teams.adapter import Adapter
from bot.teams.references import References
from store.places import SqlPlaces
from tests.unit.bot.teams.conftest import Stage


class Chatty(Middleware):
    """Sends, replaces and deletes by botbuilder's context before the turn."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    async def on_turn(self, context: TurnContext, logic: Any) -> None:
        sender: Any = context.activity.from_property
        self.seen.append((context.activity.text, sender.aad_object_id))
        sent: Any = await context.send_activity(MessageFactory.text("looking"))
        changed: Any = MessageFactory.text("found")
        changed.id = sent.id
        await context.update_activity(changed)
        await context.delete_activity(sent.id)
        await logic()


async def test_middleware_and_context_reach_the_conversation(stage: Stage) -> None:
    adapter = Adapter(stage.chat, stage.messenger, References(SqlPlaces(stage.database)))
    middleware = Chatty()
    adapter.use(middleware)
    activity = Activity.model_validate(stage.teams.activity(text="list instances"))
    assert await adapter.run(activity) is None
    assert middleware.seen == [("list instances", stage.teams.person)]
    methods = [(one.method, one.conversation, one.activity.get("text")) for one in stage.connector.sent]
    assert methods == [
        ("POST", "a:personal-ada", "looking"),
        ("PUT", "a:personal-ada", "found"),
        ("DELETE", "a:personal-ada", None),
        ("POST", "a:personal-ada", "echo list instances"),
    ]
    assert stage.connector.sent[1].message == stage.connector.sent[0].message
