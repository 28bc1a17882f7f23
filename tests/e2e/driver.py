"""Chromium, driven by the flows in `flows/`, and the product they are driven against."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
SCREENSHOTS = ROOT / "var" / "screenshots"
CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"


def needed() -> None:
    """Skip where Chromium, node or its packages are missing; in CI that is a failure."""
    missing = [
        name
        for name, there in (
            ("node", shutil.which("node")),
            (CHROMIUM, Path(CHROMIUM).exists()),
            ("tests/node/node_modules (run: make setup)", (ROOT / "tests/node/node_modules/playwright-core").exists()),
            ("api/page/node_modules (run: make setup)", (ROOT / "api/page/node_modules/adaptivecards").exists()),
        )
        if not there
    ]
    if missing and os.environ.get("CI"):
        pytest.fail(f"missing: {', '.join(missing)}")
    if missing:
        pytest.skip(f"missing: {', '.join(missing)}")


async def flow(name: str, url: str, seconds: float = 90, **environment: str) -> None:
    """Run `flows/NAME.mjs` against `url`; screenshots go to var/screenshots. Fails with what the flow said."""
    process = await asyncio.create_subprocess_exec(
        *("node", str(HERE / "browser.mjs"), name, url, str(SCREENSHOTS)),
        env=os.environ | {"CHROMIUM": CHROMIUM} | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(seconds):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, said.decode(errors="replace")
