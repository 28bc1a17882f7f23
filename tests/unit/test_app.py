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


def test_doctor_with_nothing_configured_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    told = run(tmp_path, "doctor")
    assert told.returncode == 1
    for setting in ("AWS_PROFILE", "OPS_CLAUDE__KEY", "OPS_TEAMS__APP_ID", "OPS_PUBLIC_URL"):
        assert setting in told.stdout
    assert "4 with a warning, 1 not working" in told.stdout
    assert told.stderr == ""
    assert not (tmp_path / "var").exists()


def test_doctor_tells_no_secret(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:1"
    told = run(
        tmp_path,
        "doctor",
        DATABASE_URL="postgresql+psycopg://ops:s3cr3t-db@127.0.0.1:1/ops",
        AWS__ENDPOINT_URL=nowhere,
        AWS__ACCESS_KEY_ID="key",
        AWS__SECRET_ACCESS_KEY="s3cr3t-aws",
        CLAUDE__KEY="s3cr3t-model",
        CLAUDE__BASE_URL=nowhere,
        TEAMS__APP_ID="app",
        TEAMS__TENANT_ID="tenant",
        TEAMS__APP_PASSWORD="s3cr3t-teams",
        TEAMS__TOKEN_URL=nowhere,
        TEAMS__OPENID_METADATA=nowhere,
    )
    assert told.returncode == 1
    assert told.stdout.count("fail  ") == 5
    assert told.stdout.count("->") == 6
    assert "s3cr3t" not in told.stdout + told.stderr
