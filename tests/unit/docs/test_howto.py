"""The example of docs/howto-skill.md works as it stands there."""

from __future__ import annotations

import re
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import ModuleType

import pytest

import skills
from bot.routing.grammar import Grammar
from bot.routing.router import Context, Route
from docs.generate import ROOT
from docs.iam import policy
from docs.skills import skills_page
from manifest.commands import commands
from skills.kit import Skill
from skills.kit.catalogue import Catalogue, discover

_PAGE = (ROOT / "docs" / "howto-skill.md").read_text()


def _blocks() -> dict[str, str]:
    """The file of each block whose paragraph names one, and the block."""
    return dict(re.findall(r"`([\w/]+\.py)`[^\n]*\n(?:[^\n`][^\n]*\n)*\n```python\n(.*?)```", _PAGE, re.DOTALL))


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The example's module, where its own test imports it from."""
    module = ModuleType("skills.instances.uptime")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(_blocks()["skills/instances/uptime.py"], vars(module))
    return module


async def test_the_examples_own_tests_pass(example: ModuleType) -> None:
    found: dict[str, Callable[[], Awaitable[None]]] = {}
    exec(_blocks()["tests/unit/skills/instances/test_uptime.py"], found)
    tests = [run for name, run in found.items() if name.startswith("test_")]
    assert len(tests) == 2
    for run in tests:
        await run()


async def test_it_is_found_understood_shown_documented_and_in_the_menu(example: ModuleType) -> None:
    [new] = [value for value in vars(example).values() if isinstance(value, Skill)]
    catalogue = Catalogue([*discover(skills), new])
    assert "## instances.uptime" in skills_page(catalogue)
    assert policy([new])["Statement"][0]["Action"] == ["ec2:DescribeInstances"]
    assert commands(Catalogue([new]), count=12, title=32, description=128)[0]["title"] == "uptime of web-server-01"
    assert new.view(example.Uptime(name="web-1", up=timedelta(days=3)))["type"] == "AdaptiveCard"
    understood = await Grammar(catalogue).route("how long has db-1 been up?", Context())
    assert understood == Route("instances.uptime", {"instance": "db-1"}, "grammar")
