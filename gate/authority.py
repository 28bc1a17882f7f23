"""Asks the policy, with everything it may look at: who, what, on what, from where, when, and what a command would do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from gate.action import Action, Target
from gate.policy import Decision, Request, Requirement, approvals
from gate.principal import Principal
from gate.risk import Assessment, Class, assess
from skills.kit.arguments import Arguments
from skills.kit.declaration import Risk, Skill
from skills.kit.errors import Forbidden

_KEPT = 4096
"""For how many principals what they may do is kept."""

_WORST = (Class.READ_ONLY, Class.CHANGING, Class.UNPARSED, Class.DESTRUCTIVE)


@dataclass(frozen=True)
class Verdict:
    """What the policy asks for before something may run. assessment: of the command, when there is one."""

    decision: Decision
    assessment: Assessment | None

    @property
    def at_once(self) -> bool:
        """It may run without anybody confirming it."""
        return self.decision.requirement is Requirement.NONE

    @property
    def record(self) -> dict[str, Any]:
        """The decision as the audit record keeps it."""
        found = self.assessment
        command = {"command": found.risk.value, "command_reason": found.reason, "piece": found.piece} if found else {}
        decision = self.decision
        return {"policies": decision.policies, "requirement": decision.requirement.value, "reason": decision.reason, **command}

    @property
    def because(self) -> str:
        """Why it is asked for, for a person."""
        found = self.assessment
        command = f"The command is {found.risk.value.replace('_', ' ')}: {found.reason}." if found else ""
        return " ".join(filter(None, (command, self.decision.reason)))


class Policy(Protocol):
    """Decides; never acts. See `gate.policy.Policies`. rules: another object after each change of the statements."""

    @property
    def rules(self) -> object:
        """What is in force."""
        ...

    def may(self, principal: Principal, skill: Skill) -> bool:
        """Could they use this skill on something?"""
        ...

    def outlook(self, principal: Principal, skill: Skill) -> Decision:
        """`may` with its reason."""
        ...

    def decide(self, request: Request) -> Decision:
        """May they, and what does it take?"""
        ...

    def check(self, request: Request) -> Decision:
        """May they, exactly as it stands?"""
        ...


class Authority:
    """One for the process; it decides nothing itself."""

    def __init__(self, policy: Policy, clock: Callable[[], datetime]) -> None:
        self._policy, self._clock = policy, clock
        self._rules: object = None
        self._allowed: dict[Principal, tuple[Skill, ...]] = {}

    def allowed(self, principal: Principal, skills: Iterable[Skill]) -> tuple[Skill, ...]:
        """Those of all skills that they could be allowed to use; asked at every turn, so it is kept until the rules change."""
        if self._rules is not self._policy.rules or len(self._allowed) >= _KEPT:
            self._rules, self._allowed = self._policy.rules, {}
        if (known := self._allowed.get(principal)) is None:
            known = self._allowed[principal] = tuple(skill for skill in skills if self.may(principal, skill))
        return known

    def may(self, principal: Principal, skill: Skill) -> bool:
        """Could they be allowed to use this skill on anything at all?"""
        return self._policy.may(principal, skill)

    def first_look(self, principal: Principal, skill: Skill) -> None:
        """Before anything is looked up for them. Errors: Forbidden when nothing would allow it."""
        decision = self._policy.outlook(principal, skill)
        if not decision.allowed:
            self._refuse(decision, skill)

    def decide(self, principal: Principal, skill: Skill, arguments: Arguments, targets: tuple[Target, ...], door: str) -> Verdict:
        """What it takes to do this. Errors: Forbidden, with the reason and what would allow it."""
        assessment = assessed(skill, arguments, targets)
        decision = self._policy.decide(self._request(principal, skill, targets, door, assessment))
        if not decision.allowed:
            self._refuse(decision, skill)
        return Verdict(decision, assessment)

    def insist(
        self, action: Action, skill: Skill, arguments: Arguments, targets: tuple[Target, ...], by: Sequence[Principal]
    ) -> None:
        """Is it allowed now, for every one of `by` who decides, and, when those are enough, for whoever asked?

        Errors: Forbidden when the policy says something else than when the question was put.
        """
        door = action.place.door if action.place else ""
        assessment = assessed(skill, arguments, targets)
        others = {person.key: person for person in by if person.key != action.principal.key}
        enough = approvals(action.principal, by) >= action.approvals
        given: dict[str, Any] = {"confirmed": True, "typed": action.typed, "approvals": action.approvals}
        for who in [*([action.principal] if enough else []), *others.values()]:
            decision = self._policy.check(self._request(who, skill, targets, door, assessment, **given))
            if not decision.allowed:
                self._refuse(decision, skill, who)

    def _request(
        self, who: Principal, skill: Skill, targets: tuple[Target, ...], door: str, found: Assessment | None, **given: Any
    ) -> Request:
        command = found.risk.value if found else ""
        now = self._clock()
        return Request(who, skill, now, targets=targets, door=door, command_class=command, **given)

    def _refuse(self, decision: Decision, skill: Skill, other: Principal | None = None) -> None:
        who = f"{other.label} may not do this now" if other else "You may not do this"
        raise Forbidden(f"{who}: {decision.reason}", missing=skill.permission, remedy=decision.remedy)


def assessed(skill: Skill, arguments: Arguments, targets: tuple[Target, ...]) -> Assessment | None:
    """What the command among the arguments would do, the worst over the shells it would run in; None when there is none."""
    if not skill.command:
        return None
    command = str(getattr(arguments, skill.command))
    chosen = getattr(arguments, "shell", None)
    shells = {str(chosen.value)} if chosen else {"powershell" if t.platform == "windows" else "bash" for t in targets} or {"bash"}
    found = [assess(command, "powershell" if shell == "powershell" else "bash") for shell in sorted(shells)]
    return max(found, key=lambda one: _WORST.index(one.risk))


def confirms(skill: Skill, verdict: Verdict) -> bool:
    """Does this wait for a person? What changes something does, unless its command only reads and the policy lets that run."""
    if skill.risk is Risk.READ:
        return not verdict.at_once
    reads = verdict.assessment is not None and verdict.assessment.safe_to_run
    return not (verdict.at_once and reads)
