"""What a form cannot say in a line. A handler looks at a matched call and denies what is not known to be harmless."""

from __future__ import annotations

from gate.risk.forms import Handler
from gate.risk.handlers import clouds, clusters, databases, development, files, network, system, wrappers

HANDLERS: dict[str, Handler] = (
    wrappers.HANDLERS
    | files.HANDLERS
    | system.HANDLERS
    | network.HANDLERS
    | clusters.HANDLERS
    | clouds.HANDLERS
    | databases.HANDLERS
    | development.HANDLERS
)
