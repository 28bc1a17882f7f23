"""Realistic secrets are masked, what is none stays, and it never takes long. Every secret here is invented for the test."""

from __future__ import annotations

import base64
import random
import string
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.redaction import MASK, redact, redact_card, redact_texts, redact_value

RANDOM = random.Random(7)
ALPHANUMERIC = string.ascii_letters + string.digits


def made(prefix: str, length: int, alphabet: str = ALPHANUMERIC) -> str:
    """A secret of that form; never a literal, so that no scanner takes this file for a leak."""
    return prefix + "9aZ" + "".join(RANDOM.choice(alphabet) for _ in range(length - 3))


PASSWORD = "Tr0ub4dor&3x-Horse"
SECRET40 = made("", 40, ALPHANUMERIC + "/+")
B64 = base64.b64encode(b"a password of somebody").decode()
PEM_BODY = "\n".join(made("", 64, ALPHANUMERIC + "+/") for _ in range(6))
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{PEM_BODY}\n-----END RSA PRIVATE KEY-----"
JWT = f"{made('eyJhbGciOi', 30)}.{made('eyJzdWIiOi', 80)}.{made('', 43)}"

SHAPED = {
    "aws_access_key_id": "AKIA" + "IOSFODNN7EXAMPLE",
    "aws_session_token": made("IQoJ", 300, ALPHANUMERIC + "/+"),
    "github": made("ghp_", 36),
    "github_fine": made("github_pat_", 82, ALPHANUMERIC + "_"),
    "github_app": made("ghs_", 36),
    "gitlab": made("glpat-", 20),
    "slack_bot": made("xoxb-123456789012-1234567890123-", 24),
    "slack_app": made("xapp-1-A01-", 40),
    "stripe": made("sk_live_", 24),
    "stripe_webhook": made("whsec_", 32),
    "google_api": made("AIza", 35),
    "google_oauth": made("ya29.", 80),
    "google_client": made("GOCSPX-", 28),
    "azure_client": "aB3" + "8Q~" + made("", 34),
    "openai": made("sk-proj-", 48),
    "anthropic": made("sk-ant-api03-", 90),
    "npm": made("npm_", 36),
    "pypi": "pypi-AgE" + "IcHlwaS5vcmcC" + made("", 60),
    "huggingface": made("hf_", 34),
    "docker": made("dckr_pat_", 27),
    "vault": made("hvs.", 90),
    "terraform_cloud": f"{made('', 14)}.atlasv1.{made('', 60)}",
    "digitalocean": "dop_v1_" + "0123456789abcdef" * 4,
    "databricks": "dapi" + "0123456789abcdef" * 2,
    "sendgrid": f"{made('SG.', 22)}.{made('', 43)}",
    "newrelic": "NRAK-" + "A1B2C3D4E5F6G7H8J9K0L1M2N3P"[:27],
    "grafana": made("glsa_", 32) + "_0a1b2c3d",
    "telegram": made("123456789:AA", 33),
    "ours": made("ops_", 43),
    "ours_agent": made("chatops_", 43),
    "jwt": JWT,
    "unix_password": "$6$" + made("", 16) + "$" + made("", 86),
    "bcrypt": "$2b$12$" + made("", 53),
}


@pytest.mark.parametrize("kind", SHAPED)
@pytest.mark.parametrize(
    "around", ["{}", "the value is {} ok", '{{"x": "{}"}}', "line\n{}\nline", "x={},y", "https://h/p?k={}&z=1"]
)
def test_what_has_a_shape_of_its_own_is_masked_wherever_it_stands(kind: str, around: str) -> None:
    masked = redact(around.format(SHAPED[kind]))
    assert SHAPED[kind] not in masked
    assert SHAPED[kind][8:] not in masked
    assert MASK in masked


