"""How long the service takes to import and boot, and its memory then, against importing the SDKs it stands on."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
RUNS = 5

OURS = """
import time; began = time.perf_counter()
import asyncio, json, resource, sys
from app import Service, Settings
async def boot():
    service = Service(Settings(var=sys.argv[1], port=0))
    await service.start()
    took = time.perf_counter() - began
    print(json.dumps([took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
    await service.stop()
asyncio.run(boot())
"""

PEER = """
import time; began = time.perf_counter()
import json, resource
import anthropic, boto3, sqlalchemy, aiohttp.web
import botbuilder.core, botbuilder.integration.aiohttp
print(json.dumps([time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def run() -> list[dict[str, Any]]:
    """Medians of interleaved runs, with a warm disk. Bars: under 2 s, under 150 MB."""
    ours: list[list[float]] = []
    peers: list[list[float]] = []
    with tempfile.TemporaryDirectory() as folder:
        _measure(OURS, folder)  # makes the database: a boot after the first is what is measured
        for _ in range(RUNS):
            ours.append(_measure(OURS, folder))
            peers.append(_measure(PEER, folder))
    rows: list[dict[str, Any]] = []
    for index, (name, unit) in enumerate((("boot", "s"), ("boot resident", "MB"))):
        value, peer = statistics.median(run[index] for run in ours), statistics.median(run[index] for run in peers)
        named = f"importing the SDKs it stands on ({peer:.3g} {unit})"
        rows.append({"name": name, "value": round(value, 3), "unit": unit, "peer": named, "ratio": round(value / peer, 3)})
    return rows


def _measure(code: str, folder: str) -> list[float]:
    done = subprocess.run([sys.executable, "-c", code, folder], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout.splitlines()[-1])
