"""One card of every kind from believable data: for the tests here, the browser's, and for looking at."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cards import actions, answers, audit, commands, costs, instances
from cards import help as helping
from cards.answers import Suggestion
from gate.action import Action, ActionState, Failure, Target
from gate.principal import Principal
from skills.audit.models import AuditHistory
from skills.commands.models import CommandOutcome, CommandReport
from skills.costs.models import CostSummary, DayCost, Rightsizing, ServiceCost, SizeAdvice, Unjudged
from skills.help.models import HelpEntry, HelpGroup, HelpOverview
from skills.instances import models as model
from skills.kit.declaration import Risk
from skills.kit.errors import Ambiguous, Candidate, Forbidden
from skills.kit.ports.commands import Phase, Shell
from skills.kit.ports.compute import State, StatusCheck
from skills.kit.ports.history import Deed, Event, Touched, Word
from skills.kit.ports.metrics import Metric, Point, Series
from skills.kit.ports.run import Step, StepState

NOW = datetime(2026, 11, 22, 3, 4, tzinfo=UTC)
ANA = Principal(kind="teams", id="5d1c", tenant="t1", name="Ana Horvat")
NAMES = (
    "web-server-01",
    "web-server-02",
    "api-01",
    "db-primary",
    "db-replica-01",
    "batch-01",
    "cache-01",
    "bastion",
    "ci-runner-01",
)


def instance(index: int, **changed: Any) -> model.ListedInstance:
    """The instance of that number in a small fleet."""
    name = NAMES[index % len(NAMES)]
    busy = model.Utilization(
        cpu_utilization=(12.5 + 17 * index) % 97, memory_utilization=(40 + 9 * index) % 95, disk_utilization=38.0, measured_at=NOW
    )
    stopped = index % 5 == 4
    given: dict[str, Any] = {
        "id": f"i-0{index:016x}",
        "name": name if index < len(NAMES) else f"{name}-{index}",
        "type": ("t3.medium", "m6i.large", "r6g.xlarge")[index % 3],
        "state": State.STOPPED if stopped else State.RUNNING,
        "private_ip": f"10.0.1.{10 + index}",
        "tags": {"Name": name, "Environment": ("production", "staging")[index % 2], "Team": "payments"},
        "region": "eu-west-1",
        "zone": "eu-west-1a",
        "account": "111122223333",
        "image": "ami-0a1b2c3d4e5f60718",
        "launched_at": NOW - timedelta(days=41),
        "metrics": model.Utilization() if stopped else busy,
    }
    return model.ListedInstance(**(given | changed))


def series(metric: Metric, level: float, points: int = 72, id: str = "i-1") -> Series:
    """Six hours that swing around a level and rise at the end."""
    at = NOW - timedelta(hours=6)
    values = [max(0.0, level + 12 * math.sin(n / 5) + (18 if n > points * 0.8 else 0)) for n in range(points)]
    found = tuple(Point(at=at + timedelta(minutes=5 * n), value=min(99.0, value)) for n, value in enumerate(values))
    return Series(instance_id=id, metric=metric, period=300, points=found)


def action(state: ActionState = ActionState.PENDING, targets: int = 1, steps: tuple[Step, ...] = (), **changed: Any) -> Action:
    """An action of Ana's on that many instances."""
    on = tuple(
        Target(
            id=one.id,
            name=one.name,
            state=one.state,
            environment=one.environment,
            region=one.region,
            account=one.account,
            tags=one.tags,
        )
        for one in (instance(n) for n in range(targets))
    )
    given: dict[str, Any] = {
        "id": "k7Qm2Zx9",
        "skill": "instances.stop",
        "arguments": {"instances": [one.id for one in on]},
        "digest": "0" * 64,
        "principal": ANA,
        "words": "stop web-server-01",
        "correlation": "c-7f3a91",
        "targets": on,
        "state": state,
        "created_at": NOW,
        "expires_at": NOW + timedelta(minutes=15),
        "steps": steps,
    }
    if state not in (ActionState.PENDING, ActionState.EXPIRED):
        given |= {"decided_by": ANA, "decided_at": NOW + timedelta(minutes=1)}
    return Action(**(given | changed))


STEPS = (
    Step(name="stop", target="web-server-01", state=StepState.DONE, note="stopped after 31 s"),
    Step(name="stop", target="web-server-02", state=StepState.RUNNING, note="stopping"),
    Step(name="stop", target="api-01", state=StepState.WAITING),
    Step(name="stop", target="db-primary", state=StepState.FAILED, note="ec2:StopInstances is missing"),
)
ENDED = (
    STEPS[0],
    STEPS[1].model_copy(update={"state": StepState.DONE, "note": "stopped after 44 s"}),
    STEPS[2].model_copy(update={"state": StepState.SKIPPED}),
    STEPS[3],
)
FAILURE = Failure(
    code="FORBIDDEN",
    title="Not permitted",
    what="AWS did not let me stop db-primary.",
    unchanged="db-primary is still running.",
    remedy="Add ec2:StopInstances to the role of Ops Copilot.",
    details="UnauthorizedOperation: You are not authorized to perform this operation.",
)
DF = """Filesystem      Size  Used Avail Use% Mounted on
/dev/nvme0n1p1   40G   37G  2.9G  93% /
tmpfs           1.9G     0  1.9G   0% /dev/shm
/dev/nvme1n1    200G  121G   80G  61% /var/lib/postgresql"""


