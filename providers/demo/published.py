"""Which CloudWatch metrics an instance publishes, under which dimensions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from providers.demo.load import Gauge
from providers.demo.machine import Machine

EC2, AGENT = "AWS/EC2", "CWAgent"
_OF_EC2 = (Gauge.CPU, Gauge.RECEIVED, Gauge.SENT)
_UNITS = {Gauge.RECEIVED: "Bytes", Gauge.SENT: "Bytes"}
_LINUX: Mapping[Gauge, tuple[str, Mapping[str, str]]] = {
    Gauge.MEMORY: (Gauge.MEMORY.value, {}),
    Gauge.DISK: (Gauge.DISK.value, {"path": "/", "device": "nvme0n1p1", "fstype": "xfs"}),
}
_WINDOWS: Mapping[Gauge, tuple[str, Mapping[str, str]]] = {
    Gauge.MEMORY: ("Memory % Committed Bytes In Use", {"objectname": "Memory"}),
    Gauge.DISK: ("LogicalDisk % Free Space", {"instance": "C:", "objectname": "LogicalDisk"}),
}
"""The agent's names and dimensions of each platform; on Windows the disk is told by what is free."""


@dataclass(frozen=True)
class Published:
    """One CloudWatch series. inverted: its values are what is left of 100 percent."""

    machine: Machine
    gauge: Gauge
    namespace: str
    name: str
    dimensions: Mapping[str, str]
    inverted: bool = False

    @property
    def unit(self) -> str:
        """In CloudWatch's words."""
        return _UNITS.get(self.gauge, "Percent")

    def shown(self, samples: list[float]) -> list[float]:
        """The samples as this series has them."""
        return [100 - value for value in samples] if self.inverted else samples


def published(machine: Machine) -> Iterator[Published]:
    """Everything a machine publishes. The agent sends each metric in full and once by instance alone; where SSM does not manage
    an instance there is no agent either."""
    alone = {"InstanceId": machine.id}
    for gauge in _OF_EC2:
        yield Published(machine, gauge, EC2, gauge.value, alone)
    if not machine.plan.managed:
        return
    windows = machine.plan.platform == "windows"
    for gauge, (name, special) in (_WINDOWS if windows else _LINUX).items():
        full = {**alone, "ImageId": machine.image, "InstanceType": machine.plan.type, **special}
        for dimensions in (full, alone):
            yield Published(machine, gauge, AGENT, name, dimensions, inverted=windows and gauge is Gauge.DISK)
