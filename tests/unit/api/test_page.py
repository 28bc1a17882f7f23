from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import CookieJar

from api import page
from api.page import FILES, HERE
from api.routes import DEMO_PRINCIPAL
from tests.unit.api.scripted import Door, door


def own_origin(api: Door) -> str:
    return str(api.client.make_url("/")).rstrip("/")


async def test_the_demos_page_signs_in_by_itself_on_this_machine(demo: Door) -> None:
    response = await demo.client.get("/")
    assert response.status == 200
    assert 'data-kind="demo" data-signed-in="yes"' in await response.text()
    (cookie,) = response.cookies.values()
    assert cookie.key == f"ops_session_{demo.client.port}"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    answer = await demo.client.post("/api/messages", json={"text": "list instances"}, headers={"Origin": own_origin(demo)})
    assert answer.status == 200
    assert demo.chat.heard[0].principal == DEMO_PRINCIPAL


async def test_opening_the_page_again_keeps_the_session(demo: Door) -> None:
    await demo.client.get("/")
    assert not (await demo.client.get("/")).cookies


@pytest.mark.parametrize("host", ["evil.example", "evil.example:3978", "127.0.0.1.evil.example:3978", "localhost.evil.example"])
async def test_a_name_that_was_pointed_at_this_machine_gets_no_session(demo: Door, host: str) -> None:
    response = await demo.client.get("/", headers={"Host": host})
    assert not response.cookies
    assert 'data-signed-in="no"' in await response.text()


@pytest.mark.parametrize("host", ["localhost:3978", "127.0.0.1", "[::1]:3978", "LOCALHOST"])
async def test_every_name_of_this_machine_does(demo: Door, host: str) -> None:
    assert (await demo.client.get("/", headers={"Host": host})).cookies


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", None])
async def test_another_sites_page_cannot_use_the_session(demo: Door, origin: str | None) -> None:
    await demo.client.get("/")
    headers = {"Origin": origin} if origin else {}
    response = await demo.client.post("/api/messages", json={"text": "list instances"}, headers=headers)
    assert (response.status, (await response.json())["error"]["code"]) == (403, "PERMISSION_DENIED")
    assert demo.chat.heard == []


async def test_an_invented_session_is_refused(demo: Door) -> None:
    cookies = {f"ops_session_{demo.client.port}": "invented"}
    headers = {"Origin": own_origin(demo)}
    response = await demo.client.post("/api/messages", json={"text": "x"}, headers=headers, cookies=cookies)
    assert response.status == 401


async def test_in_development_the_page_gives_no_session(tmp_path: Path) -> None:
    async with door(tmp_path, page="development") as api:
        response = await api.client.get("/")
        assert 'data-kind="development" data-signed-in="no"' in await response.text()
        assert not response.cookies
        cookies = {f"ops_session_{api.client.port}": "x"}
        assert (await api.client.post("/api/messages", json={"text": "x"}, cookies=cookies)).status == 401


async def test_in_production_there_is_no_page(api: Door) -> None:
    assert (await api.client.get("/")).status == 404
    assert (await api.client.get("/page/page.js")).status == 404


async def test_the_page_runs_only_its_own_code_and_is_framed_by_nobody(demo: Door) -> None:
    response = await demo.client.get("/")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    text = await response.text()
    assert "</script><b>" not in text  # a suggestion is data
    assert "style=" not in text
    assert "onclick" not in text


@pytest.mark.parametrize("name", [*FILES, "adaptivecards.js"])
async def test_every_file_of_the_page_is_served_with_its_type(demo: Door, name: str) -> None:
    response = await demo.client.get(f"/page/{name}")
    assert response.status == 200
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    kind = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}[name.rpartition(".")[2]]
    assert response.content_type == kind


@pytest.mark.parametrize("name", ["package.json", "__init__.py", "..%2Froutes.py", "..%2F..%2Fvar%2Ftoken", "node_modules"])
async def test_nothing_else_is_served(demo: Door, name: str) -> None:
    assert (await demo.client.get(f"/page/{name}")).status == 404


def test_no_file_of_the_page_is_forgotten() -> None:
    beside = {file.name for file in HERE.iterdir() if file.suffix in (".js", ".css", ".svg")}
    assert beside == set(FILES)


async def test_without_the_renderer_the_page_still_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "RENDERER", tmp_path / "missing.js")
    async with door(tmp_path, page="demo") as api:
        assert (await api.client.get("/")).status == 200
        assert (await api.client.get("/page/adaptivecards.js")).status == 404


async def test_sessions_are_bounded(demo: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.sessions._MOST", 2)
    jar = demo.client.session.cookie_jar
    assert isinstance(jar, CookieJar)
    first = (await demo.client.get("/")).cookies
    for _ in range(2):
        jar.clear()
        await demo.client.get("/")
    jar.clear()
    cookies = {name: cookie.value for name, cookie in first.items()}
    assert (await demo.client.get("/api/conversations/x/messages", cookies=cookies)).status == 401
