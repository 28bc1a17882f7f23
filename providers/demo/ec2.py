"""EC2 as moto has it, with state changes that take time, refusals like EC2's own, and status checks."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any, ClassVar

from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.models.instances import Instance
from moto.ec2.responses import EC2Response

from providers.demo.world import World


class Ec2(EC2Response):
    """Handles EC2 requests; the world is set once, before the server starts."""

    world: ClassVar[World]

    def start_instances(self) -> ActionResult:
        """stopped -> pending -> running; pending and running stay as they are."""
        return ActionResult({"StartingInstances": self._changed("start")})

    def stop_instances(self) -> ActionResult:
        """running -> stopping -> stopped; stopping and stopped stay as they are."""
        return ActionResult({"StoppingInstances": self._changed("stop")})

    def terminate_instances(self) -> ActionResult:
        """any -> shutting-down -> terminated."""
        return ActionResult({"TerminatingInstances": self._changed("terminate")})

    def reboot_instances(self) -> ActionResult:
        """running stays running; any other state is refused."""
        self._changed("reboot")
        return EmptyResult()

    def run_instances(self) -> ActionResult:
        """New instances are pending first."""
        result = super().run_instances()
        instances: list[Instance] = result.result.instances  # pyright: ignore[reportAttributeAccessIssue]
        for instance in instances:
            self.world.launch(instance)
        return result

    def describe_instance_status(self) -> ActionResult:
        """System and instance checks, `initializing` for a while after a start; of running instances unless all are asked for."""
        filters = [{"name": key, "values": values} for key, values in self._filters_from_querystring().items()]
        everything = self._get_bool_param("IncludeAllInstances", False)
        instances = self.ec2_backend.describe_instance_status(self._get_param("InstanceIds", []), everything, filters)
        start, size = int(self._get_param("NextToken") or 0), int(self._get_param("MaxResults") or 1000)
        more = str(start + size) if start + size < len(instances) else None
        statuses = [self._status(instance) for instance in instances[start : start + size]]
        return ActionResult({"InstanceStatuses": statuses, "NextToken": more})

    def _changed(self, change: str) -> list[dict[str, Any]]:
        self.error_on_dryrun()
        return self.world.change(change, self.ec2_backend.get_multi_instances_by_id(self._get_param("InstanceIds", [])))

    def _status(self, instance: Instance) -> dict[str, Any]:
        machine = self.world.machines[instance.id]
        status, detail = "not-applicable", None
        if instance.state == "running":
            fresh = time.time() < machine.checked_at
            status, detail = ("initializing", "initializing") if fresh else ("ok", "passed")
        check = {"Status": status, "Details": [{"Name": "reachability", "Status": detail}] if detail else []}
        return {
            "InstanceId": instance.id,
            "AvailabilityZone": instance.availability_zone,
            "InstanceState": {"Code": instance.state_code, "Name": instance.state},
            "InstanceStatus": check,
            "SystemStatus": check,
            "Events": self._events(instance),
        }

    def _events(self, instance: Instance) -> list[dict[str, Any]]:
        """A reboot that AWS has scheduled for the replica of the database."""
        if self.world.machines[instance.id].plan.name != "db-02":
            return []
        due = datetime.fromtimestamp(self.world.epoch + 5 * 86400, UTC).replace(minute=0, second=0, microsecond=0)
        description = "The instance is scheduled for a reboot"
        return [
            {"Code": "system-reboot", "Description": description, "InstanceEventId": "instance-event-0d3b02", "NotBefore": due}
        ]
