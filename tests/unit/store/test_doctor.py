from __future__ import annotations

from pathlib import Path

from skills.kit.ports.probe import Finding, Probe
from store import schema
from store.doctor import probe
from store.engine import Database


async def probed(url: str) -> Probe:
    (only,) = await probe(url, seconds=5)
    return only


async def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    only = await probed(f"sqlite:///{tmp_path}/var/ops.db")
    assert only.finding is Finding.WARN
    assert list(tmp_path.iterdir()) == []


async def test_the_schema_is_looked_at(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ops.db"
    (tmp_path / "ops.db").touch()
    assert "migrate" in (await probed(url)).remedy
    database = Database(url)
    await database.run(schema.ensure)
    await database.close()
    assert (await probed(url)).finding is Finding.OK


async def test_a_server_that_does_not_answer_is_a_failure_without_its_password() -> None:
    only = await probed("postgresql+psycopg://ops:s3cr3t@127.0.0.1:1/ops")
    assert only.finding is Finding.FAIL
    assert "OPS_DATABASE_URL" in only.remedy
    assert "s3cr3t" not in str(only)


async def test_an_address_that_is_none_is_a_failure() -> None:
    for url in ("nonsense", "nosuch://host/db"):
        assert (await probed(url)).finding is Finding.FAIL
