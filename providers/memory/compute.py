"""Instances in memory, that start and stop as EC2's do."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from providers.memory.clock import Now, real
from providers.memory.faults import Faulty
from skills.kit.errors import Conflict, NotFound
from skills.kit.ports.compute import Change, Instance, InstanceQuery, State, StatusCheck

_UP, _DOWN = (State.PENDING, State.RUNNING), (State.STOPPING, State.STOPPED)
_DONE = {State.PENDING: State.RUNNING, State.STOPPING: State.STOPPED}


@dataclass
class _Entry:
    """An instance, when its change is done, and when its checks are."""

    instance: Instance
    due: datetime | None = None
    checked: datetime | None = None


class MemoryCompute(Faulty):
    """The Compute twin.

    transition: seconds a start or stop takes, 0 for at once. page: instances per page. checking: seconds until the status
    checks of a started instance are through. changes: every accepted change, as (what, instance id), oldest first.
    """

    def __init__(
        self,
        instances: Iterable[Instance] = (),
        transition: float = 0.0,
        *,
        clock: Now = real,
        page: int = 200,
        checking: float = 0.0,
    ) -> None:
        super().__init__()
        self.changes: list[tuple[Change, str]] = []
        self._transition = timedelta(seconds=transition)
        self._checking = timedelta(seconds=checking)
        self._clock = clock
        self._page = page
        self._entries = {instance.id: _Entry(instance) for instance in instances}

    def add(self, instance: Instance) -> None:
        """Launch an instance, or replace the one of that id."""
        self._entries[instance.id] = _Entry(instance)

    def remove(self, id: str) -> None:
        """Terminate an instance."""
        self._entries.pop(id, None)

    def peek(self, id: str) -> Instance | None:
        """The instance as it is now, for the other twins; no fault stops it."""
        entry = self._entries.get(id)
        return self._settled(entry).instance if entry else None

    async def pages(self, query: InstanceQuery) -> AsyncGenerator[Sequence[Instance]]:
        """Instances that fit the query, a page at a time."""
        self._may_fail("pages")
        fitting = [entry.instance for entry in map(self._settled, self._entries.values()) if matches(entry.instance, query)]
        for start in range(0, len(fitting), self._page):
            yield fitting[start : start + self._page]

    async def get(self, ids: Sequence[str]) -> Sequence[Instance]:
        """These instances as they are now. Errors: NotFound naming the ids that are not there."""
        self._may_fail("get")
        found = {id: self._settled(self._entries[id]).instance for id in ids if id in self._entries}
        found = {id: instance for id, instance in found.items() if instance.state is not State.TERMINATED}
        if missing := [id for id in dict.fromkeys(ids) if id not in found]:
            raise NotFound(f"There is no instance {', '.join(missing)}.", remedy="Say 'list instances' to see what there is.")
        return [found[id] for id in ids]

    async def change(self, change: Change, instance: Instance) -> None:
        """Start, stop or reboot. As in EC2, asking for the state it has is accepted; other states may refuse it: Conflict."""
        self._may_fail("change")
        entry = self._entry(instance)
        state = entry.instance.state
        allowed = {"start": (*_UP, State.STOPPED), "stop": (*_DOWN, *_UP), "reboot": (State.RUNNING,)}[change]
        if state not in allowed:
            raise Conflict(
                f"AWS refused: the instance '{instance.id}' is {state.value}, so it cannot {change}.",
                remedy="Look at its state and try again.",
                details="IncorrectInstanceState",
            )
        if change == "start" and state not in _UP:
            self._begin(entry, State.PENDING)
        if change == "stop" and state not in _DOWN:
            self._begin(entry, State.STOPPING)
        self.changes.append((change, instance.id))

    async def checks(self, instances: Sequence[Instance]) -> Mapping[str, StatusCheck]:
        """Checks of the instances that are up: `initializing` at first, then `ok`."""
        self._may_fail("checks")
        up = [entry for entry in map(self._entry, instances) if entry.instance.state in _UP]
        return {entry.instance.id: self._check(entry) for entry in up}

    async def tag(self, instance: Instance, tags: Mapping[str, str]) -> None:
        """Set these tags; Name is also the instance's name."""
        self._may_fail("tag")
        entry = self._entry(instance)
        self._retag(entry, {**entry.instance.tags, **tags})

    async def untag(self, instance: Instance, keys: Sequence[str]) -> None:
        """Remove these tags."""
        self._may_fail("untag")
        entry = self._entry(instance)
        self._retag(entry, {key: value for key, value in entry.instance.tags.items() if key not in keys})

    def _entry(self, instance: Instance) -> _Entry:
        if instance.id not in self._entries:
            raise NotFound(f"There is no instance {instance.id}.", remedy="Say 'list instances' to see what there is.")
        return self._settled(self._entries[instance.id])

    def _begin(self, entry: _Entry, state: State) -> None:
        now = self._clock()
        entry.due = now + self._transition
        entry.checked = entry.due + self._checking
        launched = now if state is State.PENDING else entry.instance.launched_at
        entry.instance = entry.instance.model_copy(update={"state": state, "launched_at": launched})

    def _settled(self, entry: _Entry) -> _Entry:
        """The entry, with a change finished whose time has come."""
        if entry.due and self._clock() >= entry.due:
            entry.due = None
            entry.instance = entry.instance.model_copy(update={"state": _DONE[entry.instance.state]})
        return entry

    def _check(self, entry: _Entry) -> StatusCheck:
        if entry.instance.state is State.PENDING:
            return StatusCheck(system="not-applicable", instance="not-applicable")
        through = entry.checked is None or self._clock() >= entry.checked
        status = "ok" if through else "initializing"
        return StatusCheck(system=status, instance=status)

    def _retag(self, entry: _Entry, tags: dict[str, str]) -> None:
        entry.instance = entry.instance.model_copy(update={"tags": tags, "name": tags.get("Name", "")})


def matches(instance: Instance, query: InstanceQuery) -> bool:
    """Does EC2 list this instance for that query? Case counts; only a name may hold `*`."""
    name = ".*".join(map(re.escape, query.name.split("*")))
    return (
        instance.state is not State.TERMINATED
        and (not query.ids or instance.id in query.ids)
        and (not query.states or instance.state in query.states)
        and (not query.types or instance.type in query.types)
        and (not query.regions or instance.region in query.regions)
        and (not query.name or re.fullmatch(name, instance.name, re.DOTALL) is not None)
        and all(key in instance.tags and value in ("*", instance.tags[key]) for key, value in query.tags.items())
    )
