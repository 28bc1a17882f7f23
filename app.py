"""The composition root and the command line: the only place that knows which implementation stands behind which port.

`python app.py` serves; `--demo` serves with a simulated AWS. Other commands: doctor, migrate, package, audit, policy.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from uuid import NAMESPACE_URL, uuid5

import structlog
from aiohttp import web
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

import skills
from api import routes
from api.health import Probe as HealthProbe
from api.messages import is_ours
from api.stage import staged
from api.tokens import Tokens
from api.transcript import Conversations
from bot.follower import Follower
from bot.limited import Limited
from bot.presentation import Presentation
from bot.recollection import Recollection
from bot.routing.claude import ClaudeRouter
from bot.routing.grammar import Grammar
from bot.routing.router import Chain, Router
from bot.routing.suggestions import Suggestions
from bot.teams.settings import TeamsSettings
from bot.turn import Turn
from gate import logs
from gate.authority import Authority
from gate.chain import AuditSettings, Keys
from gate.conversation import Messenger
from gate.gate import SCOPED, Gate
from gate.limits.limiter import Limiter
from gate.limits.rules import LimitSettings
from gate.policy import Policies, PolicySettings
from gate.policy import command as policy_command
from gate.record import Recorder
from gate.reminder import ApprovalSettings, Reminders
from gate.runner import Runner
from gate.targets import Targets
from providers.aws.settings import AwsSettings
from providers.claude import Claude, ClaudeSettings
from skills.kit.catalogue import Bound, Catalogue, discover
from skills.kit.declaration import DeclarationError, Risk
from skills.kit.errors import OpsError
from skills.kit.ports.commands import Commands
from skills.kit.ports.compute import Compute
from skills.kit.ports.costs import Costs
from skills.kit.ports.history import History
from skills.kit.ports.metrics import Metrics
from skills.kit.ports.probe import Finding, Probe
from store import audit_command
from store.actions import SqlActions
from store.audit import SqlAudit
from store.engine import Database
from store.history import SqlHistory
from store.inbox import SqlInbox
from store.kept import KeptHead
from store.lock import Taken, alone
from store.owners import SqlOwners
from store.places import SqlPlaces
from store.recollection import SqlMemory
from store.schema import Newer, ensure
from store.transcript import SqlTranscript

if TYPE_CHECKING:
    from bot.teams.door import TeamsDoor

VERSION = "0.1.0"

SHUTDOWN = 15.0
"""Seconds in which what runs may end after SIGTERM; what does not is finished by the next start."""

SWITCH = 0.001
"""Seconds a worker thread may compute before the event loop has its turn; Python's own 5 ms add up to stalls of 50 ms and more
while answers of AWS about thousands of instances are decoded."""

PROBING = 60.0
"""Seconds in which `doctor` probes a part, all of them at the same time."""

log = structlog.get_logger()


class Settings(BaseSettings):
    """How this service is set up: environment variables `OPS_...`, or a file `.env` beside it."""

    model_config = SettingsConfigDict(env_prefix="OPS_", env_nested_delimiter="__", env_file=".env", extra="forbid")

    host: str = Field(default="127.0.0.1", description="The address to listen on; loopback unless something protects it.")
    port: int = Field(default=3978, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    var: Path = Field(default=Path("var"), description="The folder for the database and the token file.")
    database_url: SecretStr = Field(
        default=SecretStr(""),
        description="SQLAlchemy URL, `postgresql+psycopg://…` for several replicas; empty: SQLite in `var`.",
    )
    lease: float = Field(
        default=15,
        ge=1,
        description="Seconds after which a replica that gives no sign of life is taken for dead, and others take over its work.",
    )
    api_token: SecretStr = Field(
        default=SecretStr(""), description="The API token of programs; empty: made once, in `var/token`."
    )
    api_role: str = Field(default="operator", description="The role of whoever has the API token.")
    stage: str = Field(
        default="", description="A path prefix to strip before routing, such as `/prod`.", pattern=r"^(/[\w.-]+)*$"
    )
    public_url: str = Field(
        default="",
        description="The https address Teams reaches this service at; for `package` and `doctor`.",
        pattern=r"^(https://[^/]+.*)?$",
    )
    development: bool = Field(default=False, description="Serve the chat page with the real AWS too; it asks for the API token.")
    log_form: Literal["json", "readable"] = Field(default="json", description="How log lines look.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="The least level that is logged.")
    aws: AwsSettings = Field(default_factory=AwsSettings, description="AWS.")  # pyright: ignore[reportArgumentType]
    teams: TeamsSettings = Field(default_factory=TeamsSettings, description="Microsoft Teams.")  # pyright: ignore[reportArgumentType]
    claude: ClaudeSettings = Field(default_factory=ClaudeSettings, description="The model.")  # pyright: ignore[reportArgumentType]
    approvals: ApprovalSettings = Field(default_factory=ApprovalSettings, description="Approvals.")
    policy: PolicySettings = Field(default_factory=PolicySettings, description="Who may do what.")
    audit: AuditSettings = Field(default_factory=AuditSettings, description="The audit record.")
    limits: LimitSettings = Field(default_factory=LimitSettings, description="How often.")  # pyright: ignore[reportArgumentType]

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.var / 'ops.db'}"


class Refusal(Exception):
    """The service does not start; the message says why and what to do."""


class Service:
    """Everything of one process, made in dependency order and ended in the opposite one."""

    def __init__(self, settings: Settings, *, demo: bool = False) -> None:
        self.settings, self.demo = settings, demo
        self.catalogue: Catalogue = discover(skills)
        self._ends = AsyncExitStack()
        self.teams: TeamsDoor | None = None
        self._prepared: list[Callable[[], Coroutine[Any, Any, None]]] = []

    async def start(self) -> None:
        """Open the store, bind the ports, take over what an earlier process left, and listen."""
        try:
            await self._start()
        except BaseException:
            await self._ends.aclose()
            raise

    async def stop(self) -> None:
        """Stop accepting, let what runs end for a while, keep the rest for the next start."""
        await self._ends.aclose()

    async def _start(self) -> None:
        settings = self.settings
        database = await self._store()
        name = secrets.token_hex(8)
        audit, lease = SqlAudit(database, self._keys()), timedelta(seconds=settings.lease)
        actions, recorder = SqlActions(database, name, audit=audit, lease=lease), Recorder(audit)
        owners = SqlOwners(database, name, alone=database.url.get_backend_name() == "sqlite", lease=lease)
        tokens = Tokens.load(settings.var / "token", settings.api_token.get_secret_value())
        ports: Mapping[type, Any] = {**await self._ports(), History: SqlHistory(database)}
        messengers: dict[str, Messenger] = {}
        presentation = Presentation(self.catalogue, demo=self.demo)
        follower = Follower(actions, presentation, messengers)
        policies = self._policy(tokens)
        chores: list[Callable[[], Awaitable[None]]] = []
        runner = Runner(actions, owners, recorder, changed=follower.changed, chores=chores)
        gate = Gate(
            Bound(self.catalogue, ports, scoped=SCOPED),
            authority=Authority(policies, lambda: datetime.now(UTC)),
            targets=Targets(ports[Compute]),
            actions=actions,
            recorder=recorder,
            runs=runner,
        )
        turn = Turn(gate, self._router(), presentation, follower, Recollection(SqlMemory(database)))
        await owners.beat()
        limiter = self._limiter()
        application, messages = self._api(turn, database, tokens, limiter, policies, messengers)
        self.teams = await self._teams(Limited(turn, limiter, presentation), database, name, messengers)
        reminders = Reminders(settings.approvals, actions, SqlPlaces(database), follower.tell, lambda: datetime.now(UTC))
        kept = KeptHead(settings.var / "audit.head")
        chores += [policies.refresh, self.teams.recover, reminders.look, partial(kept.follow, audit)]
        await recorder.serving(VERSION)
        application.router.add_post("/api/messages", partial(self._message, messages))
        await runner.start(gate)
        self._ends.push_async_callback(runner.stop, SHUTDOWN / 2)
        if settings.teams.is_open:
            await self.teams.start()
        self._ends.push_async_callback(self.teams.drain, SHUTDOWN / 2)
        await self._listen(application)
        for prepare in self._prepared:  # the SDKs take seconds to import: not while the first person waits
            self._later(prepare())

    def _keys(self) -> Keys:
        try:
            return Keys.of(self.settings.audit)
        except ValueError as error:
            raise Refusal(str(error)) from error

    async def _store(self) -> Database:
        url = self.settings.database
        self.settings.var.mkdir(parents=True, exist_ok=True)
        if url.startswith("sqlite"):
            try:
                self._ends.callback(alone(self.settings.var / "ops.lock").close)
            except Taken as error:
                raise Refusal(f"{error} Stop it, or set OPS_VAR to another folder.") from error
        database = Database(url)
        self._ends.push_async_callback(database.close)
        await database.run(ensure)
        return database

    async def _ports(self) -> Mapping[type, Any]:
        from providers.aws.cloud import Aws

        aws = Aws(await self._simulated() if self.demo else self.settings.aws)
        self._ends.push_async_callback(aws.close)
        self._prepared.append(aws.prepare)
        return {Compute: aws.compute, Metrics: aws.metrics, Commands: aws.commands, Costs: aws.costs}

    async def _simulated(self) -> AwsSettings:
        """Start the simulated AWS; its settings stand in for AWS's whatever else is configured."""
        from providers.demo.process import DemoAws

        process = DemoAws()
        self._ends.push_async_callback(process.stop)
        await process.start()
        return AwsSettings.model_validate(process.settings)

    def _policy(self, tokens: Tokens) -> Policies:
        """As configured; the API token has its role. In the demo, where nothing is real, everybody is an admin and alone."""
        given = self.settings.policy
        changes: dict[str, Any] = {"members": {tokens.own.key: self.settings.api_role, **given.members}}
        if self.demo:
            changes |= {"default_role": "admin", "second_person": False}
        try:
            return Policies(given.model_copy(update=changes), self.catalogue)
        except ValueError as error:
            raise Refusal(str(error)) from error

    def _router(self) -> Router:
        """The grammar first; then the model, when one is configured; then suggestions."""
        grammar = Grammar(self.catalogue)
        routers: list[Router] = [grammar]
        if self.settings.claude.configured:
            claude = Claude(self.settings.claude)
            self._ends.push_async_callback(claude.close)
            self._prepared.append(claude.prepare)
            routers.append(ClaudeRouter(claude, self.catalogue, grammar=grammar, deadline=self.settings.claude.deadline))
        return Chain(routers, Suggestions(self.catalogue))

    def _api(
        self,
        turn: Turn,
        database: Database,
        tokens: Tokens,
        limiter: Limiter,
        policies: Policies,
        messengers: dict[str, Messenger],
    ) -> tuple[web.Application, Callable[[web.Request], Awaitable[web.StreamResponse]]]:
        settings = self.settings
        messengers["api"] = conversations = Conversations(SqlTranscript(database))
        application = web.Application(middlewares=[staged(settings.stage)] if settings.stage else [])
        messages = routes.setup(
            application,
            chat=turn,
            conversations=conversations,
            tokens=tokens,
            limiter=limiter,
            page="demo" if self.demo else "development" if settings.development else None,
            probes=[HealthProbe("database", database.answers), HealthProbe("policy", policies.in_force, required=False)],
            version=VERSION,
        )
        return application, messages

    async def _teams(self, turn: Limited, database: Database, name: str, messengers: dict[str, Messenger]) -> TeamsDoor:
        settings = self.settings
        from bot.teams.connector import Connector
        from bot.teams.door import TeamsDoor

        messengers["teams"] = connector = Connector(settings.teams)
        self._ends.push_async_callback(connector.close)
        try:
            inbox = SqlInbox(database, name, lease=timedelta(seconds=settings.lease))
            return TeamsDoor(settings.teams, turn, inbox, SqlPlaces(database), connector, host=settings.host)
        except ValueError as error:
            raise Refusal(str(error)) from error

    def _limiter(self) -> Limiter:
        given = self.settings.limits
        if not (url := given.redis_url.get_secret_value()):
            return Limiter(given)
        from store.limits import RedisLimits

        try:
            limits = RedisLimits(url)
        except ValueError:  # its words may have the password in them
            raise Refusal("OPS_LIMITS__REDIS_URL is not a redis:// or rediss:// URL.") from None
        self._ends.push_async_callback(limits.close)
        return Limiter(given, limits)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """Prepare something beside the boot; that it failed is said by whoever needs it first."""
        task = asyncio.create_task(work)
        self._ends.callback(task.cancel)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _message(
        self, ours: Callable[[web.Request], Awaitable[web.StreamResponse]], request: web.Request
    ) -> web.StreamResponse:
        """One path, two clients: the credential decides, never the body."""
        if self.teams and not is_ours(request) and self.teams.recognises(request):
            return await self.teams.post(request)
        return await ours(request)

    async def _listen(self, application: web.Application) -> None:
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=2)
        await runner.setup()
        self._ends.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, self.settings.host, self.settings.port)
        try:
            await site.start()
        except OSError as error:
            address = f"{self.settings.host}:{self.settings.port}"
            raise Refusal(f"Cannot listen on {address}: {error.strerror}. Set OPS_PORT to a free port.") from error
        host, port = runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"


