from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import SecretStr, ValidationError

from providers.aws import AwsSettings


def test_the_region_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    assert AwsSettings().regions == ["us-east-1"]
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert AwsSettings().regions == ["eu-west-1"]
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    assert AwsSettings().regions == ["eu-central-1"]


def test_an_account_is_the_arn_of_a_role() -> None:
    with pytest.raises(ValidationError, match="is not the ARN of a role"):
        AwsSettings(accounts=["123456789012"])


def test_secrets_are_not_shown() -> None:
    settings = AwsSettings(secret_access_key=SecretStr("hidden-key"), external_id=SecretStr("hidden-id"))
    assert "hidden" not in f"{settings!r}{settings.model_dump_json()}"


def test_every_setting_is_described() -> None:
    assert [name for name, field in AwsSettings.model_fields.items() if not field.description] == []


def test_the_sdk_is_not_loaded_before_the_first_call() -> None:
    code = "import sys; from providers.aws import Aws, AwsSettings; Aws(AwsSettings()); print('boto3' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
