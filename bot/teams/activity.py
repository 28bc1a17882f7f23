"""An activity as the Bot Framework posts it: checked, and read the way the bot needs it."""

from __future__ import annotations

import hashlib
import html
import json
import re
from functools import cached_property
from typing import Annotated, Any, cast

import pydantic_core
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from bot.teams.refusal import Refusal
from gate.conversation import Inbound, Place
from gate.principal import Principal

Id = Annotated[str, StringConstraints(min_length=1, max_length=400, pattern=r"^[^\x00-\x1f\x7f]+$")]
Line = Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Part(BaseModel):
    """A piece of an activity: camelCase on the wire, and what we do not know is left alone."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True)


class Account(Part):
    """A person or a bot. id: the channel's. aad_object_id: Entra's, which is who they are."""

    id: Id
    name: Line | None = None
    aad_object_id: Line | None = None


class Conversation(Part):
    """Where it was said. A thread in a channel has `;messageid=` in its id."""

    id: Id
    conversation_type: Line | None = None
    tenant_id: Line | None = None


class Tenant(Part):
    """An Entra tenant."""

    id: Line = ""


class Team(Part):
    """The team a channel is in."""

    id: Line = ""


class ChannelData(Part):
    """What Teams adds. event_type: of an edit or a deletion."""

    tenant: Tenant = Tenant()
    team: Team | None = None
    event_type: Line | None = None


class Activity(Part):
    """One activity. value: of a button or an invoke, as its card had it."""

    type: Id
    id: Line = ""
    channel_id: Id
    service_url: Id
    sender: Account = Field(alias="from")
    recipient: Account
    conversation: Conversation
    channel_data: ChannelData = ChannelData()
    name: Line | None = None
    action: Line | None = None
    text: str | None = None
    text_format: Line | None = None
    locale: Line | None = None
    value: Any = None
    reply_to_id: Line | None = None
    timestamp: Line | None = None
    local_timestamp: Line | None = None
    entities: list[dict[str, Any]] | None = None
    members_added: list[Account] | None = None

    @property
    def tenant(self) -> str:
        """The Entra tenant it comes from. Source: channelData; the conversation's own field is not always filled."""
        return self.channel_data.tenant.id

    @cached_property
    def principal(self) -> Principal | None:
        """Who sent it; None when Teams does not say, such as for guests without an account."""
        if not self.sender.aad_object_id:
            return None
        return Principal(kind="teams", id=self.sender.aad_object_id, tenant=self.tenant, name=self.sender.name or "")

    @property
    def personal(self) -> bool:
        """It was said to the bot alone."""
        return self.conversation.conversation_type in (None, "personal")

    @property
    def team(self) -> str:
        """Who is in this together: the team of the channel, the group; empty for what is said to the bot alone."""
        if self.personal:
            return ""
        team = self.channel_data.team
        return (team and team.id) or self.conversation.id.partition(";")[0]

    @property
    def addressed(self) -> bool:
        """It is meant for the bot: said to it alone, or mentions it, or comes from a card of its."""
        return self.personal or isinstance(self.value, dict) or bool(self._mentions)

    @property
    def greets(self) -> bool:
        """The bot was just installed here."""
        if self.type == "installationUpdate":
            return self.action in ("add", "add-upgrade")
        return self.type == "conversationUpdate" and any(one.id == self.recipient.id for one in self.members_added or ())

    @cached_property
    def key(self) -> str:
        """The same for every delivery of this activity; the inbox's id, 64 hex characters.

        Teams delivers an activity again when our answer did not reach it in time, and gives it a new id when it does. So what
        stays equal is hashed: where, who, what, and when by the sender's clock. Only an activity that carries no time is known by
        its id. An installation comes as two activities of different types; both have one key, which counts for an hour.
        """
        when = self.local_timestamp or self.timestamp
        if self.greets:
            return _hash("greets", self.channel_id, self.conversation.id, (self.timestamp or self.id)[:13])
        return _hash(
            self.channel_id,
            self.conversation.id,
            self.sender.id,
            self.type,
            self.name,
            when or self.id,
            self.text,
            self.value,
            self.reply_to_id,
            self.channel_data.event_type,
        )

    @cached_property
    def place(self) -> Place:
        """Where answers go: botbuilder's conversation reference, without what differs from message to message."""
        reference: dict[str, Any] = {
            "serviceUrl": self.service_url,
            "channelId": self.channel_id,
            "conversation": {
                "id": self.conversation.id,
                "conversationType": self.conversation.conversation_type or "personal",
                "tenantId": self.tenant,
            },
            "bot": {"id": self.recipient.id, "name": self.recipient.name or ""},
        }
        if self.personal:
            reference["user"] = {"id": self.sender.id, "aadObjectId": self.sender.aad_object_id or ""}
        return Place(door="teams", key=self.conversation.id, data=reference)

    @property
    def words(self) -> str:
        """What was said: our own mention at the start removed, other mentions by their name, HTML entities decoded."""
        text = (self.text or "").strip()
        for mention in self._mentions:
            if mention and text.startswith(mention):
                text = text[len(mention) :]
                break
        if self.text_format in ("xml", "html"):
            text = _TAG.sub("", _BREAK.sub("\n", text))
        return html.unescape(_AT.sub(r"\1", text)).replace("\xa0", " ").strip()

    @property
    def button(self) -> dict[str, Any]:
        """What the clicked button carried: of an Action.Execute its data, of an Action.Submit the value."""
        if not isinstance(self.value, dict):
            return {}
        value = cast("dict[str, Any]", self.value)
        if self.type != "invoke":
            return value
        action = value.get("action")
        data = cast("dict[str, Any]", action).get("data") if isinstance(action, dict) else None
        return cast("dict[str, Any]", data) if isinstance(data, dict) else {}

    def inbound(self, principal: Principal) -> Inbound:
        """As the rest of the bot sees it. Its correlation id comes from `key`: the same when it is delivered again."""
        return Inbound(
            principal=principal,
            place=self.place,
            text=self.words,
            value=self.button,
            card=self.reply_to_id or "",
            team=self.team,
            correlation=self.key[:32],
        )

    @property
    def _mentions(self) -> list[str]:
        """The texts that mention the bot, such as `<at>OpsBot</at>`."""
        return [
            str(entity.get("text") or "")
            for entity in self.entities or ()
            if entity.get("type") == "mention"
            and isinstance(who := entity.get("mentioned"), dict)
            and cast("dict[str, Any]", who).get("id") == self.recipient.id
        ]


_AT = re.compile(r"<at\b[^>]*>(.*?)</at>", re.DOTALL | re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>|</p>|</div>", re.IGNORECASE)
_TAG = re.compile(r"</?(?!at\b)[a-z][^>]*>", re.IGNORECASE)


def parse(raw: bytes) -> tuple[Activity, dict[str, Any]]:
    """An activity and the JSON it came as. Errors: Refusal 400 that says which field is wrong."""
    try:
        # Strict about what json.loads lets pass and a database or an answer would stumble on: NaN, half surrogates, deep nesting.
        body = pydantic_core.from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise Refusal(400, "MALFORMED_JSON", "The body is not valid JSON.", details=str(error)) from error
    if not isinstance(body, dict):
        raise Refusal(400, "INVALID_ACTIVITY", "The body is not an activity: a JSON object is needed.")
    try:
        return Activity.model_validate(body), cast("dict[str, Any]", body)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:5])
        raise Refusal(400, "INVALID_ACTIVITY", "The body is not a usable activity.", details=wrong) from error


def _hash(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
