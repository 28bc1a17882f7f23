"""`python -m providers.demo`: the simulated AWS as a process of its own. It ends with its parent."""

from __future__ import annotations

import argparse
import os
import signal
import stat
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

from providers.demo.loopback import NotLoopback, check


def main() -> int:
    """Serve until SIGTERM or until the parent is gone; prints `ready http://127.0.0.1:PORT` once, when it answers."""
    parent = os.getppid()
    options = _options()
    try:
        check(options.host)
    except NotLoopback as error:
        print(f"providers.demo: {error}", file=sys.stderr)  # noqa: T201
        return 2
    os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    from providers.demo.server import serve  # takes a second or two: not before the options are known to be right

    server = serve(
        options.host,
        options.port,
        transition=options.transition,
        instances=options.instances,
        seed=options.seed,
        regions=options.regions.split(","),
    )

    def stop(_signal: int = 0, _frame: FrameType | None = None) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    threading.Thread(target=_watch_parent, args=(parent, stop), daemon=True).start()
    if stat.S_IFMT(os.fstat(0).st_mode) in (stat.S_IFIFO, stat.S_IFSOCK):
        threading.Thread(target=_watch_stdin, args=(stop,), daemon=True).start()
    print(f"ready http://{options.host}:{server.port}", flush=True)  # noqa: T201
    server.serve_forever(poll_interval=0.1)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m providers.demo", description="A simulated AWS on loopback.")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--transition", type=float, default=2.0, help="seconds that starting or stopping an instance takes")
    parser.add_argument("--instances", type=int, default=24)
    parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same ids and numbers")
    parser.add_argument("--regions", default="us-east-1", help="comma-separated; instances are spread over them")
    return parser.parse_args()


def _watch_parent(parent: int, stop: Callable[[], None]) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    stop()


def _watch_stdin(stop: Callable[[], None]) -> None:
    """The parent holds the other end; when it dies, however, the system closes it."""
    while os.read(0, 1024):
        pass
    stop()


if __name__ == "__main__":
    raise SystemExit(main())
