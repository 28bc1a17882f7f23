from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from providers.aws import AwsSettings
from providers.aws.session import Session
from tests.unit.providers.aws.endpoint import Endpoint

Connect = Callable[..., Session]


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    yield endpoint
    endpoint.close()


@pytest.fixture
async def connect(endpoint: Endpoint) -> AsyncIterator[Connect]:
    """Makes sessions to the endpoint; fields: those of AwsSettings."""
    opened: list[Session] = []

    def make(**fields: Any) -> Session:
        given = {
            "endpoint_url": endpoint.url,
            "regions": ["us-east-1"],
            "access_key_id": "OWN",
            "secret_access_key": SecretStr("s"),
        }
        given |= {"threads": 4, "read_timeout": 2, "connect_timeout": 1, **fields}
        opened.append(Session(AwsSettings.model_validate(given)))
        return opened[-1]

    yield make
    for session in opened:
        await session.close()
