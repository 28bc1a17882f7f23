"""One process of the real program, which can be killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


class Replica:
    """`app.py`, started with these settings, and its log in `folder`. paced: with shorter waits, see `tests.chaos.program`."""

    def __init__(self, name: str, folder: Path, settings: dict[str, Any], *, paced: bool = True) -> None:
        self.name = name
        self.url = ""
        self.starts = 0
        self.frozen = False
        self._folder = folder
        self._module = ["-m", "tests.chaos.program"] if paced else ["app.py"]
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        """It serves."""
        return self._process is not None and bool(self.url) and not self.frozen and self._process.poll() is None

    @property
    def log(self) -> Path:
        """The log of its newest process."""
        return self._folder / f"{self.name}-{self.starts}.log"

    async def start(self, deadline: float = 60.0) -> None:
        """Start a process and return when it serves. Errors: AssertionError with its log, when it does not."""
        self.starts += 1
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("OPS_", "AWS_"))}
        given = {f"OPS_{key}": value if isinstance(value, str) else json.dumps(value) for key, value in self._settings.items()}
        own = {"OPS_VAR": str(self._folder / self.name), "OPS_PORT": "0", "OPS_LOG_FORM": "json"}
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._module],
                cwd=ROOT,
                env=kept | given | own,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        async with asyncio.timeout(deadline):
            while not (url := _serving(self.log)):
                if self._process.poll() is not None:
                    raise AssertionError(f"{self.name} ended with {self._process.returncode}: {self.log.read_text()[-2000:]}")
                await asyncio.sleep(0.02)
        self.url = url

    def kill(self) -> None:
        """`kill -9`, now."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Stop it where it stands, for `thaw`."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)
            self.frozen = True

    def thaw(self) -> None:
        """Go on, as if nothing had been."""
        self.frozen = False
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def _end(self, number: signal.Signals) -> None:
        process, self._process, self.url, self.frozen = self._process, None, "", False
        if process is not None:
            process.send_signal(number)
            process.wait()
            if process.stdin:
                process.stdin.close()


def _serving(log: Path) -> str:
    for line in log.read_text().splitlines():
        if '"serving"' in line:
            return str(json.loads(line)["url"])
    return ""
