"""How the Teams door is set up."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class Cloud(NamedTuple):
    """What differs between Microsoft's clouds. entra and issuers: templates over `{tenant}`."""

    openid: str
    issuer: str
    login: str
    scope: str
    home: str
    entra: tuple[str, ...]
    hosts: tuple[str, ...]


CLOUDS = {
    "public": Cloud(
        openid="https://login.botframework.com/v1/.well-known/openidconfiguration",
        issuer="https://api.botframework.com",
        login="https://login.microsoftonline.com",
        scope="https://api.botframework.com",
        home="botframework.com",
        entra=("https://sts.windows.net/{tenant}/", "https://login.microsoftonline.com/{tenant}/v2.0"),
        hosts=("smba.trafficmanager.net", "smba.infra.gcc.teams.microsoft.com"),
    ),
    "usgov": Cloud(
        openid="https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
        issuer="https://api.botframework.us",
        login="https://login.microsoftonline.us",
        scope="https://api.botframework.us",
        home="MicrosoftServices.onmicrosoft.us",
        entra=("https://login.microsoftonline.us/{tenant}/", "https://login.microsoftonline.us/{tenant}/v2.0"),
        hosts=("smba.infra.gov.teams.microsoft.us", "smba.infra.dod.teams.microsoft.us"),
    ),
}
"""Source: botframework-connector's `AuthenticationConstants` and `GovernmentConstants`; hosts from Teams' bot documentation."""


