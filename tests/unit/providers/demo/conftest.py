"""The simulated AWS as a process, and clients for it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from providers.demo.process import CREDENTIALS

ROOT = Path(__file__).parents[4]
TRANSITION, SLOW = 0.2, 1.0


def launch(*options: str, stdin: int = subprocess.PIPE) -> tuple[subprocess.Popen[str], str]:
    """A new simulated AWS and the first line it prints."""
    command = [sys.executable, "-m", "providers.demo", *options]
    process = subprocess.Popen(command, cwd=ROOT, stdin=stdin, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    return process, process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait(10)
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


def client(service: str, url: str, region: str = "us-east-1") -> Any:
    return boto3.client(  # pyright: ignore[reportCallIssue] - the stubs want each service's name as a literal
        service,  # pyright: ignore[reportArgumentType]
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=CREDENTIALS["access_key_id"],
        aws_secret_access_key=CREDENTIALS["secret_access_key"],
        config=Config(retries={"total_max_attempts": 1}),
    )


class Aws:
    """Clients of one simulated AWS, and the ids of its instances by name."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.ec2, self.ssm, self.cloudwatch = (client(name, url) for name in ("ec2", "ssm", "cloudwatch"))
        self.costs = client("ce", url)
        self.instances = {_name(instance): instance for instance in self.describe()}

    def describe(self, *ids: str) -> list[dict[str, Any]]:
        found = self.ec2.describe_instances(InstanceIds=list(ids))["Reservations"]
        return [instance for reservation in found for instance in reservation["Instances"]]

    def id(self, name: str) -> str:
        return self.instances[name]["InstanceId"]

    def state(self, name: str) -> str:
        return self.describe(self.id(name))[0]["State"]["Name"]

    def send(self, name: str, command: str, document: str = "AWS-RunShellScript", **parameters: list[str]) -> str:
        sent = self.ssm.send_command(
            InstanceIds=[self.id(name)], DocumentName=document, Parameters={"commands": [command], **parameters}
        )
        return sent["Command"]["CommandId"]

    def invocation(self, command: str, name: str) -> dict[str, Any]:
        return self.ssm.get_command_invocation(CommandId=command, InstanceId=self.id(name))

    def run(self, name: str, command: str, document: str = "AWS-RunShellScript", **parameters: list[str]) -> dict[str, Any]:
        sent = self.send(name, command, document, **parameters)
        return wait(lambda: self.invocation(sent, name), lambda found: found["Status"] not in ("Pending", "InProgress"))


def wait(look: Callable[[], Any], done: Callable[[Any], bool], seconds: float = 10) -> Any:
    """Look until it is as wished; fails with what was last seen."""
    deadline = time.monotonic() + seconds
    while not done(seen := look()):
        assert time.monotonic() < deadline, f"still {seen}"
        time.sleep(0.02)
    return seen


def _name(instance: dict[str, Any]) -> str:
    return next(tag["Value"] for tag in instance["Tags"] if tag["Key"] == "Name")


@pytest.fixture(scope="package")
def aws() -> Iterator[Aws]:
    """One for all tests of this folder; a test changes only instances that are its own."""
    process, line = launch("--transition", str(TRANSITION))
    try:
        yield Aws(line.removeprefix("ready "))
    finally:
        end(process)


@pytest.fixture(scope="package")
def slow_aws() -> Iterator[Aws]:
    """A small one in which state changes last long enough to be looked at while they happen."""
    process, line = launch("--transition", str(SLOW), "--instances", "4")
    try:
        yield Aws(line.removeprefix("ready "))
    finally:
        end(process)
