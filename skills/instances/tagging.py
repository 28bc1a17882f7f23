"""Setting and removing tags on several instances, with what was there before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from skills.gaps import BEARABLE, reason
from skills.instances.models import InstancesTagged, TagOutcome
from skills.instances.targets import Failed, each, find, labels
from skills.kit.errors import Cancelled, OpsError
from skills.kit.ports.compute import Compute, Instance
from skills.kit.ports.run import Progress, StepState

Wanted = Mapping[str, str | None]
"""The touched keys and what they are to be; None: not there."""


@dataclass(frozen=True)
class Edit:
    """What is to be done. apply: does it on one instance. refuse: why it cannot be done on one, if so."""

    change: Literal["tag", "untag"]
    wanted: Wanted
    apply: Callable[[Instance], Awaitable[None]]
    refuse: Callable[[Instance], Failed | None] = lambda instance: None


async def edit_tags(edit: Edit, ids: Sequence[str], *, compute: Compute, progress: Progress) -> InstancesTagged:
    """Carry out `edit` on every instance, and read the tags again. Doing it twice is the same as once.

    Errors: Cancelled with what is known; those that keep it from looking at all.
    """
    order = list(dict.fromkeys(ids))
    found, lost = await find(compute, order)
    names = labels(found.values())
    failed = {id: Failed.of(error) for id, error in lost.items()}
    cancelled: list[Cancelled] = []
    edited: set[str] = set()

    async def one(instance: Instance) -> None:
        target = names[instance.id]
        before = _touched(instance, edit.wanted)
        if before == edit.wanted:
            await progress.step(edit.change, target, StepState.SKIPPED, "already so")
            return
        try:
            await progress.wait(0)
            await progress.step(edit.change, target, StepState.RUNNING, f"before: {_written(before)}")
            if refused := edit.refuse(instance):
                failed[instance.id] = refused
            else:
                await edit.apply(instance)
                edited.add(instance.id)
        except Cancelled as error:
            cancelled.append(error)
        except OpsError as error:
            failed[instance.id] = Failed.of(error)
        wrong = failed.get(instance.id)
        state = StepState.FAILED if wrong else StepState.DONE if instance.id in edited else StepState.SKIPPED
        await progress.step(edit.change, target, state, wrong.what if wrong else f"before: {_written(before)}")

    await each(found.values(), one)
    if cancelled:
        rest = ", ".join(names[id] for id in found if id not in edited) or "none"
        raise Cancelled(
            f"Cancelled. Changed before: {', '.join(names[id] for id in edited) or 'none'}.", unchanged=f"Not changed: {rest}."
        )
    now, unread = await _again(compute, [id for id in order if id in found])
    outcomes = [_outcome(id, edit, found.get(id), now.get(id), failed.get(id), id in edited, unread) for id in order]
    return InstancesTagged(change=edit.change, outcomes=tuple(outcomes))


async def _again(compute: Compute, ids: Sequence[str]) -> tuple[dict[str, Instance], str]:
    try:
        return (await find(compute, ids))[0] if ids else {}, ""
    except BEARABLE as error:
        return {}, f"It could not be read again: {reason(error)}"


def _outcome(
    id: str, edit: Edit, first: Instance | None, now: Instance | None, failed: Failed | None, edited: bool, unread: str
) -> TagOutcome:
    label = first.label if first else id
    done = "was tagged" if edit.change == "tag" else "was untagged"
    after = _touched(now, edit.wanted) if now else {}
    if failed is None and now and after != edit.wanted:
        failed = Failed(f"{label} does not show the change yet.", "CONFLICT", "Look again in a moment.")
    what = f"{label} {done}. {unread}".strip() if edited else f"{label} was so already; nothing had to be done."
    return TagOutcome(
        instance_id=id,
        name=first.name if first else "",
        ok=failed is None,
        changed=edited,
        before=_touched(first, edit.wanted) if first else {},
        after=after,
        **(failed.fields() if failed else {"what": what}),
    )


def _touched(instance: Instance, wanted: Wanted) -> dict[str, str | None]:
    return {key: instance.tags.get(key) for key in wanted}


def _written(tags: Wanted) -> str:
    return ", ".join(f"{key}={value}" if value is not None else f"no {key}" for key, value in tags.items())
