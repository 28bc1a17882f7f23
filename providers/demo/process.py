"""Starts the simulated AWS beside the bot, as a process of its own, and stops it with the bot."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CREDENTIALS = {"access_key_id": "AKIADEMODEMODEMODEMO", "secret_access_key": "demo-only-not-a-secret"}
"""The simulated AWS checks none; they only keep a client from looking for real ones."""

_ROOT = Path(__file__).parents[2]
OUTPUT_BUCKET = "ops-copilot-demo-output"
"""The bucket it has for what commands print."""


class DemoFailed(RuntimeError):
    """The simulated AWS did not start; it has said why on stderr, which is ours too."""


class DemoAws:
    """The simulated AWS. transition: seconds that starting or stopping an instance takes. port 0 takes a free one."""

    def __init__(
        self,
        *,
        port: int = 0,
        transition: float = 2.0,
        instances: int = 24,
        seed: int = 7,
        regions: Sequence[str] = ("us-east-1",),
    ) -> None:
        self.regions = tuple(regions)
        self.url = ""
        self._options = ["--port", port, "--transition", transition, "--instances", instances, "--seed", seed]
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, deadline: float = 60.0) -> str:
        """Start it and return its URL, when it answers. Errors: DemoFailed, also when it takes longer than `deadline` seconds."""
        command = [sys.executable, "-m", "providers.demo", *map(str, self._options), "--regions", ",".join(self.regions)]
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, cwd=_ROOT, env=_environment())
        try:
            async with asyncio.timeout(deadline):
                line = await _line(self._process.stdout)
        except TimeoutError:
            await self.stop()
            raise DemoFailed(f"the simulated AWS was not ready after {deadline:.0f} s; see its messages above") from None
        if not line.startswith("ready "):
            await self.stop()
            raise DemoFailed("the simulated AWS did not start; see its messages above")
        self.url = line.split()[1]
        return self.url

    async def stop(self) -> None:
        """End it; killed when it does not end by itself within five seconds. Stopping twice is no error."""
        process, self._process, self.url = self._process, None, ""
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(5):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    @property
    def settings(self) -> dict[str, Any]:
        """What `AwsSettings` takes to talk to it: `endpoint_url, regions, output_bucket` and the static key.

        Errors: DemoFailed before it is started.
        """
        if not self.url:
            raise DemoFailed("the simulated AWS has not been started")
        return {"endpoint_url": self.url, "regions": list(self.regions), "output_bucket": OUTPUT_BUCKET, **CREDENTIALS}


async def _line(stream: asyncio.StreamReader | None) -> str:
    return (await stream.readline()).decode() if stream else ""


def _environment() -> dict[str, str]:
    """This process's environment without its AWS settings: nothing real may reach the simulated one."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "MOTO_"))}
    secret = {"AWS_ACCESS_KEY_ID": CREDENTIALS["access_key_id"], "AWS_SECRET_ACCESS_KEY": CREDENTIALS["secret_access_key"]}
    return kept | secret | {"AWS_EC2_METADATA_DISABLED": "true", "MOTO_EC2_LOAD_DEFAULT_AMIS": "false", "PYTHONUNBUFFERED": "1"}
