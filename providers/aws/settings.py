"""Where AWS is and how it is asked."""

from __future__ import annotations

import os
import re
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")


def _default_regions() -> list[str]:
    """The region the AWS environment names, as every AWS tool reads it."""
    return [os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"]


class AwsSettings(BaseModel):
    """How the bot reaches AWS. Credentials come from the default chain (environment, profile, container or instance role)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    regions: list[str] = Field(
        default_factory=_default_regions,
        min_length=1,
        description="Regions whose instances the bot sees. Default: AWS_REGION, AWS_DEFAULT_REGION or us-east-1.",
    )
    accounts: list[str] = Field(
        default=[], description="ARNs of roles to assume, one per account. Empty: the bot's own identity and account."
    )
    external_id: SecretStr | None = Field(default=None, description="The external id those roles ask for, if they do.")
    action_role: str = Field(
        default="",
        description="ARN of the role that confirmed changes run under, in a session named after the person and limited to what "
        "they confirmed; `{account}` stands for the account. Empty: the bot's own identity.",
    )
    action_reads: bool = Field(default=False, description="Skills that only read run under that role too.")
    action_source_identity: bool = Field(
        default=False, description="Set the session's source identity too; the role must trust for `sts:SetSourceIdentity`."
    )
    action_tags: bool = Field(
        default=False,
        description="Tag the session with `OpsPrincipal`, `OpsSkill` and `OpsAction`; the role must trust for `sts:TagSession`.",
    )
    endpoint_url: str | None = Field(
        default=None, description="Another endpoint than AWS's own, such as the demo's simulated one."
    )
    access_key_id: str | None = Field(default=None, description="A static key id. Empty: the default credential chain.")
    secret_access_key: SecretStr | None = Field(default=None, description="The secret of the static key id.")
    threads: int = Field(default=12, ge=1, le=64, description="Calls to AWS under way at once.")
    connect_timeout: float = Field(default=3, gt=0, description="Seconds to reach an endpoint, per attempt.")
    read_timeout: float = Field(default=15, gt=0, description="Seconds to wait for an answer, per attempt.")
    deadline: float = Field(default=30, gt=0, description="Seconds for one call with all its attempts and its wait for a thread.")
    output_bucket: str | None = Field(
        default=None, description="S3 bucket that keeps what commands print, so that it can be read beyond 24,000 characters."
    )
    output_prefix: str = Field(default="ops-copilot", description="Key prefix in that bucket.")
    output_log_group: str | None = Field(default=None, description="CloudWatch log group for the same, when there is no bucket.")

    @field_validator("accounts")
    @classmethod
    def _roles(cls, accounts: list[str]) -> list[str]:
        for arn in accounts:
            if not _ROLE.fullmatch(arn):
                raise ValueError(f"{arn!r} is not the ARN of a role, such as arn:aws:iam::123456789012:role/ops-copilot")
        return accounts

    @model_validator(mode="after")
    def _one_role_per_account(self) -> Self:
        """A role lives in one account, and can act on nothing outside of it."""
        if not self.action_role:
            return self
        for account in [arn.split(":")[4] for arn in self.accounts] or ["000000000000"]:
            role = self.role_in(account)
            if not _ROLE.fullmatch(role):
                raise ValueError(
                    f"{self.action_role!r} is not the ARN of a role, such as arn:aws:iam::{{account}}:role/ops-actions"
                )
            if self.accounts and role.split(":")[4] != account:
                raise ValueError(f"action_role is in another account than {account}: write {{account}} in its place")
        return self

    def role_in(self, account: str) -> str:
        """The ARN of the role that confirmed changes run under in that account."""
        return self.action_role.replace("{account}", account)