def listing(count: int = 9, page: int = 1, pages: int = 3, **changed: Any) -> model.InstanceList:
    """A page of instances."""
    base: dict[str, Any] = {"page": page, "pages": pages, "asked": {"state": "running"}}
    base |= {"summary": model.InstanceSummary(total=24, running=20, stopped=4), "instances": tuple(map(instance, range(count)))}
    return model.InstanceList(**(base | changed))


def detail() -> model.InstanceDetail:
    """One running instance with everything known."""
    return model.InstanceDetail(
        instance=instance(3),
        checks=StatusCheck(system="ok", instance="impaired", events=("Reboot scheduled for 24 Nov 02:00 UTC",)),
        managed=True,
        series=(series(Metric.CPU, 40), series(Metric.MEMORY, 62), series(Metric.DISK, 74)),
        window=timedelta(hours=6),
    )


def reading(metric: Metric, health: model.Health, latest: float, **changed: Any) -> model.Reading:
    """One metric of one instance, judged."""
    base: dict[str, Any] = {"metric": metric, "health": health, "latest": latest, "series": series(metric, latest - 20)}
    base |= {"average": latest - 9, "peak": min(99.0, latest + 4), "warning": 80, "critical": 90, "trend": "+15%"}
    return model.Reading(**(base | changed))


def issue(severity: model.Severity, name: str = "db-primary", **changed: Any) -> model.HealthIssue:
    """A disk that fills."""
    base: dict[str, Any] = {
        "instance_id": "i-00000000000000003",
        "name": name,
        "severity": severity,
        "issue": "Disk nearly full",
        "details": "Disk at 93% for at least 45 minutes",
        "recommendation": "Find what grows in /var/log, or extend the volume.",
        "metric": Metric.DISK,
        "value": 93.0,
        "threshold": 90.0,
        "lasted": timedelta(minutes=45),
    }
    return model.HealthIssue(**(base | changed))


def health(fleet: bool = True) -> model.HealthReport:
    """A fleet with a full disk, or the one instance that has it."""
    worst = model.InstanceHealth(
        instance_id="i-00000000000000003",
        name="db-primary",
        state=State.RUNNING,
        environment="staging",
        health="critical",
        checks=StatusCheck(system="ok", instance="ok"),
        readings=(
            reading(Metric.CPU, "healthy", 34),
            reading(Metric.MEMORY, "warning", 84),
            reading(Metric.DISK, "critical", 93, full_in=timedelta(hours=7)),
        ),
    )
    others = tuple(
        model.InstanceHealth(
            instance_id=instance(n).id,
            name=instance(n).name,
            state=State.RUNNING,
            environment="production",
            health="healthy",
            readings=(reading(Metric.CPU, "healthy", 20 + n, series=None),),
        )
        for n in range(5, 9)
    )
    return model.HealthReport(
        overall_health="critical",
        summary=model.HealthSummary(healthy=12, warning=3, critical=1, stopped=4) if fleet else model.HealthSummary(critical=1),
        issues=(
            issue("critical"),
            issue(
                "warning",
                "web-server-02",
                instance_id=instance(1).id,
                issue="High CPU usage",
                details="CPU at 84% for 20 minutes",
                at_least=True,
            ),
        )
        if fleet
        else (issue("critical"),),
        trends=model.Trends(
            cpu_trend="+15%", instance_count_change="+2", reasons={"cost_trend": "Cost Explorer is not permitted."}
        ),
        instances=(worst, *others) if fleet else (worst,),
        window=timedelta(hours=6),
        measured_at=NOW,
        fleet=fleet,
    )


def measurements(instances: int = 1) -> model.MetricsReport:
    """CPU, memory and disk of some instances."""
    lines = [
        model.MetricLine(
            instance_id=instance(n).id,
            name=instance(n).name,
            metric=metric,
            unit="%",
            minimum=20,
            average=41.5,
            maximum=97,
            latest=62,
            series=series(metric, 30 + 8 * n + 9 * place),
        )
        for n in range(instances)
        for place, metric in enumerate((Metric.CPU, Metric.MEMORY, Metric.DISK))
    ]
    return model.MetricsReport(
        window=timedelta(hours=6), lines=tuple(lines), missing=("bastion reported no memory measurements.",)
    )


