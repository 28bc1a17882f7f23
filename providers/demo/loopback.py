"""Where the simulated AWS may listen."""

from __future__ import annotations

import ipaddress


class NotLoopback(ValueError):
    """The simulated AWS checks no credentials, so it listens on loopback and nowhere else."""


def check(host: str) -> None:
    """Errors: NotLoopback unless `host` is a loopback address; a name is none, whatever it resolves to."""
    try:
        if ipaddress.ip_address(host).is_loopback:
            return
    except ValueError:
        pass
    raise NotLoopback(f"{host} is not a loopback address")
