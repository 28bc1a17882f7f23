"""One declaration per skill: everything else (card, tool schema, grammar, permission, docs, REST body) is derived from it."""

from __future__ import annotations

import inspect
import string
import typing
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from skills.kit.arguments import Arguments, Result, references

View = Callable[[Any], dict[str, Any]]


class Risk(StrEnum):
    """What a skill can do to the world. Anything but READ is confirmed by a person before it runs."""

    READ = "read"
    CHANGE = "change"
    DESTROY = "destroy"


class DeclarationError(Exception):
    """A skill is declared wrongly; the service does not start."""


@dataclass(frozen=True, eq=False)
class Skill:
    """A skill as it is known everywhere; each is only equal to itself.

    name: `noun.verb`. summary: the docstring's first line. permission: what a policy grants, `noun:verb`.
    confirm: the question put to a person, with `{argument}` places. consequences: what it means while it is so.
    undo: the skill that takes it back, if any. command: the argument that holds a shell command, whose risk is assessed.
    examples: phrasings, slots marked `{value:argument}`.
    ports: the keyword-only parameters and their types. iam: the AWS actions it needs. timeout: for the whole run.
    """

    name: str
    run: Callable[..., Awaitable[Any]]
    arguments: type[Arguments]
    result: type[Result]
    risk: Risk
    permission: str
    view: View
    summary: str
    examples: tuple[str, ...] = ()
    confirm: str = ""
    consequences: str = ""
    undo: str = ""
    command: str = ""
    iam: tuple[str, ...] = ()
    timeout: timedelta = timedelta(seconds=60)
    ports: Mapping[str, type] = field(default_factory=dict[str, type])

    def question(self, shown: Mapping[str, str]) -> str:
        """The confirm text with `shown` in its places; an argument nobody gave reads as nothing."""
        places = {name: shown.get(name, "") for _, name, _, _ in string.Formatter().parse(self.confirm) if name}
        return self.confirm.format(**places)


def skill(
    name: str,
    *,
    permission: str,
    view: View,
    risk: Risk = Risk.READ,
    examples: tuple[str, ...] = (),
    confirm: str = "",
    consequences: str = "",
    undo: str = "",
    command: str = "",
    iam: tuple[str, ...] = (),
    timeout: timedelta = timedelta(seconds=60),
) -> Callable[[Callable[..., Awaitable[Any]]], Skill]:
    """Declare the function below as a skill.

    Arguments come first and positionally; ports are keyword-only and bound by their type at boot.
    Errors: DeclarationError when the signature, the docstring, the confirm text or an example does not fit.
    """

    def declare(run: Callable[..., Awaitable[Any]]) -> Skill:
        arguments, result, ports = _signature(name, run)
        declared = Skill(
            name=name,
            run=run,
            arguments=arguments,
            result=result,
            risk=risk,
            permission=permission,
            view=view,
            summary=(inspect.getdoc(run) or "").partition("\n")[0],
            examples=examples,
            confirm=confirm,
            consequences=consequences,
            undo=undo,
            command=command,
            iam=iam,
            timeout=timeout,
            ports=ports,
        )
        _check(declared)
        return declared

    return declare


def plain(example: str) -> str:
    """An example as a person would write it: `stop {web-1:instances}` reads `stop web-1`."""
    parts = string.Formatter().parse(example)
    return "".join(text + (value or "") for text, value, _, _ in parts)


def slots(example: str) -> list[tuple[str, str | None, str]]:
    """An example in pieces of (text before, argument or None, the value said)."""
    return [(text, spec or None, value or "") for text, value, spec, _ in string.Formatter().parse(example)]


def _signature(name: str, run: Callable[..., Awaitable[Any]]) -> tuple[type[Arguments], type[Result], dict[str, type]]:
    if not inspect.iscoroutinefunction(run):
        raise DeclarationError(f"skill {name}: must be an async function")
    hints = typing.get_type_hints(run)
    parameters = list(inspect.signature(run).parameters.values())
    if not parameters or parameters[0].kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD:
        raise DeclarationError(f"skill {name}: the first parameter must be its arguments")
    arguments, result = hints.get(parameters[0].name), hints.get("return")
    if not (inspect.isclass(arguments) and issubclass(arguments, Arguments)):
        raise DeclarationError(f"skill {name}: the first parameter must be a subclass of Arguments")
    if not (inspect.isclass(result) and issubclass(result, Result)):
        raise DeclarationError(f"skill {name}: must return a subclass of Result")
    for parameter in parameters[1:]:
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            raise DeclarationError(f"skill {name}: port {parameter.name} must be keyword-only")
    return arguments, result, {parameter.name: hints[parameter.name] for parameter in parameters[1:]}


def _check(declared: Skill) -> None:
    for problem in (*_incomplete(declared), *_astray(declared)):
        raise DeclarationError(f"skill {declared.name}: {problem}")


def _incomplete(declared: Skill) -> Iterator[str]:
    if not declared.summary:
        yield "needs a docstring; its first line is what people read"
    if declared.risk is not Risk.READ and not declared.confirm:
        yield f"risk {declared.risk.value} needs a confirm text"
    if not declared.examples:
        yield "needs at least one example"
    if undescribed := [key for key, info in declared.arguments.model_fields.items() if not info.description]:
        yield f"arguments without a description: {', '.join(undescribed)}"


def _astray(declared: Skill) -> Iterator[str]:
    """What names an argument that is not there."""
    fields = declared.arguments.model_fields
    for _, place, _, _ in string.Formatter().parse(declared.confirm):
        if place is not None and place not in fields:
            yield f"confirm text names {{{place}}}, which is not an argument"
    for example in declared.examples:
        if any(value and argument not in fields for _, argument, value in slots(example)):
            yield f"example {example!r}: write slots as {{value:argument}}"
    if declared.command and declared.command not in fields:
        yield f"command names {declared.command}, which is not an argument"


def names_things(declared: Skill) -> dict[str, str]:
    """The arguments of a skill that name things, and the kind each names."""
    return {key: marker.kind for key, marker in references(declared.arguments).items()}


def schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of a model, as a tool or an API document shows it."""
    return model.model_json_schema(by_alias=True)
