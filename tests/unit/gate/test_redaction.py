from __future__ import annotations

import pytest

from gate.redaction import MASK, redact, redact_value

SECRETS = [
    ("curl -H 'Authorization: Bearer abcdef0123456789' https://x", "abcdef0123456789"),
    ("mysql --password=S3cr3t-pass -u root", "S3cr3t-pass"),
    ("export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"),
    ("id " + "AKIA" + "IOSFODNN7EXAMPLE was used", "AKIAIOSFODNN7EXAMPLE"),
    ("postgres://app:hunter22@db:5432/x", "hunter22"),
    ("token: ghp_abcdefghijklmnopqrstuvwx0123", "ghp_abcdefghijklmnopqrstuvwx0123"),
    ("ops_abcdefghijklmnopqrstuvwxyz012345", "ops_abcdefghijklmnopqrstuvwxyz012345"),
    ('{"client_secret": "Zx8Q~abc.def_ghi"}', "Zx8Q~abc.def_ghi"),
    ("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLWhlcmU", "eyJzdWIiOiIxIn0"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc\n-----END RSA PRIVATE KEY-----", "MIIEow"),
    ("api_key=0123456789abcdef", "0123456789abcdef"),
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_a_secret_is_masked(text: str, secret: str) -> None:
    masked = redact(text)
    assert secret not in masked
    assert MASK in masked


@pytest.mark.parametrize(
    "text",
    [
        "stop web-server-01",
        "the token expired, please log in again",
        "systemctl status nginx",
        "password reset page returns 500",
        "i-0123456789abcdef0 is running in us-east-1",
        "https://example.com/a?b=c",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert redact(text) == text


def test_values_under_a_telling_name_are_masked_whole() -> None:
    value = {"user": "anna", "password": "x", "nested": [{"api_key": "y", "note": "fine"}], "token": ""}
    assert redact_value(value) == {
        "user": "anna",
        "password": MASK,
        "nested": [{"api_key": MASK, "note": "fine"}],
        "token": "",
    }
