"""EC2 instances: reading them page by page, and changing them with never more than one request."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from providers.aws.failures import Unclear
from providers.aws.session import Scope, Session, batches, merged
from skills.kit.errors import NotFound, OpsError, Timeout
from skills.kit.ports.compute import Change, Instance, InstanceQuery, State, StatusCheck

PAGE = 200
"""Instances per response: the first is there early, and shaping one never holds the interpreter for long."""

_FILTER_VALUES = 200
_CHECKS = 100
_REACHED: dict[Change, tuple[State, ...]] = {
    "start": (State.PENDING, State.RUNNING),
    "stop": (State.STOPPING, State.STOPPED),
    "reboot": (),  # a reboot leaves no trace in the state
}
_METHODS: dict[Change, str] = {"start": "start_instances", "stop": "stop_instances", "reboot": "reboot_instances"}
T = TypeVar("T")


class AwsCompute:
    """The Compute port over EC2. settle: seconds to wait before each look at an instance after an unclear failure."""

    def __init__(self, session: Session, settle: Sequence[float] = (0, 1, 2)) -> None:
        self._session = session
        self._settle = settle

    async def pages(self, query: InstanceQuery) -> AsyncGenerator[Sequence[Instance]]:
        """Instances as they arrive, from every account and region at once."""
        states = [state for state in query.states or State if state is not State.TERMINATED]
        if not states:
            return
        filters = _filters(query, states)
        ids = [[{"Name": "instance-id", "Values": list(some)}] for some in batches(query.ids, _FILTER_VALUES)] or [[]]
        scopes = [scope for scope in self._session.scopes if not query.regions or scope.region in query.regions]
        found = merged([self._described(scope, [*filters, *these]) for scope in scopes for these in ids])
        try:
            async for page in found:
                if page:
                    yield page
        finally:
            await found.aclose()

    async def get(self, ids: Sequence[str]) -> Sequence[Instance]:
        """These instances, read afresh. Errors: NotFound naming the ids that are not there."""
        if not ids:
            return []
        wanted = tuple(dict.fromkeys(ids))
        found = {instance.id: instance async for page in self.pages(InstanceQuery(ids=wanted)) for instance in page}
        if missing := [id for id in wanted if id not in found]:
            raise NotFound(f"There is no instance {', '.join(missing)}.", remedy="Say 'list instances' to see what there is.")
        return [found[id] for id in ids]

    async def change(self, change: Change, instance: Instance) -> None:
        """Ask for a state change, once; see `_once` for what happens when the answer is lost."""
        ask = partial(self._call_once, _METHODS[change], instance, InstanceIds=[instance.id])
        await self._once(f"{change} {instance.label}", ask, instance, lambda now: now.state in _REACHED[change])

    async def checks(self, instances: Sequence[Instance]) -> Mapping[str, StatusCheck]:
        """Status checks of the instances that are not stopped, by id."""
        asked = [
            _gathered(
                self._session.pages(
                    scope,
                    "ec2",
                    "describe_instance_status",
                    shape=_checks,
                    InstanceIds=[i.id for i in some],
                    IncludeAllInstances=True,
                )
            )
            for scope, group in self._session.by_scope(instances).items()
            for some in batches(group, _CHECKS)
        ]
        return {id: check for pages in await asyncio.gather(*asked) for page in pages for id, check in page.items()}

    async def tag(self, instance: Instance, tags: Mapping[str, str]) -> None:
        """Set these tags, leaving others."""
        if not tags:
            return
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        ask = partial(self._call_once, "create_tags", instance, Resources=[instance.id], Tags=pairs)
        await self._once(f"tag {instance.label}", ask, instance, lambda now: tags.items() <= now.tags.items())

    async def untag(self, instance: Instance, keys: Sequence[str]) -> None:
        """Remove these tags; one that is not there is no error."""
        if not keys:
            return
        pairs = [{"Key": key} for key in keys]
        ask = partial(self._call_once, "delete_tags", instance, Resources=[instance.id], Tags=pairs)
        await self._once(f"untag {instance.label}", ask, instance, lambda now: not now.tags.keys() & set(keys))

    async def _once(self, what: str, ask: Callable[[], Any], instance: Instance, happened: Callable[[Instance], bool]) -> None:
        """Ask once. When the answer is lost, look at the instance instead of asking again; say so if the change does not show."""
        seen = instance.state
        try:
            await ask()
        except (Unclear, Timeout) as lost:
            for seconds in self._settle:
                await asyncio.sleep(seconds)
                now = await self._look(instance, lost)
                if happened(now):
                    return
                seen = now.state
            raise Timeout(
                f"AWS did not confirm that it will {what}.",
                unchanged=f"It was not asked a second time; {instance.label} was {seen.value} when last looked at.",
                remedy="Look at the instance again in a minute before you repeat it.",
                details=lost.details,
            ) from lost

    async def _look(self, instance: Instance, lost: OpsError) -> Instance:
        """The instance as it is now. Errors: Timeout when even that cannot be told."""
        try:
            filters = [{"Name": "instance-id", "Values": [instance.id]}]
            pages = await _gathered(self._described(self._session.scope(instance), filters))
            return next(found for page in pages for found in page)
        except (OpsError, StopIteration) as error:
            reason = error.what if isinstance(error, OpsError) else "it is not listed."
            raise Timeout(
                f"AWS did not answer, and {instance.label} cannot be looked at now: {reason}",
                unchanged="Whether it was changed is not known. It was not asked a second time.",
                remedy="Look at the instance again in a minute before you repeat it.",
                details=lost.details,
            ) from error

    async def _call_once(self, method: str, instance: Instance, **params: Any) -> None:
        scope = self._session.scope(instance)
        await self._session.call(scope, "ec2", method, once=True, instances=[instance.id], **params)

    def _described(self, scope: Scope, filters: list[dict[str, Any]]) -> AsyncGenerator[list[Instance]]:
        shape = partial(_instances, scope.region)
        return self._session.pages(scope, "ec2", "describe_instances", shape=shape, size=PAGE, Filters=filters)


async def _gathered(pages: AsyncGenerator[T]) -> list[T]:
    return [page async for page in pages]


def _filters(query: InstanceQuery, states: Sequence[State]) -> list[dict[str, Any]]:
    """The query as EC2 filters, so that AWS sends only what was asked for."""
    filters = [{"Name": "instance-state-name", "Values": [state.value for state in states]}]
    if query.types:
        filters.append({"Name": "instance-type", "Values": list(query.types)})
    if query.name:
        filters.append({"Name": "tag:Name", "Values": [_literal(query.name, keep="*")]})
    for key, value in query.tags.items():
        filters.append({"Name": f"tag:{key}", "Values": ["*" if value == "*" else _literal(value)]})
    return filters


def _literal(text: str, keep: str = "") -> str:
    """EC2 reads `*`, `?` and a backslash in a filter as wildcards; all but those in `keep` are taken as they are."""
    return re.sub(r"[*?\\]", lambda mark: mark[0] if mark[0] in keep else f"\\{mark[0]}", text)


def _instances(region: str, response: Any) -> list[Instance]:
    """One response of DescribeInstances."""
    return [
        _instance(item, region, reservation.get("OwnerId", ""))
        for reservation in response["Reservations"]
        for item in reservation["Instances"]
    ]


def _instance(item: Any, region: str, account: str) -> Instance:
    tags = {tag["Key"]: tag["Value"] for tag in item.get("Tags", ())}
    return Instance(
        instanceId=item["InstanceId"],
        name=tags.get("Name", ""),
        type=item.get("InstanceType", ""),
        state=State(item["State"]["Name"]),
        platform="windows" if item.get("Platform", "").lower() == "windows" else "linux",
        privateIp=item.get("PrivateIpAddress") or None,
        publicIp=item.get("PublicIpAddress") or None,
        tags=tags,
        region=region,
        account=account,
        zone=item.get("Placement", {}).get("AvailabilityZone", ""),
        image=item.get("ImageId", ""),
        launchedAt=item.get("LaunchTime"),
    )


def _checks(response: Any) -> dict[str, StatusCheck]:
    """One response of DescribeInstanceStatus, without the stopped."""
    return {
        item["InstanceId"]: StatusCheck(
            system=item["SystemStatus"]["Status"],
            instance=item["InstanceStatus"]["Status"],
            events=tuple(_event(event) for event in item.get("Events", ()) if "[Completed]" not in event.get("Description", "")),
        )
        for item in response["InstanceStatuses"]
        if item["InstanceState"]["Name"] in (State.RUNNING, State.PENDING)
    }


def _event(event: Any) -> str:
    when = f" ({event['NotBefore']:%Y-%m-%d %H:%M} UTC)" if "NotBefore" in event else ""
    return f"{event.get('Code', 'event')}: {event.get('Description', '')}{when}"