def changed(count: int = 3) -> model.InstancesChanged:
    """Some stopped, the last one not."""
    done = [
        model.ChangeOutcome(
            instance_id=instance(n).id,
            name=instance(n).name,
            ok=True,
            changed=True,
            before=State.RUNNING,
            after=State.STOPPED,
            what="Stopped after 31 seconds.",
        )
        for n in range(count - 1)
    ]
    last = instance(count - 1)
    failed = model.ChangeOutcome(
        instance_id=last.id,
        name=last.name,
        ok=False,
        changed=False,
        before=State.RUNNING,
        after=State.RUNNING,
        what="AWS did not permit it.",
        code="FORBIDDEN",
        remedy="Add ec2:StopInstances to the role of Ops Copilot.",
        details="UnauthorizedOperation",
    )
    return model.InstancesChanged(change="stop", outcomes=(*done, failed))


def tagged() -> model.InstancesTagged:
    """One tag that was not there before."""
    return model.InstancesTagged(
        change="tag",
        outcomes=(
            model.TagOutcome(
                instance_id="i-0a",
                name="web-server-01",
                ok=True,
                changed=True,
                before={"Team": None},
                after={"Team": "payments"},
                what="Tagged.",
            ),
        ),
    )


def outcome(index: int = 3, ok: bool = True, **changed: Any) -> CommandOutcome:
    """A command on one instance."""
    one = instance(index)
    base: dict[str, Any] = {
        "instance_id": one.id,
        "name": one.name,
        "command_id": "cmd-5b1f",
        "ok": ok,
        "status": Phase.SUCCESS if ok else Phase.FAILED,
        "exit_code": 0 if ok else 1,
        "execution_time": 1.2,
        "output": DF if ok else "",
        "errors": "" if ok else "df: /mnt: No such file or directory",
    }
    return CommandOutcome(**(base | changed))


def report(*invocations: CommandOutcome, final: bool = True) -> CommandReport:
    """A command on those."""
    return CommandReport(
        command="df -h",
        command_id="cmd-5b1f",
        command_ids=("cmd-5b1f",),
        shells=(Shell.BASH,),
        requested_at=NOW,
        final=final,
        invocations=invocations,
    )


def spent() -> CostSummary:
    """A month so far."""
    days = tuple(DayCost(day=date(2026, 11, n), amount=38 + 6 * math.sin(n)) for n in range(1, 22))
    services = [
        ("Amazon Elastic Compute Cloud - Compute", 512.4),
        ("Amazon Relational Database Service", 201.77),
        ("AmazonCloudWatch", 84.03),
    ]
    total = sum(day.amount for day in days)
    return CostSummary(
        period="month",
        start=date(2026, 11, 1),
        end=date(2026, 11, 22),
        currency="USD",
        total=total,
        days=days,
        services=tuple(
            ServiceCost(service=name, amount=value, share=100 * value / total, previous=value, change=8.0)
            for name, value in services
        ),
        previous=740.11,
        previous_start=date(2026, 10, 1),
        previous_end=date(2026, 10, 22),
        change=8.1,
        forecast=1180.0,
        forecast_end=date(2026, 12, 1),
        estimated=True,
    )


def sizes() -> Rightsizing:
    """Some advice."""
    advice = (
        SizeAdvice(
            instance_id="i-0a",
            name="batch-01",
            type="m6i.2xlarge",
            advice="downsize",
            to="m6i.xlarge",
            cpu_p95=11,
            memory_p95=30,
            measured=timedelta(days=13),
            saving=50,
            reason="95 % of the time it used less than 11 % of its CPU.",
        ),
        SizeAdvice(
            instance_id="i-0b",
            name="ci-runner-01",
            type="t3.large",
            advice="stop",
            cpu_p95=0.4,
            measured=timedelta(days=13),
            reason="Idle.",
        ),
    )
    unjudged = (Unjudged(instance_id="i-0c", name="bastion", reason="It was measured for 2 days only."),)
    return Rightsizing(window=timedelta(days=14), needed=timedelta(days=7), advice=advice, fitting=17, unjudged=unjudged)


def overview(topic: str = "", matched: bool = True) -> HelpOverview:
    """What Ana may do."""
    entries = {
        "instances": (
            ("list", "List instances with their state and how busy they are.", "list instances", Risk.READ),
            ("health", "Judge the health of instances.", "check health of web-server-01", Risk.READ),
            ("metrics", "Chart CPU, memory, disk or network.", "cpu of web-server-01 over the last 6h", Risk.READ),
            ("stop", "Stop instances and wait until they are stopped.", "stop web-server-01", Risk.CHANGE),
        ),
        "commands": (("run", "Run a command on instances.", 'run "df -h" on web-server-01', Risk.DESTROY),),
        "costs": (("summary", "Show what is spent.", "costs this month", Risk.READ),),
    }
    groups = tuple(
        HelpGroup(
            noun=noun,
            skills=tuple(
                HelpEntry(name=f"{noun}.{verb}", summary=told, examples=(said,), risk=risk, confirmed=risk is not Risk.READ)
                for verb, told, said, risk in skills
            ),
        )
        for noun, skills in entries.items()
    )
    return HelpOverview(caller="Ana Horvat", topic=topic, matched=matched, groups=groups)


