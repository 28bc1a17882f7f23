"""5,000 instances from a canned EC2 endpoint: when the first are there, when all are, and how long the event loop is held.

The peer is boto3 as its documentation has it, in a thread: a plain paginator building the same list.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import boto3
from pydantic import SecretStr

from app import SWITCH
from providers.aws import Aws, AwsSettings
from skills.kit.ports.compute import Instance, InstanceQuery, State

INSTANCES = 5000
ROUNDS = 3
TICK = 0.002
"""Seconds between two looks at the event loop; what a look is late by is what it was held."""


def run() -> list[dict[str, Any]]:
    """The measurements: name, value, unit, peer (the peer's value), ratio (value / peer, below 1 is better). Medians of
    three interleaved rounds; of stalls, the worst of all rounds."""
    sys.setswitchinterval(SWITCH)  # as the service does
    command = [sys.executable, "-m", "tests.bench.fleet"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            return asyncio.run(_measure(server.stdout.readline().split()[1]))
        finally:
            server.terminate()


async def _measure(url: str) -> list[dict[str, Any]]:
    aws = Aws(AwsSettings(regions=["us-east-1"], endpoint_url=url, access_key_id="bench", secret_access_key=SecretStr("bench")))
    client: Any = boto3.client(
        "ec2", region_name="us-east-1", endpoint_url=url, aws_access_key_id="bench", aws_secret_access_key="bench"
    )
    await aws.prepare()
    ours: list[tuple[float, float, float]] = []
    peers: list[tuple[float, float, float]] = []
    for _ in range(ROUNDS):
        ours.append(await _timed(lambda: _ours(aws)))
        peers.append(await _timed(lambda: _peer(client)))
    await aws.close()
    client.close()
    names = ("first page of 5,000 instances", "all of 5,000 instances", "longest event loop stall while listing")
    rows: list[dict[str, Any]] = []
    for column, name in enumerate(names):
        # Of stalls the worst counts: nobody is held up by a median.
        told = max if "stall" in name else statistics.median
        value, peer = (told(row[column] for row in side) for side in (ours, peers))
        rows.append(
            {"name": name, "value": round(value, 1), "unit": "ms", "peer": round(peer, 1), "ratio": round(value / peer, 3)}
        )
    return rows


async def _ours(aws: Aws) -> float:
    """Seconds until the first page; reads them all."""
    start, first, count = time.perf_counter(), 0.0, 0
    async for page in aws.compute.pages(InstanceQuery()):
        first = first or time.perf_counter() - start
        count += len(page)
    assert count == INSTANCES
    return first


async def _peer(client: Any) -> float:
    """Seconds until there is anything: a list built in a thread is there when it is whole."""
    start = time.perf_counter()
    found = await asyncio.to_thread(_listed, client)
    assert len(found) == INSTANCES
    return time.perf_counter() - start


def _listed(client: Any) -> list[Instance]:
    found: list[Instance] = []
    for page in client.get_paginator("describe_instances").paginate():
        for reservation in page["Reservations"]:
            for item in reservation["Instances"]:
                tags = {tag["Key"]: tag["Value"] for tag in item["Tags"]}
                found.append(
                    Instance(
                        instanceId=item["InstanceId"],
                        name=tags.get("Name", ""),
                        type=item["InstanceType"],
                        state=State(item["State"]["Name"]),
                        privateIp=item.get("PrivateIpAddress"),
                        publicIp=item.get("PublicIpAddress"),
                        tags=tags,
                        region="us-east-1",
                        account=reservation["OwnerId"],
                        zone=item["Placement"]["AvailabilityZone"],
                        image=item["ImageId"],
                        launchedAt=item["LaunchTime"],
                    )
                )
    return found


async def _timed(work: Callable[[], Awaitable[float]]) -> tuple[float, float, float]:
    """Milliseconds: until the first, until all, and the longest stall meanwhile."""
    async with _watched() as stalls:
        start = time.perf_counter()
        first = await work()
        whole = time.perf_counter() - start
    return first * 1000, whole * 1000, max(stalls) * 1000


@asynccontextmanager
async def _watched() -> AsyncGenerator[list[float]]:
    stalls = [0.0]

    async def watch() -> None:
        while True:
            due = time.perf_counter() + TICK
            await asyncio.sleep(TICK)
            stalls.append(time.perf_counter() - due)

    watcher = asyncio.create_task(watch())
    try:
        yield stalls
    finally:
        watcher.cancel()


def _item(number: int) -> str:
    tags = {"Name": f"server-{number}", "Environment": "production", "Team": "platform", "Service": "orders", "Owner": "amir"}
    pairs = "".join(f"<item><key>{key}</key><value>{value}</value></item>" for key, value in tags.items())
    return (
        f"<item><reservationId>r-{number:017x}</reservationId><ownerId>123456789012</ownerId><groupSet/><instancesSet><item>"
        f"<instanceId>i-{number:017x}</instanceId><imageId>ami-0a1b2c3d4e5f60718</imageId><instanceState><code>16</code>"
        "<name>running</name></instanceState><privateDnsName>ip-10-0-0-1.ec2.internal</privateDnsName><reason/><keyName>ops</keyName>"
        "<amiLaunchIndex>0</amiLaunchIndex><productCodes/><instanceType>t3.medium</instanceType>"
        "<launchTime>2026-01-05T09:30:00.000Z</launchTime><placement><availabilityZone>us-east-1a</availabilityZone><groupName/>"
        "<tenancy>default</tenancy></placement><monitoring><state>disabled</state></monitoring><subnetId>subnet-0a1b2c3d</subnetId>"
        f"<vpcId>vpc-0a1b2c3d</vpcId><privateIpAddress>10.0.{number // 250}.{number % 250}</privateIpAddress>"
        "<sourceDestCheck>true</sourceDestCheck><groupSet><item><groupId>sg-0a1b2c3d</groupId><groupName>web</groupName></item></groupSet>"
        "<architecture>x86_64</architecture><rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName>"
        "<blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><volumeId>vol-0a1b2c3d</volumeId><status>attached</status>"
        "<attachTime>2026-01-05T09:30:02.000Z</attachTime><deleteOnTermination>true</deleteOnTermination></ebs></item></blockDeviceMapping>"
        f"<virtualizationType>hvm</virtualizationType><clientToken>c-{number}</clientToken><tagSet>{pairs}</tagSet>"
        "<hypervisor>xen</hypervisor><ebsOptimized>true</ebsOptimized></item></instancesSet></item>"
    )


def serve() -> None:
    """The canned endpoint: answers DescribeInstances in pages of MaxResults, 1,000 when it is not given, as EC2 does."""
    items = [_item(number) for number in range(INSTANCES)]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            start, size = int(asked.get("NextToken", ["0"])[0]), int(asked.get("MaxResults", ["1000"])[0])
            token = f"<nextToken>{start + size}</nextToken>" if start + size < INSTANCES else ""
            body = (
                '<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><reservationSet>'
                + "".join(items[start : start + size])
                + f"</reservationSet>{token}</DescribeInstancesResponse>"
            ).encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            self.wfile.write(head + body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        print(f"ready http://127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    serve()
