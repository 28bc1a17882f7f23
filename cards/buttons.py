"""Buttons. A decision is executed in place; a question goes through the gate like words somebody typed."""

from __future__ import annotations

from typing import Any, Literal

from cards.parts import Element
from cards.words import NAME, plain

Look = Literal["default", "positive", "destructive"]


def ask(title: str, skill: str, /, *, look: Look = "default", **arguments: Any) -> Element:
    """A button that asks for a skill with these arguments: validated, authorised and, if need be, confirmed like any request."""
    return run(title, skill, arguments, look=look)


def run(title: str, skill: str, arguments: dict[str, Any], *, look: Look = "default") -> Element:
    """`ask` for arguments that are at hand as a dict."""
    return _submit(title, {"run": {"skill": skill, "arguments": arguments}}, look)


def confirm(action_id: str, *, destructive: bool = False, title: str = "Confirm") -> Element:
    """Decides for an action."""
    return _decide(title, "confirm", action_id, "destructive" if destructive else "positive")


def typed(words: str) -> Element:
    """A field in which those words have to be typed; the decision carries what was."""
    label = f"To confirm, type: {plain(words, NAME)}"
    return {"type": "Input.Text", "id": "typed", "label": label, "maxLength": 200, "placeholder": plain(words, NAME)}


def cancel(action_id: str, *, title: str = "Cancel") -> Element:
    """Decides against an action, or asks a running one to stop."""
    return _decide(title, "cancel", action_id, "default")


def _decide(title: str, verb: str, action_id: str, look: Look) -> Element:
    data = {"action": f"{verb}_{action_id}"}
    execute = {"type": "Action.Execute", "title": title, "verb": verb, "data": data, "fallback": _submit(title, data, look)}
    return {**execute, "style": look} if look != "default" else execute


def _submit(title: str, data: dict[str, Any], look: Look) -> Element:
    submit: Element = {"type": "Action.Submit", "title": plain(title, NAME) or "Go", "data": data}
    return {**submit, "style": look} if look != "default" else submit