async def serve(settings: Settings, *, demo: bool) -> None:
    """Serve until SIGTERM or SIGINT."""
    sys.setswitchinterval(SWITCH)
    service = Service(settings, demo=demo)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await service.start()
    token = settings.var / "token"
    log.info("serving", url=service.url, demo=demo, version=VERSION, teams=settings.teams.is_open)
    if demo:
        print("Demo: the AWS behind this is simulated. Nothing here is real.")
    if demo or settings.development:
        fragment = "" if demo else f"#token={token.read_text().strip()}"
        print(f"Chat page:  {service.url}/{fragment}\nAPI token:  {token.read_text().strip()}   (kept in {token})", flush=True)
    await stopped.wait()
    log.info("stopping")
    await service.stop()


async def doctor(settings: Settings) -> int:
    """Probe every part, print what was found and how to mend it, and return the exit status: 1 when something does not work."""
    from api import doctor as address
    from bot.teams import doctor as teams
    from providers import claude
    from providers.aws.cloud import Aws
    from store import doctor as store

    aws = Aws(settings.aws)
    catalogue = discover(skills)
    wanted = {action for skill in catalogue for action in skill.iam}
    acted = {action for skill in catalogue for action in skill.iam if skill.risk is not Risk.READ}
    parts = {
        "database": store.probe(settings.database),
        "aws": aws.probe(wanted, acted),
        "model": claude.probe(settings.claude),
        "teams": teams.probe(settings.teams),
        "public address": address.probe(settings.public_url),
    }
    found = [probe for part in await asyncio.gather(*(_probed(*part) for part in parts.items())) for probe in part]
    await aws.close()
    for probe in found:
        print(f"{probe.finding.value:4}  {probe.name}: {probe.what}")
        if probe.finding is not Finding.OK and probe.remedy:
            print(f"      -> {probe.remedy}")
    counted = Counter(probe.finding for probe in found)
    print(f"\n{counted[Finding.OK]} ok, {counted[Finding.WARN]} with a warning, {counted[Finding.FAIL]} not working.")
    if counted[Finding.FAIL]:
        print("Mend what is marked `fail`; settings are in README.md. To try the bot with none of this: make run.")
    return int(counted[Finding.FAIL] > 0)


