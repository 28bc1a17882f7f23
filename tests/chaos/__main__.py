"""`python -m tests.chaos`: many runs, each with a kill -9 at a moment drawn by chance, and whether every promise was kept."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from random import Random

from tests import databases
from tests.chaos.plan import SKILLS, drawn
from tests.chaos.scene import LEASE, scene
from tests.chaos.trial import Broken, Report, Trial


async def series(url: str, folder: Path, options: argparse.Namespace) -> tuple[list[Report], list[str]]:
    """The runs; reports of those that were right, and what was wrong with the others."""
    reports: list[Report] = []
    wrong: list[str] = []
    replicas = 1 if options.store == "sqlite" else 2
    chance = Random(options.seed)
    frozen = 2 * LEASE if options.freeze else None
    plans = [drawn(chance, tuple(options.skill or SKILLS), replicas, frozen=frozen) for _ in range(options.runs)]
    async with scene(url, folder, replicas=replicas, seed=options.seed, paced=not options.real) as here:
        instances = await here.cloud.running()
        names = cycle(sorted(name for name in instances if name != "bastion-01"))
        for number, plan in enumerate(plans, 1):
            name = next(names)
            trial = Trial(here, plan, name, instances[name])
            try:
                await here.whole()
                reports.append(await trial.run())
                _say(number, reports[-1])
            except (Broken, TimeoutError) as error:
                wrong.append(f"run {number} ({plan}, {name}): {error!r}")
                print(f"{number:4} BROKEN {wrong[-1]}\n     logs: {[str(r.log) for r in here.replicas]}", flush=True)
            if plan.skill == "instances.stop":
                await here.cloud.restore(instances[name])
    return reports, wrong


def _say(number: int, report: Report) -> None:
    extra = [f"lost clicks {report.lost}"] * bool(report.lost) + ["not certain"] * report.unsaid
    extra += [f"begun again {report.takeovers}"] * bool(report.takeovers)
    print(f"{number:4} ok {report.seconds:5.1f} s  {report.plan}  {', '.join(extra)}", flush=True)


@contextmanager
def _store(kind: str, folder: Path) -> Generator[str]:
    if kind == "sqlite":
        yield databases.sqlite(folder)
    else:
        with databases.postgres() as url:
            yield url


def main() -> int:
    """Exit status 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--skill", action="append", choices=SKILLS, help="only these; may be given several times")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--freeze", action="store_true", help="stop a replica for twice its lease instead of killing it")
    parser.add_argument("--real", action="store_true", help="app.py itself, with its real waits of some seconds")
    options = parser.parse_args()
    begun = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    with _store(options.store, folder) as url:
        reports, wrong = asyncio.run(series(url, folder, options))
    took = time.monotonic() - begun
    again, lost = sum(r.takeovers > 0 for r in reports), sum(r.lost for r in reports)
    print(
        f"{options.runs} runs on {options.store}: {len(reports)} right, {len(wrong)} wrong; {sum(r.killed for r in reports)} "
        f"kills, {again} runs begun again, {lost} clicks lost before they were kept and repeated, "
        f"{sum(r.unsaid for r in reports)} reboots said to be uncertain; {took / options.runs:.1f} s a run"
    )
    print("how often AWS carried the change out:", dict(Counter(report.requests for report in reports)))
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
