"""The policy in force: decides from statements, roles and what is asked; reads the operator's files again when they change."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache, partial
from typing import Any

import structlog

from gate.action import Target
from gate.policy.files import load, state
from gate.policy.request import LADDER, Decision, Request, Rung
from gate.policy.roles import Roles
from gate.policy.rules import Answer, Rules, Seen, Who, combined
from gate.policy.settings import PolicySettings
from gate.policy.statement import PolicyError
from gate.principal import Principal
from skills.kit.declaration import Skill

LOOK = 2.0
"""Seconds between two looks at the operator's files."""

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

log = structlog.get_logger()


class Policies:
    """Decides; never acts. Anything that is not allowed is denied, and so is what cannot be evaluated.

    problem: why the operator's files, as they are now, are not in force; empty when they are.
    """

    def __init__(self, settings: PolicySettings, skills: Iterable[Skill], *, clock: Callable[[], float] = time.monotonic) -> None:
        """Errors: PolicyError (a ValueError) with file, line and reason of everything that is wrong; ValueError for a role."""
        self._settings, self._skills, self._clock = settings, list(skills), clock
        self._roles = Roles(settings)
        self._local = settings.local
        self._production = lru_cache(self._is_production)
        self._looked = clock()
        self._state = state(settings.files)
        self._rules = load(settings, self._skills)
        self.problem = ""

    @property
    def rules(self) -> Rules:
        """The statements in force."""
        return self._rules

    def roles(self, principal: Principal) -> tuple[str, ...]:
        """The roles of a principal."""
        return self._roles.of(principal)

    def may(self, principal: Principal, skill: Skill) -> bool:
        """Could they use this skill on something, at some time? Cheap: for help and lists of tools."""
        return self.outlook(principal, skill).allowed

    def outlook(self, principal: Principal, skill: Skill) -> Decision:
        """`may` with its reason: before names are resolved, so that whoever may nothing learns nothing."""
        rules = self._rules
        who = rules.who(principal, self.roles(principal))
        key = (who, skill.name)
        if (known := rules.outlooks.get(key)) is None:
            answer = rules.relaxed(who, skill.name)
            known = _granted(rules, [answer]) if answer.allowed else self._refused(rules, [answer], who, skill)
            rules.outlooks[key] = known
        return known

    def decide(self, request: Request) -> Decision:
        """May they, and what does it take? What was confirmed, typed or approved so far is not looked at."""
        rules, context = self._rules, self._context(request)
        who = rules.who(request.principal, self.roles(request.principal))
        targets = self._distinct(rules, request)
        fixed = {seen: rules.fixed(who, request.skill.name, seen, context) for seen in targets}
        below: list[Answer] = []
        if not any(answer.forbidden for answer in fixed.values()):
            for rung in LADDER:
                found = [combined(fixed[seen], rules.rising(who, request.skill.name, seen, context, rung)) for seen in targets]
                if all(answer.allowed for answer in found):
                    return _needed(rules, rung, found, below)
                below = found
        return self._refused(rules, below or list(fixed.values()), who, request.skill, targets, context)

    def check(self, request: Request) -> Decision:
        """Is it allowed exactly as it stands? Ask again right before it runs. When it is not: what is missing."""
        rules, context = self._rules, self._context(request)
        who = rules.who(request.principal, self.roles(request.principal))
        now = Rung(LADDER[0].requirement, request.confirmed, request.typed, request.approvals)
        found = [_answer(rules, who, request.skill.name, seen, context, now) for seen in self._distinct(rules, request)]
        if all(answer.allowed for answer in found):
            return _granted(rules, found)
        return self.decide(request).model_copy(update={"allowed": False})

    def reload(self) -> bool:
        """Read the files again; False, with `problem` said and logged, when they are wrong and the old ones stay in force."""
        try:
            self._rules = load(self._settings, self._skills)
        except (ValueError, OSError) as error:
            if str(error) != self.problem:
                log.warning("policy not reloaded", problem=str(error), kept=len(self._rules.statements))
            self.problem = str(error)
            return False
        log.info("policy reloaded", statements=len(self._rules.statements))
        self.problem = ""
        return True

    async def refresh(self) -> None:
        """Reload when a file changed; looks at most every 2 s, and never on the event loop."""
        if self._settings.files and self._clock() - self._looked >= LOOK:
            self._looked = self._clock()
            await asyncio.to_thread(self._look)

    async def in_force(self) -> None:
        """For a health check. Errors: PolicyError when the operator's files, as they are now, are not in force."""
        if self.problem:
            raise PolicyError([self.problem])

    async def watch(self) -> None:
        """Refresh until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            await self.refresh()

    def _look(self) -> None:
        # Taken before reading: what changes meanwhile is seen at the next look.
        now = state(self._settings.files)
        if now != self._state:
            self._state = now
            self.reload()

    def _distinct(self, rules: Rules, request: Request) -> dict[Seen, list[str]]:
        """The targets as policies see them, each with the names of those that look like it."""
        found: dict[Seen, list[str]] = {}
        for target in request.targets:
            found.setdefault(rules.seen(_seen(target, self._production(target.environment))), []).append(target.name)
        return found or {Seen(): []}

    def _is_production(self, environment: str) -> bool:
        name = environment.strip().casefold()
        return any(fnmatchcase(name, pattern.casefold()) for pattern in self._settings.production)

    def _refused(
        self,
        rules: Rules,
        found: Sequence[Answer],
        who: Who,
        skill: Skill,
        targets: Mapping[Seen, list[str]] | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> Decision:
        """Why not: it could not be evaluated, or a statement forbids it, or none permits it."""
        denied = [answer for answer in found if not answer.allowed]
        if error := next((answer.error for answer in denied if answer.error), ""):
            log.error("policy not evaluated", skill=skill.name, error=error)
            reason = f"The policy could not be evaluated: {error}"
            return Decision(allowed=False, reason=reason, remedy="An administrator has to mend the policy.")
        where = _where(found, targets or {})
        if ids := _ids(denied):
            remedy = _texts(rules, ids, "remedy") or "An administrator can change the policy."
            return Decision(allowed=False, reason=_texts(rules, ids) + where, remedy=remedy, policies=ids)
        if targets is None or context is None:
            return self._unpermitted(who, skill, rules.relaxed)
        seen = list(targets)[found.index(denied[0])]
        top = partial(_answer, rules, seen=seen, context=context, rung=LADDER[-1])
        if (partly := rules.relaxed(who, skill.name)).allowed:
            remedy = self._unpermitted(who, skill, top).remedy
            reason = f"{_texts(rules, partly.by)} But not here and now."
            return Decision(allowed=False, reason=reason + where, remedy=remedy, policies=partly.by)
        return self._unpermitted(who, skill, top)

    def _unpermitted(self, who: Who, skill: Skill, asked: Callable[[Who, str], Answer]) -> Decision:
        """Nothing permits it; the remedy names the roles that do."""
        able = [role for role in self._roles.names if asked(who._replace(roles=(role,)), skill.name).allowed]
        return Decision(
            allowed=False,
            reason=f"{skill.name} needs {skill.permission}; you have {' and '.join(who.roles) or 'no role'}.",
            remedy=f"Ask an administrator for {'the role ' + ' or '.join(able) if able else 'a policy that permits it'}.",
        )

    def _context(self, request: Request) -> Mapping[str, Any]:
        local = request.now.astimezone(self._local)
        return {
            "door": request.door,
            "risk": request.skill.risk.value,
            "command_class": request.command_class,
            "count": len(request.targets),
            "hour": local.hour,
            "minute": local.hour * 60 + local.minute,
            "weekday": _DAYS[local.weekday()],
            "date": local.year * 10_000 + local.month * 100 + local.day,
        }


def _needed(rules: Rules, rung: Rung, found: Sequence[Answer], below: Sequence[Answer]) -> Decision:
    """Allowed from this rung on; what stood in the way one rung below is why."""
    obstacles, permits = _ids(answer for answer in below if not answer.allowed), _ids(found)
    return Decision(
        allowed=True,
        requirement=rung.requirement,
        typed=rung.typed,
        approvals=rung.approvals,
        reason=_texts(rules, obstacles or permits),
        remedy=_texts(rules, obstacles, "remedy") or (f"It needs {rung.words}." if rung != LADDER[0] else ""),
        policies=obstacles + permits,
    )


def _granted(rules: Rules, found: Sequence[Answer]) -> Decision:
    return Decision(allowed=True, reason=_texts(rules, _ids(found)), policies=_ids(found))


def _answer(rules: Rules, who: Who, skill: str, seen: Seen, context: Mapping[str, Any], rung: Rung) -> Answer:
    return combined(rules.fixed(who, skill, seen, context), rules.rising(who, skill, seen, context, rung))


def _ids(answers: Iterable[Answer]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(id for answer in answers for id in answer.by))


def _texts(rules: Rules, ids: Iterable[str], part: str = "reason") -> str:
    """What the statements say for a person, each text once."""
    return " ".join(filter(None, dict.fromkeys(str(getattr(rules.statements[id], part)) for id in ids)))


def _where(found: Sequence[Answer], targets: Mapping[Seen, list[str]]) -> str:
    """Which targets are denied, when others are not."""
    if all(not answer.allowed for answer in found):
        return ""
    names = [name for answer, alike in zip(found, targets.values(), strict=True) if not answer.allowed for name in alike]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f" This is about {', '.join(names[:3])}{more}."


def _seen(target: Target, production: bool) -> Seen:
    tags = tuple(sorted(target.tags.items()))
    return Seen(target.id, target.kind, target.environment, production, target.region, target.account, tags)
