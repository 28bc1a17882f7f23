"""Where statements come from: the shipped ones, the roles of the settings, the operator's folder. All or none are in force."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cedarpy

from gate.policy.roles import Roles, permits
from gate.policy.rules import Rules
from gate.policy.schema import schema, words
from gate.policy.settings import PolicySettings
from gate.policy.statement import PolicyError, Statement, problems, read
from skills.kit.declaration import Skill

SHIPPED = Path(__file__).parent / "defaults"
KEPT_ALWAYS = "confirm-changes"
"""The one shipped statement that cannot be left out: what changes something is confirmed by a person."""

State = tuple[tuple[str, int, int], ...]
"""What a folder looks like from outside: name, time of change and size of each file."""


def load(settings: PolicySettings, skills: Sequence[Skill]) -> Rules:
    """Every statement, checked against the schema. Errors: PolicyError naming all that is wrong; ValueError for settings."""
    shipped = _shipped(settings)
    granted = read("OPS_POLICY__ROLES", permits(settings.roles, (skill.permission for skill in skills)))
    roles = Roles(settings).names
    own = operators(settings.files, cedarpy.Schema.from_str(schema(skills, roles)), words(skills, roles))
    return Rules(_distinct([*shipped, *granted, *own]), skills)


def operators(folder: Path | None, schema: cedarpy.Schema, words: Sequence[str]) -> list[Statement]:
    """The operator's statements, files in the order of their names. Errors: PolicyError with the problems of every file."""
    found: list[Statement] = []
    wrong: list[str] = []
    for path in _paths(folder):
        try:
            statements = read(path.name, path.read_text("utf-8"))
        except PolicyError as error:
            wrong += error.problems
        except (OSError, UnicodeDecodeError) as error:
            wrong.append(f"{path.name}: {error}")
        else:
            found += statements
            wrong += problems(statements, schema, words)
    if wrong:
        raise PolicyError(wrong)
    return found


def state(folder: Path | None) -> State:
    """What the folder looks like now; empty when it cannot be read, which loading then says."""
    try:
        return tuple((path.name, status.st_mtime_ns, status.st_size) for path in _paths(folder) for status in [path.stat()])
    except (PolicyError, OSError):
        return ()


def _paths(folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    if not folder.is_dir():
        raise PolicyError([f"{folder}: there is no such folder; OPS_POLICY__FILES names it"])
    return sorted(folder.glob("*.cedar"))


def _shipped(settings: PolicySettings) -> list[Statement]:
    names = ("roles", "ladder", "second-person" if settings.second_person else "alone")
    files = [SHIPPED / f"{name}.cedar" for name in names]
    statements = [statement for path in files for statement in read(f"{SHIPPED.name}/{path.name}", path.read_text("utf-8"))]
    leavable = {statement.id for statement in statements} - {KEPT_ALWAYS}
    for id in settings.without:
        if id not in leavable:
            raise ValueError(f"policy: {id!r} cannot be left out; these can: {', '.join(sorted(leavable))}")
    return [statement for statement in statements if statement.id not in settings.without]


def _distinct(statements: Sequence[Statement]) -> list[Statement]:
    first: dict[str, Statement] = {}
    twice = [(s, other) for s in statements if (other := first.setdefault(s.id, s)) is not s]
    if twice:
        raise PolicyError([f"{s.place}: the @id {s.id!r} is used already, at {other.place}" for s, other in twice])
    return list(statements)