SECRETS: list[tuple[str, str]] = [
    # By name: environment, files, JSON, YAML, Terraform, properties.
    (f"export AWS_SECRET_ACCESS_KEY={SECRET40}", SECRET40),
    (f"aws_secret_access_key = {SECRET40}", SECRET40),
    (f"AWS Secret Access Key [None]: {SECRET40}", SECRET40),
    (f'{{"AccessKey": {{"AccessKeyId": "x", "SecretAccessKey": "{SECRET40}"}}}}', SECRET40),
    (f"ACCESSKEY\t{SHAPED['aws_access_key_id']}\t2026-11-22T10:00:00Z\t{SECRET40}\tActive\tanna", SECRET40),
    (f"DB_PASSWORD={PASSWORD}", "ub4dor"),
    (f"DB_PASS={PASSWORD}", "ub4dor"),
    ("PGPASSWORD=abc psql -h db", "=abc"),
    ("export TOKEN='s p a c e d'", "p a c e"),
    ('{"user": "app", "db": {"password": "hunter 2 \\" quoted", "port": 5432}}', "quoted"),
    ('{"user": "app", "password": 12345678}', "12345678"),
    ('{"log": "{\\"password\\":\\"hunter22\\"}"}', "hunter22"),
    ("{'api_key': 'abcdef', 'x': 1}", "abcdef"),
    ('{"client_secret": "Zx8Q~abc.def_ghi"}', "Zx8Q~abc.def_ghi"),
    ('{"dbPassword":"hunter","accessToken":"abc.def"}', "hunter"),
    ('{"dbPassword":"hunter","accessToken":"abc.def"}', "abc.def"),
    ('"SecretString": "{\\"username\\":\\"anna\\",\\"pw\\":\\"correct horse\\"}"', "correct horse"),
    ("password: hunter\nuser: anna", "hunter"),
    ("password: |\n    first line\n    second line\nuser: anna", "second line"),
    ("  - name: DB_PASSWORD\n    value: hunter", "hunter"),
    ('{"name": "API_TOKEN", "value": "abcdef"}', "abcdef"),
    ('"Key": "db-password",\n      "Value": "hunter"', "hunter"),
    ('  password          = "hunter"', "hunter"),
    ('resource "x" {\n  master_password = "hunter"\n}', "hunter"),
    ("spring.datasource.password=hunter", "hunter"),
    ("userPassword: {SSHA}c29tZXRoaW5nc2VjcmV0", "c29tZXRo"),
    ("<password>hunter</password>", "hunter"),
    ("//registry.example.com/:_authToken=0123-abc", "0123-abc"),
    ('{"auths": {"registry": {"auth": "' + B64 + '"}}}', B64),
    ("secret_key_base: 0a1b2c3d4e", "0a1b2c3d4e"),
    ("the password is Sommer2026", "Sommer2026"),
    ("log in with password Sommer2026", "Sommer2026"),
    # Commands.
    ("mysql --password=S3cr3t-pass -u root", "S3cr3t-pass"),
    ("mysqldump -u root -p'pw with blanks' db", "with blanks"),
    ("mysql -uroot -phunter db", "hunter"),
    ("sshpass -p hunter ssh anna@host", "hunter"),
    ("mycli --password pw", " pw"),
    ("aws configure set aws_secret_access_key hunter2hunter", "hunter2hunter"),
    ("vault login --token abc-def", "abc-def"),
    ("curl -u anna:hunter https://x", "hunter"),
    ("curl -sS --user 'anna:hunter' https://x", "hunter"),
    ("docker login -u anna -p hunter registry.example.com", "hunter"),
    ("redis-cli -h h -a hunter ping", "hunter"),
    ("kubectl create secret generic db --from-literal=user=anna --from-literal=pin=0815", "0815"),
    ("ConvertTo-SecureString 'hunter' -AsPlainText -Force", "hunter"),
    ("New-User -Name anna -Password hunter", "hunter"),
    ("openssl rsa -in k.pem -passin pass:hunter", "hunter"),
    ("ldapsearch -D cn=admin -w hunter -b dc=x", "hunter"),
    ("machine h login anna password hunter", "hunter"),
    ("machine h\n  login anna\n  password hunter\n", "hunter"),
    # Headers, addresses.
    ("curl -H 'Authorization: Bearer abcdef0123456789' https://x", "abcdef0123456789"),
    (f"Authorization: Basic {B64}", B64),
    (f'"authorization": "Basic {B64}"', B64),
    ("Authorization: AWS4-HMAC-SHA256 Credential=x/y, SignedHeaders=host, Signature=0a1b2c", "0a1b2c"),
    ("authorization: token abcdefgh", "abcdefgh"),
    ("X-Api-Key: abcdefgh", "abcdefgh"),
    ("Cookie: session=abc; theme=dark", "abc"),
    ("Set-Cookie: sid=abcdef; Path=/; HttpOnly", "abcdef"),
    ("postgres://app:hunter22@db:5432/x", "hunter22"),
    ("mongodb+srv://app:p%40ss@cluster.example.com/db", "p%40ss"),
    ("redis://:hunter@cache:6379", "hunter"),
    ("https://anna:hunter@example.com/path", "hunter"),
    ("git clone https://0123456789abcdef0123456789abcdef01234567@github.com/x/y", "0123456789abcdef"),
    ("Server=db;User Id=sa;Password=hunter;Encrypt=true", "hunter"),
    (f"DefaultEndpointsProtocol=https;AccountName=x;AccountKey={B64}==;EndpointSuffix=core", B64),
    (f"Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey={B64}", B64),
    ("https://x.blob.core.windows.net/c?sv=2024&se=2026&sig=AbC%2Fdef%3D", "AbC%2Fdef"),
    ("https://b.s3.amazonaws.com/k?X-Amz-Date=1&X-Amz-Signature=0123456789abcdef", "0123456789abcdef"),
    ("https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX", "XXXXXXXX"),
    # Keys.
    (PEM, PEM_BODY[10:40]),
    (PEM.replace("RSA", "OPENSSH"), PEM_BODY[70:100]),
    (PEM.replace("\n", "\\n"), PEM_BODY[10:40]),
    (PEM[: len(PEM) // 2], PEM_BODY[10:40]),
    ("$ tail key.pem\n" + PEM[200:], PEM_BODY[-40:-5]),
    (f"    key: |\n{PEM}", PEM_BODY[10:40]),
    # Kubernetes.
    (f"apiVersion: v1\nkind: Secret\ndata:\n  tls.crt: {B64}\n  pin: MDgxNQ==\nmetadata:\n  name: x\n", "MDgxNQ"),
    (f"apiVersion: v1\ndata:\n  tls.crt: {B64}\nkind: Secret\n", B64),
    (f'{{"kind": "Secret", "data": {{"pin": "{B64}"}}, "metadata": {{}}}}', B64),
    ("kind: Secret\nstringData:\n  config.ini: hunter\n", "hunter"),
]


@pytest.mark.parametrize(("text", "secret"), SECRETS, ids=[text[:40] for text, _ in SECRETS])
def test_a_secret_is_masked_by_its_name_or_its_place(text: str, secret: str) -> None:
    masked = redact(text)
    assert secret not in masked
    assert MASK in masked


@pytest.mark.parametrize(("text", "secret"), SECRETS, ids=[text[:40] for text, _ in SECRETS])
def test_masking_twice_is_masking_once(text: str, secret: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("DB_PASSWORD='x y' DB_HOST=h", f"DB_PASSWORD='{MASK}' DB_HOST=h"),
        ('{"user": "anna", "password": "x", "port": 1}', f'{{"user": "anna", "password": "{MASK}", "port": 1}}'),
        ("postgres://app:hunter@db:5432/x", f"postgres://app:{MASK}@db:5432/x"),
        ("mysql -uroot -phunter db", f"mysql -uroot -p{MASK} db"),
        ("Server=db;Password=x;Encrypt=true", f"Server=db;Password={MASK};Encrypt=true"),
        ("curl -H 'Authorization: Bearer abc123def456' https://x", f"curl -H 'Authorization: Bearer {MASK}' https://x"),
        ("connect (password=x), then go", f"connect (password={MASK}), then go"),
    ],
)
def test_what_stands_around_a_secret_stays_readable(text: str, masked: str) -> None:
    assert redact(text) == masked


HARMLESS = [
    "stop web-server-01",
    "the token expired, please log in again",
    "token expired: log in again",
    "the password expired",
    "password: expired",
    "Error: invalid token: expected '}'",
    "a token bucket of 100 tokens, tokens=5, max_tokens: 4096",
    "systemctl status nginx",
    "password reset page returns 500",
    "reset the password of web-server-01 on db-01",
    "i-0123456789abcdef0 is running in us-east-1",
    "https://example.com/a?b=c",
    "http://localhost:8080/users/anna@example.com",
    "commit 3f786850e387550fdab836ed7e6dc881de23001b",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "command 3f2b8c1e-0a4d-4f6b-9c2e-1d5a7b8c9e0f on i-0a1b2c3d4e5f60001",
    "arn:aws:iam::111122223333:role/OpsCopilot",
    "secret: arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "/usr/lib/python3/dist-packages/secretstorage/__init__.py",
    "PWD=/home/anna",
    "/etc/passwd: root:x:0:0:root:/root:/bin/bash",
    "password=$DB_PASSWORD",
    "password: ${DB_PASSWORD}",
    "token: $(cat /run/secrets/token)",
    "password: {{ .Values.password }}",
    "--password-file=/run/secrets/x --token-type bearer",
    "DB_PASSWORD_FILE=/run/secrets/db",
    "basic authentication is off, bearer authentication is on",
    "use basic or bearer tokens",
    "docker run -u 1000:1000 -p 8080:80 nginx",
    "mkdir -p /srv/data && ssh -p 2222 host",
    "disk-usage-of-all-mounts-in-production-2",
    "ops_copilot_requests_total_by_skill 12",
    "kubectl get secret my-secret -n prod",
    "secret/my-secret created",
    "secretName: my-tls",
    "PASS: test_something (0.01 s)",
    "bypass=true compass: north",
    "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUabc\n-----END CERTIFICATE-----",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0 anna@host",
    "kind: ConfigMap\ndata:\n  colour: blue\n",
    "cookie: a small cake",
]


@pytest.mark.parametrize("text", HARMLESS, ids=[text[:40] for text in HARMLESS])
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


def test_output_of_ordinary_commands_stays() -> None:
    output = (
        "Filesystem      Size  Used Avail Use% Mounted on\n/dev/nvme0n1p1   40G   37G  2.9G  93% /\n"
        "nginx.service - A high performance web server\n   Active: active (running) since Sun 2026-11-22 09:12:01 UTC\n"
        "   Main PID: 812 (nginx)\n  CGroup: /system.slice/nginx.service\n"
        '10.0.1.12 - - [22/Nov/2026:10:00:00 +0000] "GET /api/tokens?page=2 HTTP/1.1" 200 512 "-" "curl/7.88"\n'
        "uid=1000(anna) gid=1000(anna) groups=1000(anna),27(sudo)\ntcp LISTEN 0 511 0.0.0.0:443 0.0.0.0:*\n"
    )
    assert redact(output) == output


def test_values_under_a_telling_name_are_masked_whole() -> None:
    value = {
        "user": "anna",
        "password": "x",
        "nested": [{"api_key": "y", "note": "fine", "clientSecret": {"a": 1}}],
        "token": "",
        "max_tokens": 5,
        "DB_PASSWORD": "z",
        "Authorization": "q",
    }
    assert redact_value(value) == {
        "user": "anna",
        "password": MASK,
        "nested": [{"api_key": MASK, "note": "fine", "clientSecret": MASK}],
        "token": "",
        "max_tokens": 5,
        "DB_PASSWORD": MASK,
        "Authorization": MASK,
    }


def test_texts_of_a_result_are_masked_and_its_shape_stays() -> None:
    result = {"token": 5, "invocations": [{"output": "password=hunter", "exitCode": 0}], "secret": {"a": None}}
    assert redact_texts(result) == {
        "token": 5,
        "invocations": [{"output": f"password={MASK}", "exitCode": 0}],
        "secret": {"a": None},
    }
    harmless = {"a": [{"b": "fine"}]}
    assert redact_texts(harmless) is harmless


def card(text: str) -> dict[str, Any]:
    button = {
        "type": "Action.Submit",
        "title": "Again",
        "data": {"run": {"skill": "commands.run", "arguments": {"command": text}}},
    }
    table = {"type": "Table", "columns": [{"width": 1}], "rows": [{"cells": [{"items": [{"type": "TextBlock", "text": text}]}]}]}
    return {
        "type": "AdaptiveCard",
        "fallbackText": text,
        "body": [{"type": "CodeBlock", "codeSnippet": text}, table],
        "actions": [button],
    }


def test_a_card_is_masked_but_for_what_its_buttons_carry() -> None:
    masked = redact_card(card("mysql -phunter db"))
    assert str(masked).count("hunter") == 1
    assert masked["actions"] == card("mysql -phunter db")["actions"]
    assert masked["fallbackText"] == f"mysql -p{MASK} db"


def test_a_card_without_secrets_is_returned_as_it_is() -> None:
    same = card("df -h")
    assert redact_card(same) is same


FRAGMENTS = [
    *("password", "password=", "password ", "token:", '"secret":"', "secret: |\n  ", "\n", " ", "\t", '"', "'", "\\", '\\"', "="),
    *("eyJaaaaaaaa", "eyJaaaaaaaa-", ".", "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----", "AAAAAAAAAAAA\n"),
    *(
        "mysql ",
        "curl -u ",
        " -p",
        "az login ",
        "htpasswd -b ",
        "a:",
        "://",
        "://a:",
        "@",
        "bearer ",
        "basic ",
        "cookie: ",
        "AKIA",
    ),
    *(
        "sk-",
        "SG.aaaaaaaaaaaaaaaaa",
        "kind: Secret\ndata:\n",
        "  a: b\n",
        "data:\n",
        '"data":{',
        "<password ",
        "</",
        "${",
        "[",
        "login a ",
    ),
    *(
        "authorization: ",
        "--password ",
        "--a-b-",
        ",",
        ")",
        "a",
        "aB3",
        "/",
        "$6$",
        "|",
        "name: X_TOKEN\n value: ",
        "value",
        "ops_",
        ";",
    ),
]


@settings(max_examples=80, deadline=None)
@given(parts=st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=5))
def test_a_hundred_kilobytes_of_anything_take_a_bounded_time(parts: list[str]) -> None:
    pattern = "".join(parts)
    text = (pattern * (100_000 // len(pattern) + 1))[:100_000]
    begun = time.thread_time()
    redact(text)
    assert time.thread_time() - begun < 2.0


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_is_taken(text: str) -> None:
    assert redact(text) == text or MASK in redact(text)
