"""Where AWS is and how it is asked."""

from __future__ import annotations

import os
import re

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

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