class TeamsSettings(BaseModel):
    """The Teams door. Without `app_id` it is closed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    app_id: str = Field(default="", description="The bot's Microsoft app (client) id. Empty: the Teams door is closed.")
    app_type: Literal["SingleTenant", "MultiTenant", "ManagedIdentity"] = Field(
        default="SingleTenant", description="How the bot is registered in Azure."
    )
    tenant_id: str = Field(default="", description="The Entra tenant of the bot's registration; needed unless it is MultiTenant.")
    tenants: tuple[str, ...] = Field(
        default=(), description="Entra tenants whose people may use the bot; empty: only `tenant_id`. `*` alone: any tenant."
    )
    app_password: SecretStr = Field(default=SecretStr(""), description="The app's client secret, unless a certificate is used.")
    certificate: Path | None = Field(default=None, description="PEM file with the app's private key, instead of a client secret.")
    certificate_thumbprint: str = Field(default="", description="SHA-1 thumbprint of the certificate, in hex, as Entra shows it.")
    managed_identity_client_id: str = Field(default="", description="Client id of the managed identity; empty: `app_id`.")
    cloud: Literal["public", "usgov"] = Field(
        default="public", description="Which of Microsoft's clouds the bot is registered in."
    )
    openid_metadata: str = Field(
        default="", description="OpenID metadata of whoever signs activities; empty: the cloud's Bot Framework."
    )
    issuers: tuple[str, ...] = Field(
        default=(), description="Accepted issuers of activities' tokens; empty: the cloud's Bot Framework."
    )
    entra_metadata: str = Field(default="", description="OpenID metadata of Entra, for `entra_callers`; empty: the tenant's.")
    entra_callers: tuple[str, ...] = Field(
        default=(),
        description="App ids in `tenant_id` that may post activities with a token of Entra, in any person's name. Mostly empty.",
    )
    token_url: str = Field(
        default="", description="Where the connector's tokens are fetched; empty: the cloud's, for the tenant."
    )
    token_scope: str = Field(default="", description="Resource the connector's tokens are for; empty: the cloud's connector.")
    service_hosts: tuple[str, ...] = Field(
        default=(), description="Hosts replies may be sent to; a leading dot takes subdomains. Empty: Teams' hosts in the cloud."
    )
    development: bool = Field(
        default=False,
        description="Development only, on a loopback address: connectors on loopback and tokens of the emulator are accepted.",
    )
    allow_unauthenticated: bool = Field(
        default=False,
        description="Development only, on a loopback address: activities without a token are accepted (Agents Playground).",
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.app_id:
            return self
        if self.app_type != "MultiTenant" and not self.tenant_id:
            raise ValueError(f"tenant_id is needed: the bot is registered as {self.app_type}")
        if not self.tenants and not self.tenant_id:
            raise ValueError("tenants is needed: name the Entra tenants that may use the bot, or `*` for any")
        if self.certificate and not self.certificate_thumbprint:
            raise ValueError("certificate_thumbprint is needed with certificate")
        if not (self.app_type == "ManagedIdentity" or self.certificate or self.app_password.get_secret_value() or self.local):
            raise ValueError("app_password or certificate is needed: without one the bot cannot answer")
        return self

    @property
    def is_open(self) -> bool:
        """Activities are taken at all."""
        return bool(self.app_id) or self.allow_unauthenticated

    @property
    def local(self) -> bool:
        """One of the development flags is set."""
        return self.development or self.allow_unauthenticated

    @property
    def defaults(self) -> Cloud:
        """What holds in the chosen cloud."""
        return CLOUDS[self.cloud]

    @property
    def metadata_url(self) -> str:
        """Where the Bot Framework publishes its signing keys."""
        return self.openid_metadata or self.defaults.openid

    @property
    def accepted_issuers(self) -> tuple[str, ...]:
        """Who may have issued an activity's token."""
        return self.issuers or (self.defaults.issuer,)

    @property
    def entra_url(self) -> str:
        """Where Entra publishes its signing keys; empty when none of its tokens is accepted.

        The emulator gets its tokens with the bot's own credentials, so in development the bot's own app id is a caller too.
        """
        if not (self.app_id and self.tenant_id and self.accepted_callers):
            return ""
        return self.entra_metadata or f"{self.defaults.login}/{self.tenant_id}/v2.0/.well-known/openid-configuration"

    @property
    def accepted_callers(self) -> tuple[str, ...]:
        """App ids whose Entra tokens are accepted."""
        return (*self.entra_callers, self.app_id) if self.development else self.entra_callers

    @property
    def entra_issuers(self) -> tuple[str, ...]:
        """Both forms of Entra's issuer for our tenant."""
        return tuple(issuer.format(tenant=self.tenant_id) for issuer in self.defaults.entra)

    @property
    def login_url(self) -> str:
        """The token endpoint for our own tokens."""
        home = self.defaults.home if self.app_type == "MultiTenant" else self.tenant_id
        return self.token_url or f"{self.defaults.login}/{home}/oauth2/v2.0/token"

    @property
    def scope(self) -> str:
        """The resource our own tokens are for."""
        return self.token_scope or self.defaults.scope

    def check_bind(self, host: str) -> None:
        """Errors: ValueError when a development flag is set and `host`, the address we listen on, is not loopback."""
        if self.local and not is_loopback(host):
            raise ValueError(
                f"allow_unauthenticated and development need a loopback address; the server listens on {host or 'every address'}"
            )

    def admits(self, tenant: str) -> bool:
        """People of that Entra tenant may use the bot."""
        if not self.app_id:
            return self.allow_unauthenticated
        return self.tenants == ("*",) or tenant in (self.tenants or (self.tenant_id,))

    def trusts(self, url: str) -> bool:
        """Replies, and our token with them, may be sent to that connector: https and a known host; loopback in development."""
        return _trusted(url, self.local, self.service_hosts or self.defaults.hosts)


@lru_cache(1024)
def _trusted(url: str, local: bool, hosts: tuple[str, ...]) -> bool:
    # Asked for every activity and every message, of a handful of addresses.
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    if parts.username or parts.password or parts.query or parts.fragment:
        return False
    if is_loopback(host):
        return local and parts.scheme in ("http", "https")
    named = any(host == name or (name.startswith(".") and host.endswith(name)) for name in hosts)
    return parts.scheme == "https" and port in (None, 443) and named


def is_loopback(host: str) -> bool:
    """The name or address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
