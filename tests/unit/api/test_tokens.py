from __future__ import annotations

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from aiohttp.test_utils import make_mocked_request

from api.tokens import Tokens, presented

GIVEN = "ops_" + "x" * 43


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_start_makes_a_token_only_its_owner_can_read(tmp_path: Path) -> None:
    path = tmp_path / "var" / "token"
    made = Tokens.load(path)
    assert re.fullmatch(r"ops_[A-Za-z0-9_-]{43}", made.value)  # 43 characters of base64 are 256 bits
    assert path.read_text().strip() == made.value
    assert mode(path) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["token"]


def test_later_starts_keep_it_and_close_a_file_left_open(tmp_path: Path) -> None:
    path = tmp_path / "token"
    first = Tokens.load(path)
    path.chmod(0o644)
    assert Tokens.load(path).value == first.value
    assert mode(path) == 0o600


def test_processes_that_start_together_agree_on_one_token(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        values = {tokens.value for tokens in threads.map(lambda _: Tokens.load(tmp_path / "token"), range(8))}
    assert len(values) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["token"]


def test_a_token_of_the_settings_is_used_and_nothing_is_written(tmp_path: Path) -> None:
    assert Tokens.load(tmp_path / "token", GIVEN).value == GIVEN
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("bad", ["ops_short", "x" * 47, "ops_" + "x" * 40 + "\n", "ops_" + "é" * 43])
def test_a_weak_or_malformed_token_stops_the_start_without_showing_it(bad: str) -> None:
    with pytest.raises(ValueError, match="32 to 256") as caught:
        Tokens(bad)
    assert bad not in str(caught.value)


def test_an_emptied_token_file_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("")
    with pytest.raises(ValueError, match="remove it"):
        Tokens.load(tmp_path / "token")


def test_only_the_token_itself_speaks_for_its_principal() -> None:
    tokens = Tokens(GIVEN)
    principal = tokens.principal(GIVEN)
    assert principal is not None
    assert principal.key == "key:api"
    assert tokens.principal(GIVEN[:-1]) is None
    assert tokens.principal(GIVEN + "x") is None
    assert tokens.principal("") is None
    assert tokens.principal("ops_\udcff") is None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-API-Key": GIVEN}, GIVEN),
        ({"Authorization": f"Bearer {GIVEN}"}, GIVEN),
        ({"Authorization": f"bearer  {GIVEN} "}, GIVEN),
        ({"Authorization": "Bearer eyJhbGciOiJSUzI1NiJ9.e30.x"}, ""),
        ({"Authorization": f"Basic {GIVEN}"}, ""),
        ({}, ""),
    ],
)
def test_the_token_is_read_from_either_header_and_teams_own_tokens_are_left_alone(headers: dict[str, str], expected: str) -> None:
    assert presented(make_mocked_request("POST", "/", headers=headers)) == expected
