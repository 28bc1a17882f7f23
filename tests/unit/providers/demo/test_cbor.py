"""What we write is what botocore reads."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest
from botocore.parsers import RpcV2CBORParser

from providers.demo.cbor import encode


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x" * 23,
        "x" * 24,
        "é" * 300,
        "x" * 70_000,
        0,
        23,
        24,
        255,
        256,
        65_536,
        2**40,
        0.1,
        -2.5,
        [],
        [1.5] * 30,
        {"a": {"b": ["c"]}},
    ],
    ids=lambda value: json.dumps(value)[:12],
)
def test_it_comes_back(value: object) -> None:
    assert _read(encode(value)) == value


def test_a_time_comes_back() -> None:
    moment = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)

    assert _read(encode(moment)) == moment


def test_anything_else_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot encode"):
        encode(object())


def _read(data: bytes) -> object:
    parser = RpcV2CBORParser()
    return parser.parse_data_item(io.BufferedReader(io.BytesIO(data)))
