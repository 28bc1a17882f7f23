"""What is wrong with a skill stops the boot, with a message that names it."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from skills.kit import Arguments, Duration, InstanceRef, Result, Risk, skill
from skills.kit.arguments import format_duration, references
from skills.kit.catalogue import Bound, Catalogue, discover
from skills.kit.declaration import DeclarationError, plain, slots
from skills.kit.errors import NotFound
from tests.toy import Lamps, Room, list_lamps, switch_off


class Args(Arguments):
    """Arguments."""

    which: str = Field("", description="Which.")


class Waiting(Arguments):
    """Arguments."""

    time: Duration = Field(timedelta(minutes=5), description="How long.")


class Answer(Result):
    """An answer."""


class Port(Protocol):
    """A port."""


def view(_: Answer) -> dict[str, Any]:
    return {}


def declare(run: Callable[..., Any], **options: Any) -> object:
    given: dict[str, Any] = {"name": "things.do", "permission": "things:do", "view": view, "examples": ("do it",), **options}
    return skill(**given)(run)


async def right(args: Args) -> Answer:
    """Do it."""
    return Answer()


async def undocumented(args: Args) -> Answer:
    return Answer()


async def positional_port(args: Args, port: Port) -> Answer:
    """Do it."""
    return Answer()


async def no_arguments() -> Answer:
    """Do it."""
    return Answer()


async def wrong_result(args: Args) -> str:
    """Do it."""
    return ""


def blocking(args: Args) -> Answer:
    """Do it."""
    return Answer()


class Undescribed(Arguments):
    """Arguments."""

    which: str = ""


async def undescribed(args: Undescribed) -> Answer:
    """Do it."""
    return Answer()


@pytest.mark.parametrize(
    ("run", "options", "message"),
    [
        (undocumented, {}, "docstring"),
        (positional_port, {}, "port must be keyword-only"),
        (no_arguments, {}, "first parameter"),
        (wrong_result, {}, "subclass of Result"),
        (blocking, {}, "async function"),
        (undescribed, {}, "without a description: which"),
        (right, {"risk": Risk.CHANGE}, "needs a confirm text"),
        (right, {"confirm": "Do {that}?", "risk": Risk.CHANGE}, r"\{that\}"),
        (right, {"examples": ()}, "example"),
        (right, {"examples": ("do {it:what}",)}, "write slots as"),
    ],
)
def test_a_wrong_declaration_is_refused(run: Callable[..., Any], options: dict[str, Any], message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        declare(run, **options)


def test_a_name_used_twice_is_refused() -> None:
    with pytest.raises(DeclarationError, match=r"lamps\.list: declared twice"):
        Catalogue([list_lamps, list_lamps])


def test_an_undo_that_is_no_skill_is_refused() -> None:
    broken = skill(name="a.b", permission="a:b", view=view, examples=("do it",), undo="a.c")(right)
    with pytest.raises(DeclarationError, match=r"undo names a\.c"):
        Catalogue([broken])


def test_an_unbound_port_is_refused() -> None:
    with pytest.raises(DeclarationError, match=r"lamps\.off: progress \(Progress\)"):
        Bound(Catalogue([switch_off]), {Lamps: Room()})


def test_a_module_that_cannot_be_imported_stops_discovery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "broken_skills"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "bad.py").write_text("import no_such_module_anywhere")
    monkeypatch.syspath_prepend(str(tmp_path))
    module = types.ModuleType("broken_skills")
    module.__path__ = [str(package)]
    monkeypatch.setitem(sys.modules, "broken_skills", module)
    with pytest.raises(ModuleNotFoundError, match="no_such_module_anywhere"):
        discover(module)


def test_an_unknown_skill_is_not_found_with_the_nearest() -> None:
    with pytest.raises(NotFound) as missing:
        Catalogue([list_lamps]).get("lamp.list")
    assert missing.value.remedy == "Did you mean lamps.list?"


def test_an_example_reads_plainly_and_gives_its_slots() -> None:
    assert plain("run {df -h:command} on {web-1:instances}") == "run df -h on web-1"
    assert slots("stop {web-1:instances} now") == [("stop ", "instances", "web-1"), (" now", None, "")]


def test_references_are_found_in_lists_and_alone() -> None:
    class Both(Arguments):
        """Both."""

        one: InstanceRef | None = None
        many: tuple[InstanceRef, ...] = ()
        text: str = ""

    assert set(references(Both)) == {"one", "many"}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("6h", timedelta(hours=6)),
        ("30 minutes", timedelta(minutes=30)),
        ("90 s", timedelta(seconds=90)),
        ("an hour", timedelta(hours=1)),
        ("the last day", timedelta(days=1)),
        ("2 weeks", timedelta(days=14)),
        (90, timedelta(seconds=90)),
    ],
)
def test_durations_are_read_as_people_write_them(said: object, meant: timedelta) -> None:
    assert TypeAdapter(Duration).validate_python(said) == meant


@pytest.mark.parametrize("said", ["soon", "", "6 lightyears", True])
def test_what_is_no_duration_is_refused(said: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Duration).validate_python(said)


def test_durations_are_written_shortly() -> None:
    assert [format_duration(timedelta(seconds=s)) for s in (90, 1800, 21600, 604800)] == ["90s", "30m", "6h", "7d"]


def test_a_length_of_time_is_by_default_what_people_write() -> None:
    assert Waiting.model_json_schema()["properties"]["time"]["default"] == "5m"
    nested = TypeAdapter(list[Waiting]).json_schema()
    assert nested["$defs"]["Waiting"]["properties"]["time"]["default"] == "5m"
