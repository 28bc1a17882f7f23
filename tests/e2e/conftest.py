from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.driver import ROOT


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The product as `make run` starts it, in a folder of its own; its address."""
    folder = tmp_path_factory.mktemp("product")
    log = folder / "log"
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("OPS_", "AWS_", "ANTHROPIC_"))}
    environment |= {"OPS_VAR": str(folder / "var"), "OPS_PORT": "0", "PYTHONUNBUFFERED": "1"}
    # Many tests are one person's minute here.
    environment |= {f"OPS_LIMITS__{name}": "1000" for name in ("CHAT_USER", "CHAT_TEAM", "CHAT_BURST")}
    with log.open("w") as file:
        command = [sys.executable, "app.py", "--demo"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=file, stderr=subprocess.STDOUT)
    try:
        yield _address(process, log)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def _address(process: subprocess.Popen[bytes], log: Path, seconds: int = 60) -> str:
    for _ in range(seconds * 5):
        if found := re.search(r"Chat page:\s+(http://\S+)", log.read_text()):
            return found[1]
        try:
            process.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(f"the product did not start:\n{log.read_text()}")
