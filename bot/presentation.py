"""From what the gate answered to what a person reads: every reply has words, a card, and the models behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from cards import actions, answers, parts
from gate.action import Action, ActionState, Failure, to_type
from gate.call import Call
from gate.conversation import Reply
from gate.redaction import redact_card
from skills.kit.arguments import Result, references
from skills.kit.catalogue import Catalogue
from skills.kit.declaration import Risk, Skill, slots
from skills.kit.errors import Ambiguous, OpsError

_SAYABLE = 300
"""Characters of names that somebody would still repeat."""


class Presentation:
    """Pure but for the clock. demo: every card says that nothing here is real."""

    def __init__(
        self, catalogue: Catalogue, *, demo: bool = False, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._catalogue, self._demo, self._clock = catalogue, demo, clock
        self._last: tuple[dict[str, Any], dict[str, Any]] = ({}, {})

    def result(self, skill: Skill, result: Result) -> Reply:
        """What a skill answered."""
        return self._reply(skill.view(result), result=result)

    def action(self, action: Action) -> Reply:
        """An action as it stands: the question, the running steps, the result, or why nothing happened."""
        skill = self._catalogue.get(action.skill)
        question = skill.question(action.shown)
        result = skill.result.model_validate(action.result) if action.result is not None else None
        match action.state:
            case ActionState.PENDING:
                card = actions.confirm(
                    action,
                    question=question,
                    consequences=skill.consequences,
                    undo=self._undo(skill, action),
                    requester=action.principal.label,
                    now=self._clock(),
                    destructive=skill.risk is Risk.DESTROY or action.command_class == "destructive",
                    to_type=to_type(action) if action.typed else "",
                )
            case ActionState.CONFIRMED | ActionState.RUNNING:
                card = actions.running(action, title=question.rstrip("?"))
            case ActionState.SUCCEEDED if result is not None:
                card = actions.signed(skill.view(result), action)
            case _:
                card = actions.decided(action, title=question.rstrip("?"))
        return self._reply(card, action=action, result=result, error=_error(action.failure))

    def error(self, error: OpsError, correlation: str, call: Call | None = None) -> Reply:
        """What went wrong, and what to do; an ambiguous name becomes a choice."""
        if isinstance(error, Ambiguous) and call is not None and error.candidates:
            card = answers.ambiguous(error, skill=call.skill, arguments=call.arguments)
        else:
            card = answers.error(error, correlation)
        return self._reply(card, error=error)

    def unknown(self, words: str, suggestions: Sequence[answers.Suggestion | str], error: OpsError) -> Reply:
        """The words were not understood; nothing was guessed."""
        return self._reply(answers.unknown(words, suggestions), error=error)

    def welcome(self) -> Reply:
        """The first thing a person sees."""
        return self._reply(answers.welcome())

    def _undo(self, skill: Skill, action: Action) -> str:
        """What to say to take it back, such as `start web-server-01`; what does, where that takes more than names."""
        if not skill.undo:
            return ""
        undo = self._catalogue.get(skill.undo)
        names = [target.name or target.id for target in action.targets]
        said = ", ".join(
            name if names.count(name) == 1 else target.id for name, target in zip(names, action.targets, strict=True)
        )
        if len(said) > _SAYABLE:
            said = "those"  # what the conversation was last about
        for example in map(slots, undo.examples):
            if said and {argument for _, argument, _ in example if argument} == references(undo.arguments).keys():
                return "".join(text + (said if argument else "") for text, argument, _ in example)
        return undo.summary

    def _reply(
        self,
        card: dict[str, Any],
        *,
        result: Result | None = None,
        action: Action | None = None,
        error: OpsError | None = None,
    ) -> Reply:
        shown = self._dressed(card)
        return Reply(str(shown.get("fallbackText", "")), shown, result=result, action=action, error=error)

    def _dressed(self, card: dict[str, Any]) -> dict[str, Any]:
        """The card with secrets masked, and marked in the demo; for the same card again, as help gives it, that is at hand."""
        last, dressed = self._last
        if last is not card:
            masked = redact_card(card)
            dressed = parts.marked_demo(masked) if self._demo else masked
            self._last = card, dressed
        return dressed


def _error(failure: Failure | None) -> OpsError | None:
    """The error a kept failure was, as far as a door needs it: its words, its code and what it missed."""
    if failure is None:
        return None
    error = OpsError(failure.what, unchanged=failure.unchanged, remedy=failure.remedy, details=failure.details)
    error.code, error.title = failure.code, failure.title
    return error
