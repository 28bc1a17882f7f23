"""A small fleet for tests and for trying a skill."""

from __future__ import annotations

from datetime import UTC, datetime

from skills.kit.ports.compute import Instance, State

_ACCOUNT = "123456789012"


def instance(
    name: str, id: str = "", *, state: State = State.RUNNING, environment: str = "production", **fields: object
) -> Instance:
    """An instance with all fields filled in; `fields` are those of Instance, by its attribute names."""
    number = sum(ord(letter) * 31**n for n, letter in enumerate(name)) % 16**17
    running = state is State.RUNNING
    given: dict[str, object] = {
        "id": id or f"i-{number:017x}",
        "name": name,
        "type": "t3.medium",
        "state": state,
        "private_ip": f"10.0.{number % 250}.{number // 250 % 250 + 1}",
        "public_ip": f"203.0.113.{number % 250 + 1}" if running and name.startswith("web") else None,
        "tags": {"Name": name, "Environment": environment},
        "region": "us-east-1",
        "account": _ACCOUNT,
        "zone": "us-east-1a",
        "image": "ami-0a1b2c3d4e5f60718",
        "launched_at": datetime(2026, 1, 5, 9, 30, tzinfo=UTC),
    }
    return Instance.model_validate({**given, **fields})


def sample_fleet() -> tuple[Instance, ...]:
    """Eight instances with distinct names and ids, in production and staging; one is stopped, one runs Windows."""
    return (
        instance("web-server-01", "i-0a1b2c3d4e5f60001"),
        instance("web-server-02", "i-0a1b2c3d4e5f60002"),
        instance("api-01", "i-0a1b2c3d4e5f60003", type="m6i.large"),
        instance("api-02", "i-0a1b2c3d4e5f60004", type="m6i.large"),
        instance("db-01", "i-0a1b2c3d4e5f60005", type="r6i.xlarge"),
        instance("report-01", "i-0a1b2c3d4e5f60006", platform="windows", type="m6i.xlarge"),
        instance("staging-web-01", "i-0a1b2c3d4e5f60007", environment="staging", type="t3.small"),
        instance("staging-api-01", "i-0a1b2c3d4e5f60008", environment="staging", type="t3.small", state=State.STOPPED),
    )
