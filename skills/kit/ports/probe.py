"""What `doctor` finds out about one configured part."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Finding(StrEnum):
    """How a probe went. WARN: it works less well, or could not be found out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Probe(BaseModel):
    """One probe. name: what was probed, such as `aws ec2:StopInstances`. what: what was found. remedy: how to mend it."""

    model_config = ConfigDict(frozen=True)

    name: str
    finding: Finding
    what: str
    remedy: str = ""