async def _probed(name: str, probing: Awaitable[list[Probe]]) -> list[Probe]:
    """What a probe found; one that hangs or breaks is a finding too, and does not keep the others from being shown."""
    try:
        async with asyncio.timeout(PROBING):
            return await probing
    except TimeoutError:
        return [Probe(name=name, finding=Finding.FAIL, what=f"no answer in {PROBING:g} s", remedy="Check the way there.")]
    except Exception as error:
        log.debug("probe_broke", part=name, exc_info=True)
        remedy = "This is a defect of the probe: run again with OPS_LOG_LEVEL=DEBUG and report it."
        return [Probe(name=name, finding=Finding.FAIL, what=f"could not be probed: {type(error).__name__}", remedy=remedy)]


def main(arguments: list[str] | None = None) -> int:
    """The command line. Exit status 2: it cannot start as it is set up."""
    parser = argparse.ArgumentParser(prog="app.py", description="Ops Copilot: an operations bot for Microsoft Teams.")
    parser.add_argument("--demo", action="store_true", help="serve with a simulated AWS and a chat page")
    commands = parser.add_subparsers(dest="command", metavar="command")
    commands.add_parser("serve", help="serve (this is the default)")
    commands.add_parser("doctor", help="probe every configured part and say what does not work")
    commands.add_parser("migrate", help="bring the database to this version's schema")
    package = commands.add_parser("package", help="build the Teams app package")
    package.add_argument("--out", type=Path, default=Path("dist/ops-copilot.zip"))
    audit_command.declare(commands)
    policy_command.declare(commands)
    options = parser.parse_args(arguments)
    try:
        settings = Settings()
    except ValidationError as error:
        for item in error.errors():
            print(f"{_variable(item['loc'])}: {item['msg']}", file=sys.stderr)
        print("Nothing was started. Mend the settings above; README.md lists them all.", file=sys.stderr)
        return 2
    readable = options.demo or sys.stderr.isatty()
    # What doctor finds it prints; log lines between would say it twice.
    level = "ERROR" if options.command == "doctor" and settings.log_level != "DEBUG" else settings.log_level
    logs.configure("readable" if readable else settings.log_form, level)
    try:
        return _run(options, settings)
    except (Refusal, DeclarationError, Newer, OpsError, ValueError) as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 2


def _run(options: argparse.Namespace, settings: Settings) -> int:
    match options.command:
        case "doctor":
            return asyncio.run(doctor(settings))
        case "migrate":
            asyncio.run(_migrate(settings))
        case "package":
            from manifest.package import build

            bot = settings.teams.app_id
            own = str(uuid5(NAMESPACE_URL, f"ops-copilot:{bot}"))  # the Teams app's own id: the same for the same bot, for ever
            host = settings.public_url.removeprefix("https://").partition("/")[0]
            print(build(discover(skills), own, bot, host, options.out))
        case "policy":
            print(policy_command.run(options, settings.policy, discover(skills)))
        case "audit":
            keys = Keys.of(settings.audit)
            return asyncio.run(audit_command.run(options, settings.database, keys, settings.var / "audit.head"))
        case _:
            asyncio.run(serve(settings, demo=options.demo))
    return 0


async def _migrate(settings: Settings) -> None:
    database = Database(settings.database)
    await database.run(ensure)
    await database.close()


def _variable(location: tuple[int | str, ...]) -> str:
    return "OPS_" + "__".join(str(part).upper() for part in location)


if __name__ == "__main__":
    sys.exit(main())
