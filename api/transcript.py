"""Conversations of this door: kept here, since no server of a chat product keeps them, and shown live to who listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from weakref import WeakValueDictionary

from gate.conversation import Place, Reply
from gate.principal import Principal
from gate.records import Transcript
from skills.kit.errors import NotFound


def place(principal: Principal, conversation: str) -> Place:
    """Where a caller's conversation is: private to them, whatever id they choose."""
    return Place(door="api", key=f"api:{principal.key}:{conversation}")


class Listener:
    """Somebody who watches a conversation. typing: work went on since it was last asked."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self.typing = False
        self.closed = False

    def wake(self) -> None:
        """Something changed."""
        self._woken.set()

    async def wait(self, seconds: float) -> bool:
        """Wait for a change; False when there was none for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return False
        self._woken.clear()
        return True


class Conversations:
    """The `Messenger` of places whose door is `api`. Errors of `update`: NotFound for a message that is not there."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self._listeners: dict[str, list[Listener]] = {}
        self._changing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._watchers: dict[str, list[Watch]] = {}

    async def send(self, place: Place, reply: Reply) -> str:
        """See `Messenger`."""
        message = await self.transcript.add(place.key, "bot", reply.text, reply.card)
        self._wake(place.key)
        return message.id

    async def update(self, place: Place, message: str, reply: Reply) -> None:
        """See `Messenger`."""
        async with self._lock(place.key):
            for watch in self._watchers.get(place.key, ()):
                watch.changed.add(message)
            await self.replace(place, message, reply)

    async def typing(self, place: Place) -> None:
        """See `Messenger`. It is shown to whoever looks now, and kept nowhere."""
        for listener in self._listeners.get(place.key, ()):
            listener.typing = True
            listener.wake()

    async def said(self, place: Place, text: str) -> None:
        """Keep what the person said."""
        await self.transcript.add(place.key, "person", text)
        self._wake(place.key)

    async def replace(self, place: Place, message: str, reply: Reply) -> None:
        """Replace a message and show it."""
        if await self.transcript.replace(message, reply.text, reply.card) is None:
            raise NotFound("That message is not there any more.")
        self._wake(place.key)

    @asynccontextmanager
    async def watching(self, place: Place) -> AsyncGenerator[Watch]:
        """Watch for updates while a click is decided; see `Watch.show`."""
        watch = Watch(self, place, self._lock(place.key))
        watchers = self._watchers.setdefault(place.key, [])
        watchers.append(watch)
        try:
            yield watch
        finally:
            watchers.remove(watch)
            if not watchers:
                self._watchers.pop(place.key, None)

    @contextmanager
    def listen(self, key: str) -> Generator[Listener]:
        """Be woken by every change of a conversation."""
        listener = Listener()
        listeners = self._listeners.setdefault(key, [])
        listeners.append(listener)
        try:
            yield listener
        finally:
            listeners.remove(listener)
            if not listeners:
                self._listeners.pop(key, None)

    def close(self) -> None:
        """Tell every listener to go: the service stops."""
        for listener in [one for some in self._listeners.values() for one in some]:
            listener.closed = True
            listener.wake()

    def _wake(self, key: str) -> None:
        for listener in self._listeners.get(key, ()):
            listener.wake()

    def _lock(self, key: str) -> asyncio.Lock:
        return self._changing.setdefault(key, asyncio.Lock())


class Watch:
    """What was updated while a click was being decided: the run it started may be quicker than the answer to the click."""

    def __init__(self, conversations: Conversations, place: Place, lock: asyncio.Lock) -> None:
        self._conversations = conversations
        self._place = place
        self._lock = lock
        self.changed: set[str] = set()

    async def show(self, reply: Reply) -> str:
        """Put the click's answer in place of the card it was on, unless that card is newer already; its id, else empty."""
        message = reply.action.card if reply.action else ""
        if not message:
            return ""
        async with self._lock:
            if message not in self.changed:
                await self._conversations.replace(self._place, message, reply)
        return message
