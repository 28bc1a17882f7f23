"""Which instances the demo has: the one declaration that EC2, SSM, CloudWatch, Cost Explorer and the shell all read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

Trouble = Literal["", "cpu", "disk"]


@dataclass(frozen=True)
class Size:
    """An instance type. memory: GiB. price: dollars per hour, Linux on demand in us-east-1."""

    cpus: int
    memory: float
    price: float


SIZES = {
    "t3.micro": Size(2, 1, 0.0104),
    "t3.small": Size(2, 2, 0.0208),
    "t3.medium": Size(2, 4, 0.0416),
    "m6i.large": Size(2, 8, 0.096),
    "m6i.xlarge": Size(4, 16, 0.192),
    "c6i.large": Size(2, 4, 0.085),
    "c6i.xlarge": Size(4, 8, 0.17),
    "c6i.2xlarge": Size(8, 16, 0.34),
    "r6i.large": Size(2, 16, 0.126),
    "r6i.xlarge": Size(4, 32, 0.252),
}
WINDOWS_PREMIUM = 1.9
"""How many times as much an instance costs with a Windows licence."""
UNKNOWN_SIZE = Size(2, 4, 0.05)


@dataclass(frozen=True)
class Role:
    """What a kind of server is like. unit: its systemd unit, listening on `port`.

    cpu, memory, disk: percent at rest; swing: percent of CPU that the busiest hour adds. traffic: MB per minute in, when busy.
    """

    unit: str
    port: int
    cpu: float
    swing: float
    memory: float
    disk: float
    traffic: float


ROLES = {
    "web": Role("nginx", 80, 9, 34, 46, 41, 48),
    "api": Role("orders-api", 8080, 14, 36, 58, 37, 36),
    "checkout": Role("checkout", 8443, 12, 30, 55, 44, 21),
    "worker": Role("jobs-worker", 9100, 38, 22, 49, 52, 9),
    "db": Role("postgresql", 5432, 20, 26, 76, 63, 30),
    "cache": Role("redis", 6379, 7, 9, 69, 22, 55),
    "bastion": Role("sshd", 22, 1, 2, 31, 28, 0.3),
    "batch": Role("batch-runner", 9200, 22, 30, 40, 47, 6),
    "build": Role("build-agent", 8090, 11, 41, 37, 71, 14),
    "reporting": Role("MSSQLSERVER", 1433, 13, 18, 64, 56, 5),
    "server": Role("app", 8000, 6, 12, 42, 30, 4),
}


@dataclass(frozen=True)
class Plan:
    """One instance as it is declared. age: days since it was first launched. disk: GiB of its root volume."""

    name: str
    role: str
    environment: str
    service: str
    team: str
    owner: str
    type: str
    platform: Literal["linux", "windows"] = "linux"
    stopped: bool = False
    managed: bool = True
    public: bool = False
    trouble: Trouble = ""
    age: int = 90
    disk: int = 50

    @property
    def size(self) -> Size:
        """What its type has; a middling guess for a type that is not listed."""
        return SIZES.get(self.type, UNKNOWN_SIZE)

    @property
    def kind(self) -> Role:
        """What its role is like."""
        return ROLES.get(self.role, ROLES["server"])

    @property
    def tags(self) -> dict[str, str]:
        """Its tags in EC2."""
        return {
            "Name": self.name,
            "Environment": self.environment,
            "Role": self.role,
            "Service": self.service,
            "Team": self.team,
            "Owner": self.owner,
        }


def _several(count: int, plan: Plan) -> list[Plan]:
    """`count` plans numbered from 01, each a little older than the next."""
    return [replace(plan, name=f"{plan.name}-{n:02}", age=max(1, plan.age - 11 * n)) for n in range(1, count + 1)]


def _production() -> list[Plan]:
    storefront = Plan("web-server", "web", "production", "storefront", "web", "dana", "t3.medium", public=True, age=210, disk=30)
    orders = Plan("api", "api", "production", "orders", "platform", "amir", "m6i.large", age=180)
    payments = Plan("checkout", "checkout", "production", "checkout", "payments", "mei", "c6i.large", age=150)
    jobs = Plan("worker", "worker", "production", "jobs", "platform", "amir", "c6i.xlarge", age=120)
    orders_db = Plan("db", "db", "production", "orders-db", "data", "priya", "r6i.xlarge", age=300, disk=200)
    workers, databases = _several(2, jobs), _several(2, orders_db)
    workers[1] = replace(workers[1], trouble="cpu")
    databases[0] = replace(databases[0], trouble="disk")
    return [
        *_several(4, storefront),
        *_several(3, orders),
        *_several(2, payments),
        *workers,
        *databases,
        Plan("cache-01", "cache", "production", "sessions", "platform", "amir", "r6i.large", age=160, disk=20),
        Plan(
            "bastion-01", "bastion", "production", "access", "security", "tomas", "t3.micro", managed=False, public=True, disk=8
        ),
        Plan("report-01", "reporting", "production", "reports", "data", "priya", "m6i.xlarge", platform="windows", disk=100),
    ]


def _staging() -> list[Plan]:
    web = Plan("staging-web", "web", "staging", "storefront", "web", "dana", "t3.small", age=75, disk=20)
    first, second = _several(2, web)
    return [
        first,
        replace(second, stopped=True),
        Plan("staging-api-01", "api", "staging", "orders", "platform", "amir", "t3.medium", age=70, disk=20),
        Plan("staging-checkout-01", "checkout", "staging", "checkout", "payments", "mei", "t3.medium", age=41, disk=20),
        Plan("staging-worker-01", "worker", "staging", "jobs", "platform", "amir", "c6i.large", stopped=True, age=66, disk=30),
        Plan("staging-db-01", "db", "staging", "orders-db", "data", "priya", "r6i.large", age=72, disk=60),
        Plan("build-01", "build", "staging", "ci", "platform", "tomas", "c6i.2xlarge", age=33, disk=120),
        Plan("batch-01", "batch", "staging", "exports", "data", "priya", "m6i.large", stopped=True, age=95, disk=40),
    ]


def plans(count: int) -> list[Plan]:
    """The first `count` instances; beyond the declared 24, more of the same with higher numbers."""
    declared = [*_production(), *_staging()]
    return [*declared[:count], *_more(declared, count - len(declared))]


def _more(declared: list[Plan], count: int) -> Iterator[Plan]:
    """`count` copies of the healthy instances, numbered on from the highest of each name."""
    healthy = [plan for plan in declared if not plan.trouble and not plan.stopped and plan.managed]
    highest: dict[str, int] = {}
    for plan in declared:
        stem, number = _numbered(plan.name)
        highest[stem] = max(highest.get(stem, 0), number)
    for n in range(max(0, count)):
        plan = healthy[n % len(healthy)]
        stem, _ = _numbered(plan.name)
        highest[stem] += 1
        yield replace(plan, name=f"{stem}-{highest[stem]:02}", age=1 + (plan.age + 7 * n) % 200)


def _numbered(name: str) -> tuple[str, int]:
    match = re.fullmatch(r"(.+)-(\d+)", name)
    return (match[1], int(match[2])) if match else (name, 0)
