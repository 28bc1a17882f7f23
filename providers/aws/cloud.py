"""Everything of AWS the product uses, made of one session."""

from __future__ import annotations

from collections.abc import Iterable

from providers.aws import doctor
from providers.aws.commands import AwsCommands
from providers.aws.compute import AwsCompute
from providers.aws.costs import AwsCosts
from providers.aws.metrics import AwsMetrics
from providers.aws.session import Session
from providers.aws.settings import AwsSettings
from skills.kit.ports.probe import Probe


class Aws:
    """The ports over one pool of threads. Making it costs nothing and reaches nothing."""

    def __init__(self, settings: AwsSettings) -> None:
        self.session = Session(settings)
        self.compute = AwsCompute(self.session)
        self.metrics = AwsMetrics(self.session)
        self.commands = AwsCommands(self.session)
        self.costs = AwsCosts(self.session)

    async def prepare(self) -> None:
        """Load the SDK ahead of the first request, in a thread; call it once the rest of the service is up. Reaches nothing."""
        await self.session.prepare()

    async def probe(self, actions: Iterable[str], acted: Iterable[str] = ()) -> list[Probe]:
        """Does AWS know us, and may we use these IAM actions? See `doctor.probe`."""
        return await doctor.probe(self.session, actions, acted)

    async def close(self) -> None:
        """Take no more calls; those under way end by their own deadlines."""
        await self.session.close()
