"""The operator's files: what is wrong is said with file, line and reason; what changes is read again."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from gate.policy import Policies, PolicyError, PolicySettings
from gate.policy import policies as module
from tests.unit.gate.policy.asking import CATALOGUE, ask, policies, targets

WRONG = [
    (
        'permit (principal,\naction == Action::"instances.stopp",\nresource);',
        '2: unrecognized action `Action::"instances.stopp"`; did you mean `instances.stop`?',
    ),
    (
        '// stop\n\npermit (principal, action in Action::"instance:*", resource);',
        '3: unrecognized action `Action::"instance:*"`; did you mean `instances:*`?',
    ),
    (
        "forbid (principal, action, resource)\nwhen {\n  context.cuont > 3\n};",
        "3: attribute `cuont` in context not found; did you mean `count`?",
    ),
    (
        'forbid (principal, action, resource)\nwhen { true\n && resource.enviroment == "x" };',
        "3: attribute `enviroment` on entity type `Target` not found; did you mean `environment`?",
    ),
    (
        'forbid (principal,\naction, resource) when { context.count == "3" };',
        "1: the types Long and String are not compatible",
    ),
    (
        'permit (principal in\nRole::"opertor", action, resource);',
        '2: there is no role "opertor"; roles are declared in the settings; did you mean `operator`?',
    ),
    (
        'permit (principal, action, resource)\nwhen { resource.getTag("team") == "web" };',
        '2: a target may not have the tag "team"; ask `resource.hasTag("team") && ...` first',
    ),
    (
        'permit (principal == Role::"viewer", action, resource);',
        "1: no skill has this principal, action and resource: it can never apply",
    ),
    ("permit (principal,\n action resource);", "2: unexpected token `resource`"),
    ("permit (principal, action, resource)\nwhen { context.typed\n and true };", "3: unexpected token `and`"),
    ("permit (principal, action, resource)\n\nforbid (principal, action, resource);", "3: unexpected token `(`"),
    (
        "\npermit (principal, action, resource)\n",
        "2: the statement that begins in line 2 does not end; is a `;` missing?",
    ),
    ('permit (principal, action, resource) when\n{ resource.kind == "x };', "2: invalid token"),
    ("permit (principal, action, resource) when\n{ foo };", "2: invalid variable: foo"),
    ('@id("a")\n@id("b")\npermit (principal, action, resource);', "1: duplicate annotation: @id"),
    (
        "permit (principal == ?principal, action, resource);",
        "1: a template (`?principal`, `?resource`) decides nothing by itself",
    ),
    ("// none\n\npermit (principal,action,resource);\nallow (principal, action, resource);", "4: invalid policy effect: allow"),
    (
        '@id("admin-everything")\npermit (principal, action, resource);',
        "1: the @id 'admin-everything' is used already, at defaults/roles.cedar:15",
    ),
    (
        '@id("a") permit (principal, action, resource);\n@id("a") forbid (principal, action, resource);',
        "2: the @id 'a' is used already, at own.cedar:1",
    ),
]


@pytest.mark.parametrize(("text", "problem"), WRONG)
def test_what_is_wrong_is_said_with_its_line_and_reason(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(PolicyError) as refused:
        policies(tmp_path, text)
    assert refused.value.problems == (f"own.cedar:{problem}",)


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.cedar").write_text("permit (principal, action resource);\npermit (principal, action, resource) when { foo };")
    (tmp_path / "b.cedar").write_bytes(b"\xff\xfe")
    with pytest.raises(PolicyError) as refused:
        policies(tmp_path, "forbid (principal, action, resource) when { context.cuont > 3 || context.huor > 3 };")
    places = [problem.partition(" ")[0] for problem in refused.value.problems]
    assert places == ["a.cedar:1:", "a.cedar:2:", "b.cedar:", "own.cedar:1:", "own.cedar:1:"]


@pytest.mark.parametrize("text", ["", "// nothing yet\n", 'permit (principal, action, resource) when { "a;b//c" == "}" };'])
def test_files_may_be_empty_and_strings_hold_anything(tmp_path: Path, text: str) -> None:
    policies(tmp_path, text)


def test_a_folder_that_is_not_there_stops_the_boot(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="there is no such folder"):
        Policies(PolicySettings(files=tmp_path / "none"), CATALOGUE)


def test_a_changed_file_is_in_force_after_a_reload(tmp_path: Path) -> None:
    policy = policies(tmp_path)
    assert policy.may(ask("admin", "help").principal, CATALOGUE.get("instances.stop"))
    (tmp_path / "own.cedar").write_text('@id("none") forbid (principal, action == Action::"instances.stop", resource);')
    assert policy.reload()
    assert not policy.may(ask("admin", "help").principal, CATALOGUE.get("instances.stop"))
    assert policy.decide(ask("admin", "instances.stop", targets())).policies == ("none",)


def test_a_bad_reload_keeps_the_old_one_and_says_so_until_it_is_mended(tmp_path: Path) -> None:
    never = 'forbid (principal, action == Action::"instances.stop", resource);'
    policy = policies(tmp_path, never)
    (tmp_path / "own.cedar").write_text("\npermit (principal, action, resource")
    assert not policy.reload()
    assert policy.problem.startswith("own.cedar:2: ")
    assert not policy.decide(ask("admin", "instances.stop", targets())).allowed
    (tmp_path / "own.cedar").unlink()
    tmp_path.rename(tmp_path.with_name("moved"))
    assert not policy.reload()
    assert "there is no such folder" in policy.problem
    assert not policy.decide(ask("admin", "instances.stop", targets())).allowed
    tmp_path.with_name("moved").rename(tmp_path)
    assert policy.reload()
    assert policy.problem == ""
    assert policy.decide(ask("admin", "instances.stop", targets())).allowed


class Clock:
    """Seconds, as the test says."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_files_are_looked_at_every_two_seconds_off_the_event_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, threads, own = Clock(), list[Any](), tmp_path / "own.cedar"
    own.write_text("")
    policy = Policies(PolicySettings(files=tmp_path, default_role="admin"), CATALOGUE, clock=clock)
    real = module.state

    def noting(folder: Path | None) -> Any:
        threads.append(threading.current_thread())
        return real(folder)

    monkeypatch.setattr(module, "state", noting)
    own.write_text('@id("none") forbid (principal, action == Action::"instances.stop", resource);')
    clock.now = 1.99
    await policy.refresh()
    assert not threads
    assert policy.decide(ask("admin", "instances.stop", targets())).allowed
    clock.now = 2.0
    await policy.refresh()
    await policy.refresh()
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()
    assert not policy.decide(ask("admin", "instances.stop", targets())).allowed


async def test_a_change_is_seen_even_when_the_size_is_the_same_and_nothing_is_read_when_nothing_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, loads, own = Clock(), list[Any](), tmp_path / "own.cedar"
    own.write_text('forbid (principal, action == Action::"instances.stop", resource);')
    policy = Policies(PolicySettings(files=tmp_path, default_role="admin"), CATALOGUE, clock=clock)
    real = module.load

    def noting(*given: Any) -> Any:
        loads.append(given)
        return real(*given)

    monkeypatch.setattr(module, "load", noting)
    clock.now = 3
    await policy.refresh()
    assert not loads
    own.write_text('permit (principal, action == Action::"instances.stop", resource);')
    os.utime(own, ns=(1, 1))
    for clock.now in (6, 9):
        await policy.refresh()
    assert len(loads) == 1
    assert policy.decide(ask("admin", "instances.stop", targets())).allowed
