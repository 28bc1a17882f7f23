"""The state every simulated service shares: the machines, the clock, and state changes that take their time."""

from __future__ import annotations

import heapq
import itertools
import math
import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance, InstanceState

from providers.demo.fleet import Plan
from providers.demo.load import Load
from providers.demo.machine import DAY, Machine, Period

ACCOUNT = "123456789012"
CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
SERVING = {"start": ("stopped",), "stop": ("running",), "reboot": ("running",)}
DONE = {"start": ("pending", "running"), "stop": ("stopping", "stopped"), "reboot": ()}
VERB = {"start": "started", "stop": "stopped", "reboot": "rebooted"}


class World:
    """transition: seconds a start or a stop takes. Everything that changes state holds `lock`."""

    def __init__(self, *, seed: int, transition: float) -> None:
        self.seed = seed
        self.transition = transition
        self.lock = threading.RLock()
        self.load = Load(seed, time.time())
        self.machines: dict[str, Machine] = {}
        self._jobs: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = itertools.count()

    @property
    def epoch(self) -> float:
        """When the demo started, Unix seconds."""
        return self.load.epoch

    def adopt(self, instance: Instance, plan: Plan) -> Machine:
        """Take an instance of moto's into the world; the caller says since when it runs."""
        machine = Machine(instance.id, instance.region_name, plan, instance.image_id, instance.private_ip or "")
        self.machines[instance.id] = machine
        return machine

    def age(self, instance: Instance, machine: Machine) -> None:
        """Give a new machine its past: launched days ago, and stopped days ago when its plan says so."""
        chance = random.Random(f"{self.seed}/{machine.plan.name}/age")
        born = self.epoch - machine.plan.age * DAY - chance.randrange(DAY)
        stopped = self.epoch - (2 + 3 * chance.random()) * DAY if machine.plan.stopped else None
        machine.periods = [Period(born, stopped)]
        instance.launch_time = _moment(born)
        for _, device in instance.get_block_device_mapping:
            device.attach_time = instance.launch_time
        for card in instance.network_interfaces:
            card.attach_time = instance.launch_time
        if stopped is not None:
            instance.stop()
            instance._reason = f"User initiated ({_moment(stopped):%Y-%m-%d %H:%M:%S} GMT)"  # pyright: ignore[reportPrivateUsage]

    def launch(self, instance: Instance) -> None:
        """A new instance that a client ran: pending first."""
        tags: dict[str, str] = {tag["key"]: tag["value"] for tag in instance.get_tags()}
        name, environment = tags.get("Name", instance.id), tags.get("Environment", "")
        plan = Plan(name, tags.get("Role", "server"), environment, "", "", "", instance.instance_type, age=0)
        with self.lock:
            self.adopt(instance, plan)
            self._begin(instance, "pending")

    def change(self, change: str, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        """Start, stop, reboot or terminate these, all or none; as EC2 answers it, with the state before and now.

        Errors: IncorrectInstanceState when one of them is in a state that does not allow it.
        """
        with self.lock:
            for instance in instances:
                allowed = change == "terminate" or instance.state in (*SERVING[change], *DONE[change])
                if not allowed:
                    raise EC2ClientError(
                        "IncorrectInstanceState",
                        f"The instance '{instance.id}' is not in a state from which it can be {VERB[change]}.",
                    )
            return [self._apply(change, instance) for instance in instances]

    def later(self, due: float, job: Callable[[float], None]) -> None:
        """Have `job` done with its due time, once that has come."""
        with self.lock:
            heapq.heappush(self._jobs, (due, next(self._order), job))

    def settle(self) -> None:
        """Do everything whose time has come. Called before each request is answered: nobody can look in between."""
        with self.lock:
            while self._jobs and self._jobs[0][0] <= time.time():
                due, _, job = heapq.heappop(self._jobs)
                job(due)

    def _apply(self, change: str, instance: Instance) -> dict[str, Any]:
        before = _state(instance)
        if change == "reboot":
            self._reboot(self.machines[instance.id])
        elif change == "start" and instance.state == "stopped":
            instance.launch_time = _moment(time.time())
            self._begin(instance, "pending")
        elif change == "stop" and instance.state == "running":
            self._end_period(instance)
            self._begin(instance, "stopping")
        elif change == "terminate" and instance.state not in ("shutting-down", "terminated"):
            self._end_period(instance)
            self._begin(instance, "shutting-down")
        return {"InstanceId": instance.id, "PreviousState": before, "CurrentState": _state(instance)}

    def _begin(self, instance: Instance, name: str) -> None:
        state = InstanceState(name, CODES[name])
        instance._state = state  # pyright: ignore[reportPrivateUsage]
        self.later(time.time() + self.transition, lambda due: self._finish(instance, state, due))

    def _finish(self, instance: Instance, begun: InstanceState, due: float) -> None:
        if instance.instance_state is not begun:  # terminated meanwhile
            return
        machine = self.machines[instance.id]
        match instance.state:
            case "pending":
                instance.start()
                machine.periods.append(Period(due))
                machine.agent_at = due + self.transition / 2
                machine.checked_at = due + 3 * self.transition
                machine.units.clear()
            case "stopping":
                instance.stop()
            case "shutting-down":
                instance.terminate()
                machine.gone = True
            case other:
                raise AssertionError(f"no change ends in {other}")

    def _end_period(self, instance: Instance) -> None:
        machine = self.machines[instance.id]
        if machine.running:
            machine.periods[-1].end = time.time()
        machine.healed.setdefault("cpu", time.time())

    def _reboot(self, machine: Machine) -> None:
        machine.rebooted_at = time.time()
        machine.agent_at = time.time() + self.transition
        machine.healed.setdefault("cpu", time.time())
        machine.units.clear()

    def tags(self, machine: Machine) -> dict[str, str]:
        """Its tags as they are in EC2 now."""
        backend: Any = ec2_backends[ACCOUNT][machine.region]
        return dict(backend.tags.get(machine.id, {}))

    def of(self, region: str) -> list[Machine]:
        """The machines of a region."""
        return [machine for machine in self.machines.values() if machine.region == region]


def _state(instance: Instance) -> dict[str, Any]:
    return {"Code": instance.state_code, "Name": instance.state}


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(math.floor(seconds), UTC)
