"""Starting, refusing to start, and ending, as a process."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def environment(folder: Path, **settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OPS_")}
    return {**kept, "OPS_VAR": str(folder / "var"), "OPS_PORT": "0", **{f"OPS_{name}": value for name, value in settings.items()}}


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "app.py"), *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment(folder, **settings), capture_output=True, text=True, timeout=60, check=False
    )


@contextmanager
def serving(folder: Path, **settings: str) -> Generator[tuple[subprocess.Popen[str], str]]:
    """The real process, and its URL as it logs it."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py")],
        cwd=ROOT,
        env=environment(folder, LOG_FORM="json", **settings),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert process.stderr
    try:
        for line in process.stderr:
            if '"serving"' in line:
                yield process, json.loads(line)["url"]
                break
        else:
            raise AssertionError(f"it ended with {process.wait()}")
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_it_serves_healthy_and_ends_on_sigterm(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, url):
        with urllib.request.urlopen(f"{url}/health", timeout=10) as response:
            health = json.load(response)
        assert health["status"] == "healthy"
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert time.monotonic() - begun < 20
    assert stat.S_IMODE((tmp_path / "var/token").stat().st_mode) == 0o600


def test_two_processes_do_not_serve_from_one_folder(tmp_path: Path) -> None:
    with serving(tmp_path):
        second = run(tmp_path)
    assert second.returncode == 2
    assert "Another process serves" in second.stderr


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = run(tmp_path, PORT=str(taken.getsockname()[1]))
    assert refused.returncode == 2
    assert "OPS_PORT" in refused.stderr


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"PORT": "many"}, "OPS_PORT"),
        ({"LOG_LEVEL": "LOUD"}, "OPS_LOG_LEVEL"),
        ({"TEAMS__APP_ID": "x"}, "OPS_TEAMS"),
        ({"AWS__THREADS": "0"}, "OPS_AWS__THREADS"),
        ({"AWS__NO_SUCH": "1"}, "OPS_AWS__NO_SUCH"),
        ({"POLICY__DEFAULT_ROLE": "emperor"}, "emperor"),
        ({"API_TOKEN": "short"}, "API token"),
    ],
)
def test_wrong_settings_are_named_and_nothing_starts(tmp_path: Path, settings: dict[str, str], named: str) -> None:
    refused = run(tmp_path, **settings)
    assert refused.returncode == 2
    assert named in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_open_teams_door_without_tokens_needs_loopback(tmp_path: Path) -> None:
    refused = run(tmp_path, HOST="0.0.0.0", TEAMS__ALLOW_UNAUTHENTICATED="true")
    assert refused.returncode == 2
    assert "loopback" in refused.stderr


def test_migrate_twice(tmp_path: Path) -> None:
    assert run(tmp_path, "migrate").returncode == 0
    assert run(tmp_path, "migrate").returncode == 0
