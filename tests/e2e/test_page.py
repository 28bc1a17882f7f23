"""The chat page in a browser: against the product itself, and against a scripted bot for what the product never says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gate.conversation import Inbound, Messenger, Reply
from tests.e2e.driver import flow, needed
from tests.unit.api.scripted import TOKEN, Scripted, door

pytestmark = [pytest.mark.browser]

HOSTILE = """<img src=x onerror="window.pwned=1"> <script>window.pwned=1</script> [click](javascript:window.pwned=1)

**bold** and _italic_ and `code`

- one <b>
- two

\\*not bold\\* & snake\\_case\\_name &lt;b&gt; ![x](https://evil.example/x.png)"""

LINE = {
    "type": "Chart.Line",
    "title": "CPU",
    "data": [{"legend": "cpu", "values": [{"x": f"2026-11-22T0{n}:00Z", "y": y} for n, y in enumerate((12, 40, 91))]}],
}
GAUGE = {
    "type": "Chart.Gauge",
    "title": "Load",
    "value": 95,
    "segments": [{"legend": "healthy", "size": 80, "color": "good"}, {"legend": "critical", "size": 20, "color": "attention"}],
}
ELEMENTS: list[dict[str, Any]] = [
    LINE,
    {"type": "Chart.VerticalBar", "title": "Cost", "data": [{"x": "EC2", "y": 31.4}, {"x": "S3", "y": 2}]},
    {"type": "Chart.HorizontalBar", "title": "Top", "data": [{"x": "web-1", "y": 40}, {"x": "web-2", "y": 7}]},
    {"type": "Chart.Donut", "title": "Share", "data": [{"legend": "a", "value": 3}, {"legend": "b", "value": 1}]},
    GAUGE,
    {"type": "CodeBlock", "codeSnippet": "line 1 <b>\nline 2", "language": "PlainText"},
]


class Cards(Scripted):
    """Says one card for each of some words."""

    def __init__(self) -> None:
        super().__init__()
        self.cards: dict[str, Any] = {
            "hostile": {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": HOSTILE, "wrap": True}]},
            "charts": {"type": "AdaptiveCard", "version": "1.5", "body": ELEMENTS},
            "broken card": {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "Chart.Line", "data": [{"values": 7}]}]},
        }

    async def message(self, inbound: Inbound, messenger: Messenger) -> None:
        if inbound.text in self.cards:
            await messenger.send(inbound.place, Reply("This is the text of it.", self.cards[inbound.text]))
        else:
            await super().message(inbound, messenger)


@pytest.mark.demo
@pytest.mark.parametrize("name", ["chat", "keyboard", "dark", "phone", "trouble"])
async def test_the_page_on_the_product(product: str, name: str) -> None:
    needed()
    await flow(name, product)


async def test_text_from_outside_stays_text_and_teams_elements_are_drawn(tmp_path: Path) -> None:
    needed()
    async with door(tmp_path, page="demo", chat=Cards()) as made:
        await flow("hostile", str(made.client.make_url("/")))


async def test_in_development_the_page_asks_for_the_token(tmp_path: Path) -> None:
    needed()
    async with door(tmp_path, page="development") as made:
        await flow("token", str(made.client.make_url("/")), TOKEN=TOKEN)
