"""The process around the simulated AWS: it starts quickly, listens on loopback only and ends with its parent."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import psutil
import pytest

from providers.demo.process import DemoAws, DemoFailed
from tests.unit.providers.demo.conftest import ROOT, client, end, launch, wait

pytestmark = pytest.mark.demo


def test_it_prints_one_line_and_listens_on_loopback_only() -> None:
    process, line = launch("--instances", "2")
    try:
        assert line.startswith("ready http://127.0.0.1:")
        listening = [c.laddr.ip for c in psutil.Process(process.pid).net_connections() if c.status == psutil.CONN_LISTEN]
        assert listening == ["127.0.0.1"]
        process.terminate()
        assert process.stdout
        assert process.stdout.read() == ""
        assert process.wait(10) == 0
    finally:
        end(process)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "169.254.169.254", "example.com"])
def test_it_refuses_to_listen_elsewhere(host: str) -> None:
    command = [sys.executable, "-m", "providers.demo", "--host", host, "--instances", "1"]
    refused = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)

    assert refused.returncode == 2
    assert refused.stdout == ""
    assert host in refused.stderr


def test_it_ends_when_the_pipe_from_its_parent_closes() -> None:
    process, _ = launch("--instances", "1")
    try:
        assert process.stdin
        process.stdin.close()
        assert process.wait(10) == 0
    finally:
        end(process)


@pytest.mark.parametrize("stdin", ["PIPE", "DEVNULL"])
def test_it_ends_when_its_parent_is_killed(stdin: str) -> None:
    parent_code = (
        "import subprocess, sys, time\n"
        f"p = subprocess.Popen([sys.executable, '-m', 'providers.demo', '--instances', '1'], stdin=subprocess.{stdin}, "
        "stdout=subprocess.PIPE, text=True)\n"
        "p.stdout.readline(); print(p.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", parent_code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = psutil.Process(int(parent.stdout.readline()))
    parent.send_signal(signal.SIGKILL)
    parent.wait(10)
    parent.stdout.close()

    def alive() -> bool:
        return child.is_running() and child.status() != psutil.STATUS_ZOMBIE

    wait(alive, lambda seen: not seen)


async def test_the_bot_starts_it_and_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "somebody-real")
    demo = DemoAws(transition=0.2, instances=4, regions=("us-east-1", "eu-west-1"))
    with pytest.raises(DemoFailed):
        _ = demo.settings
    begun = time.monotonic()
    url = await demo.start()
    took = time.monotonic() - begun
    try:
        assert demo.settings["endpoint_url"] == url
        assert took < 30
        for region in demo.settings["regions"]:
            assert len(client("ec2", url, region).describe_instances()["Reservations"]) == 2
        child = psutil.Process(psutil.Process().children()[-1].pid)
        assert "AWS_SESSION_TOKEN" not in child.environ()
    finally:
        await demo.stop()
    await demo.stop()
    with pytest.raises(DemoFailed):
        _ = demo.settings


async def test_what_does_not_start_says_so() -> None:
    demo = DemoAws(instances=1, regions=("no-such-region",))

    with pytest.raises(DemoFailed):
        await demo.start()


async def test_a_start_has_a_deadline() -> None:
    demo = DemoAws(instances=1)

    with pytest.raises(DemoFailed, match="not ready"):
        await demo.start(deadline=0.01)
