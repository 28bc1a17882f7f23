"""Kubernetes and Ceph."""

from __future__ import annotations

import re

from gate.risk.forms import Call, Handler
from gate.risk.handlers.network import EFFECT
from gate.risk.handlers.wrappers import wrapped


def look(call: Call) -> None:
    """Kubectl get: names of secrets may be seen, their contents may not."""
    shape = "".join(call.values("-o", "--output"))
    full = (shape and not shape.startswith(("name", "wide"))) or "--template" in call.options or call.path[-1:] == ["describe"]
    for word in call.operands:
        if full and _SECRETS.search(word):
            call.deny("shows secrets")
    for value in call.values("--raw"):
        if "secret" in value or EFFECT.search(value) or "proxy" in value:
            call.deny("the path may show secrets or have an effect")


_SECRETS = re.compile(r"(^|,)(secrets?|sealedsecrets?|externalsecrets?|oauth\w*tokens?|tokenreviews?)(\.|/|,|$)", re.IGNORECASE)


def kube_exec(call: Call) -> None:
    """Kubectl exec POD -- COMMAND."""
    if "--" in call.rest:
        call.deny("two commands in one")
    wrapped(call, call.rest)


def asked(call: Call) -> None:
    """Ceph daemon NAME COMMAND, ceph tell NAME COMMAND."""
    if not _CEPH_ASKS.match(" ".join(call.operands[1:])):
        call.deny(f"ceph {' '.join(call.path)} with a command that is not known to be harmless")


_CEPH_ASKS = re.compile(
    r"(dump_\w+|perf (dump|schema|histogram dump)|status|version|mon_status|quorum_status|sync_status|config (show|get \w+|diff)|"
    r"session ls|client ls|ops|get_\w*(info|status|stats|state|command_descriptions)\w*|list_\w+|help|cache status|damage ls|"
    r"scrub status|objecter_requests|bluestore (allocator (dump|score|fragmentation) \w+|bluefs \w*stats?\w*)|"
    r"bluefs stats|heap stats|df|osd df|calc_objectstore_db_histogram)( [\w.-]+)*$"
)


HANDLERS: dict[str, Handler] = {
    "look": look,
    "kube_exec": kube_exec,
    "asked": asked,
}
