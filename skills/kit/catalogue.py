"""Every skill there is, found once at boot; whatever is wrong with one stops the boot."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import partial
from types import ModuleType
from typing import Any

from skills.kit.declaration import DeclarationError, Skill
from skills.kit.errors import NotFound


class Catalogue:
    """The skills by name. Errors: DeclarationError for a name that is used twice."""

    def __init__(self, skills: Iterable[Skill]) -> None:
        self._skills: dict[str, Skill] = {}
        for skill in sorted(skills, key=lambda skill: skill.name):
            if skill.name in self._skills:
                raise DeclarationError(f"skill {skill.name}: declared twice")
            self._skills[skill.name] = skill
        for skill in self:
            if skill.undo and skill.undo not in self._skills:
                raise DeclarationError(f"skill {skill.name}: undo names {skill.undo}, which is not a skill")

    def __iter__(self) -> Iterator[Skill]:
        return iter(self._skills.values())

    def __len__(self) -> int:
        return len(self._skills)

    def __contains__(self, name: object) -> bool:
        return name in self._skills

    def get(self, name: str) -> Skill:
        """The skill of that name. Errors: NotFound, with the nearest name."""
        if name not in self._skills:
            near = get_close_matches(name, self._skills, n=1)
            raise NotFound(f"There is no skill {name!r}.", remedy=f"Did you mean {near[0]}?" if near else "Say 'help'.")
        return self._skills[name]


def discover(package: ModuleType) -> Catalogue:
    """Import every module below `package` and collect the skills they declare. An import failure is not caught."""
    found: dict[int, Skill] = {}
    for info in pkgutil.walk_packages(package.__path__, prefix=package.__name__ + "."):
        if info.name.startswith(f"{package.__name__}.kit"):
            continue
        for value in vars(importlib.import_module(info.name)).values():
            if isinstance(value, Skill):
                found[id(value)] = value
    return Catalogue(found.values())


class Bound:
    """The catalogue with its ports filled in. call-scoped ports (such as Progress) are given at each call."""

    def __init__(self, catalogue: Catalogue, ports: Mapping[type, object], scoped: Iterable[type] = ()) -> None:
        """Errors: DeclarationError naming every port that nothing implements."""
        self.catalogue = catalogue
        self._ports = dict(ports)
        known = {*self._ports, *scoped}
        missing = [f"{s.name}: {p} ({t.__name__})" for s in catalogue for p, t in s.ports.items() if t not in known]
        if missing:
            raise DeclarationError("unbound ports: " + "; ".join(missing))

    def runner(self, skill: Skill, scoped: Mapping[type, Any]) -> partial[Any]:
        """The skill's function with every port filled in; it still takes the arguments."""
        ports = {name: scoped[kind] if kind in scoped else self._ports[kind] for name, kind in skill.ports.items()}
        return partial(skill.run, **ports)
