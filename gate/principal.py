"""Who asks. One type for everybody, from whichever door; identity comes from a verified credential, never from a body."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["teams", "user", "key", "aws", "agent"]


class Principal(BaseModel):
    """Somebody who was authenticated.

    kind: what vouched for them. id: Entra object id, user id or key id. tenant: Entra tenant, else empty.
    name: for display only. groups: as the credential claims them.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    id: str
    tenant: str = ""
    name: str = ""
    groups: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The same person always has the same key: `kind:id` or `kind:tenant/id`. What configuration and records use."""
        return f"{self.kind}:{self.tenant}/{self.id}" if self.tenant else f"{self.kind}:{self.id}"

    @property
    def label(self) -> str:
        """What people call them."""
        return self.name or self.id