def past(count: int = 4) -> AuditHistory:
    """What some people did to a few instances."""
    outcomes: tuple[Event, ...] = ("succeeded", "refused", "asked", "failed", "declined", "started")
    deeds = tuple(
        Deed(
            id=f"c-{number}",
            at=NOW - timedelta(minutes=7 * number),
            person=("Ana Horvat", "Ben Okafor")[number % 2],
            principal="teams:t1/5d1c",
            door="teams",
            words=f"stop {instance(number).name} please",
            skill="instances.stop",
            targets=tuple(Touched(id=instance(n).id, name=instance(n).name) for n in range(number % 5 + 1)),
            outcome=outcomes[number % len(outcomes)],
            decisions=(Word(person="Ben Okafor", said="approved", at=NOW),) if number % 2 == 0 else (),
            why="You may not do this: viewers look." if number % 2 else "",
        )
        for number in range(count)
    )
    ids = (instance(0).id,)
    asked: dict[str, Any] = {"instances": list(ids)}
    since = NOW - timedelta(days=30)
    return AuditHistory(deeds=deeds, since=since, about_ids=ids, page=2, more=True, skill="audit.history", asked=asked)


def samples() -> dict[str, dict[str, Any]]:
    """A card of each kind, by name."""
    question = "Stop web-server-01?"
    many = action(targets=14)
    which = Ambiguous(
        "Several instances are called web.",
        field="instances",
        said="web",
        candidates=[
            Candidate(instance(n).id, instance(n).name, f"{instance(n).environment}, {instance(n).state}") for n in range(3)
        ],
    )
    told: dict[str, Any] = {
        "consequences": "They stop serving, and public addresses that are not elastic change.",
        "undo": "start web-server-01",
    }
    denied = Forbidden(
        FAILURE.what, missing="ec2:StopInstances", unchanged=FAILURE.unchanged, remedy=FAILURE.remedy, details=FAILURE.details
    )
    return {
        "welcome": answers.welcome(),
        "help": helping.overview(overview()),
        "help_topic": helping.overview(overview("instances")),
        "audit": audit.history(past()),
        "list": instances.listed(listing()),
        "list_empty": instances.listed(listing(0, 1, 1)),
        "list_arriving": instances.listed(listing(complete=False)),
        "detail": instances.described(detail()),
        "health_fleet": instances.health(health()),
        "health_one": instances.health(health(fleet=False)),
        "metrics_one": instances.metrics(measurements()),
        "metrics_several": instances.metrics(measurements(3)),
        "confirm": actions.confirm(action(), question=question, now=NOW, **told),
        "confirm_many": actions.confirm(many, question="Stop 14 instances?", now=NOW, destructive=True, **told),
        "running": actions.running(action(ActionState.RUNNING, 4, STEPS), "Stop 4 instances"),
        "cancelling": actions.running(action(ActionState.RUNNING, 4, STEPS, cancel_requested=True), "Stop 4 instances"),
        "cancelled": actions.decided(action(ActionState.CANCELLED), "Stop web-server-01"),
        "expired": actions.decided(action(ActionState.EXPIRED), "Stop web-server-01"),
        "stopped": actions.decided(action(ActionState.STOPPED, 4, ENDED[:3]), "Stop 4 instances"),
        "failed": actions.decided(action(ActionState.FAILED, 4, ENDED, failure=FAILURE), "Stop 4 instances"),
        "changed": instances.changed(changed()),
        "tagged": instances.tagged(tagged()),
        "command": commands.ran(report(outcome())),
        "command_failed": commands.ran(report(outcome(ok=False))),
        "command_running": commands.ran(report(outcome(status=Phase.RUNNING, ok=False, exit_code=None, output=""), final=False)),
        "command_several": commands.ran(
            report(
                outcome(0),
                outcome(1, ok=False),
                outcome(
                    2, status=None, ok=False, exit_code=None, execution_time=None, errors="", what="Its agent does not answer."
                ),
            )
        ),
        "costs": costs.summary(spent()),
        "rightsize": costs.rightsize(sizes()),
        "error": answers.error(denied, "c-7f3a91"),
        "ambiguous": answers.ambiguous(which, "instances.stop", {"instances": ["web", "api-01"]}),
        "unknown": answers.unknown(
            "stahp the web thing", ["stop web-server-01", Suggestion("List instances", "instances.list", {})]
        ),
    }
