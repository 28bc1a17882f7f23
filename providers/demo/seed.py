"""Puts the fleet into moto's backends before the server answers: no request is needed for it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS
from moto.moto_api._internal import mock_random
from moto.s3.models import s3_backends

from providers.demo.fleet import Plan, plans
from providers.demo.process import OUTPUT_BUCKET
from providers.demo.world import ACCOUNT, World

IMAGES = {
    "linux": ("al2023-ami-2023.9.20261014.0-kernel-6.12-x86_64", "Amazon Linux 2023", "/dev/xvda"),
    "windows": ("Windows_Server-2022-English-Full-Base-2026.10.14", "Microsoft Windows Server 2022", "/dev/sda1"),
}


def populate(world: World, count: int, regions: Sequence[str]) -> None:
    """Create `count` instances, spread over the regions in turn. The same seed gives the same ids and addresses."""
    mock_random.seed(f"{world.seed}/ids")
    images = {region: _images(ec2_backends[ACCOUNT][region]) for region in regions}
    for number, plan in enumerate(plans(count)):
        region = regions[number % len(regions)]
        _create(world, plan, region, f"{region}{'abc'[number // len(regions) % 3]}", images[region][plan.platform])
    mock_random.seed(os.urandom(16))
    s3_backends[ACCOUNT]["aws"].create_bucket(OUTPUT_BUCKET, regions[0])
    for offered in INSTANCE_TYPE_OFFERINGS.values():  # tens of megabytes that nobody asks for
        for region in offered.keys() - set(regions):
            del offered[region]


def _images(backend: EC2Backend) -> dict[str, str]:
    """Register the images the fleet runs and return their ids by platform."""
    found: dict[str, str] = {}
    for platform, (name, description, device) in IMAGES.items():
        image: Any = backend.register_image(name, description)
        image.platform = "windows" if platform == "windows" else None
        image.virtualization_type, image.architecture, image.root_device_name = "hvm", "x86_64", device
        found[platform] = image.id
    return found


def _create(world: World, plan: Plan, region: str, zone: str, image: str) -> None:
    backend: Any = ec2_backends[ACCOUNT][region]
    volume = {"VolumeSize": plan.disk, "VolumeType": "gp3", "DeleteOnTermination": True, "Encrypted": True}
    reservation = backend.run_instances(
        image,
        1,
        None,
        [],
        instance_type=plan.type,
        is_instance_type_default=False,
        region_name=region,
        placement=zone,
        subnet_id=backend.get_default_subnets()[zone].id,
        nics=[],
        associate_public_ip=plan.public,
        monitoring_state="enabled",
        ebs_optimized=True,
        key_name="ops",
        block_device_mappings=[{"DeviceName": IMAGES[plan.platform][2], "Ebs": volume}],
        tags={"instance": plan.tags, "volume": {"Name": plan.name, "Environment": plan.environment}},
    )
    instance = reservation.instances[0]
    instance.hypervisor = "nitro"
    world.age(instance, world.adopt(instance, plan))
