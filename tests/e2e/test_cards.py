"""Every card, read by Microsoft's own renderer."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.e2e.driver import ROOT, needed
from tests.unit.cards.samples import samples

pytestmark = [pytest.mark.browser]


def parsed(cards: dict[str, object]) -> dict[str, list[str]]:
    """By card, what the renderer objects to."""
    command = ["node", str(ROOT / "tests/node/parse_cards.mjs")]
    done = subprocess.run(command, input=json.dumps(cards), capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def test_the_renderer_objects_to_no_card() -> None:
    needed()
    cards = samples()
    assert cards
    assert parsed({**cards}) == {name: [] for name in cards}


def test_the_renderer_objects_to_a_bad_card() -> None:
    needed()
    bad = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "NoSuchElement"}]}
    assert any("NoSuchElement" in problem for problem in parsed({"bad": bad})["bad"])
