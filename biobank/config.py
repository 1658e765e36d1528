"""Every setting, its meaning and its default; each is overridden by BIOBANK_<NAME> in the environment."""

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from biobank.errors import UnsafeSettings


class Profile(StrEnum):
    """How much is at stake: a demonstration, one site's pilot, the whole programme."""

    DEMO = "demo"
    SITE = "site"
    PROGRAMME = "programme"


def _setting(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The service's settings. `from_environment` reads them, `refuse_unsafe` stops a dangerous start."""

    profile: Profile = _setting(Profile.SITE, "demo, site or programme; only demo accepts unsafe settings")
    home: Path = _setting(Path("var"), "folder of the embedded databases, keys and files")
    database_url: str = _setting("", "study database; empty: an encrypted file in home")
    vault_url: str = _setting("", "vault (names, contacts, master list); empty: an encrypted file in home")
    encrypt_files: bool = _setting(True, "encrypt embedded database files (SQLCipher)")
    secret_key_file: Path | None = _setting(None, "file of the secret that signs; empty: made in home/keys")
    key_provider: str = _setting(
        "file", "where keys come from: file (home/keys, mode 0400), systemd (credentials of the unit) or openbao"
    )
    identity_days: int = _setting(
        30, "days after which the identity of somebody who left is destroyed, unless a payment is on its way to them"
    )
    openbao_url: str = _setting("", "address of the OpenBao server that wraps people's keys")
    openbao_token_file: Path | None = _setting(None, "file that holds the token OpenBao answers to")
    openbao_ca_file: Path | None = _setting(
        None, "authorities that OpenBao's certificate is checked against; empty: the system's"
    )
    openbao_key: str = _setting("biobank", "name of the master key in OpenBao's transit engine")
    host: str = _setting("127.0.0.1", "address the web server listens on")
    port: int = _setting(8000, "port the web server listens on")
    threads: int = _setting(16, "threads of the web server")
    trusted_hosts: str = _setting("", "host names that may be asked for, separated by commas; empty: any")
    cookie_secure: bool = _setting(True, "send the session cookie over TLS only, under the name __Host-sid")
    session_idle_minutes: int = _setting(10, "minutes without a request before a session locks")
    session_hours: int = _setting(12, "hours after which a session ends whatever happens")
    fresh_minutes: int = _setting(
        5, "minutes that a proof of who one is lasts for reveals, approvals, payments, exports"
    )
    factor_roles: str = _setting("", "roles that need a second factor, with commas; empty: none in demo, else all")
    passkey_roles: str = _setting("", "roles that need a passkey; empty: finance and administrator in programme")
    public_address: str = _setting("", "address of the service, such as https://biobank.example.org; empty: as asked")
    password_hash: str = _setting("argon2id", "argon2id, or pbkdf2-sha256 where FIPS-approved algorithms are demanded")
    breached_ranges_url: str = _setting(
        "", "k-anonymity service asked when a password is set; empty: the own list only"
    )
    oidc_issuer: str = _setting(
        "", "sign-in service (OpenID Connect issuer), such as https://login.example.gov; empty: none"
    )
    oidc_client: str = _setting("", "the client id that the sign-in service gave this programme")
    oidc_client_secret_file: Path | None = _setting(None, "file of the client's secret; empty: a public client (PKCE)")
    oidc_algorithms: str = _setting("RS256,PS256,ES256", "signature algorithms taken from the sign-in service")
    oidc_acr: str = _setting("", "contexts (acr) asked of the sign-in service, one of which it must answer; empty: any")
    oidc_mfa: str = _setting("mfa", "its words (amr or acr) that stand for a second factor")
    oidc_piv: str = _setting(
        "sc,hwk", "its words (amr or acr) that stand for a PIV card or key, which counts as a passkey"
    )
    trusted_proxies: str = _setting("", "networks of our own proxies, with commas; only they name a client's address")
    allowed_networks: str = _setting("", "networks that are let in, in CIDR notation with commas; empty: any")
    allowed_countries: str = _setting("", "countries that are let in, such as US,PR; empty: any")
    country_header: str = _setting("", "header in which our proxy names the client's country, such as CF-IPCountry")
    inactive_days: int = _setting(35, "days without use after which an account is stopped")
    temporary_hours: int = _setting(72, "hours that a temporary account lasts")
    export_limits: str = _setting(
        "clinic=500,biobank=100000,finance=200000,administrator=100000,auditor=10000",
        "records that one person may take as files in a day (UTC), by role; a role that is not named takes none",
    )
    export_people: int = _setting(25, "participants whose own data one person may hand out in a day (UTC)")
    languages: str = _setting("en,es", "languages offered, the first is the default")
    payment_provider: str = _setting("tremendous", "entry point of the payment provider")
    payment_base_url: str = _setting("", "address of the provider's interface; must be set where money is sent")
    payment_key_file: Path | None = _setting(None, "file that holds the provider's access key")
    payment_webhook_key_file: Path | None = _setting(
        None, "file of the key that the provider signs its webhooks with; empty: none are taken"
    )
    payment_ach_file: Path | None = _setting(
        None,
        "JSON file of who sends to the bank: bank_routing, bank_name, company_id, company_name; empty: no bank files",
    )
    payment_campaign: str = _setting("", "the provider's campaign id, which says what a participant may choose")
    payment_funding_source: str = _setting("BALANCE", "the provider's funding source id")
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR")

    @property
    def is_demo(self) -> bool:
        return self.profile is Profile.DEMO

    @property
    def countries(self) -> frozenset[str]:
        return frozenset(part.strip().upper() for part in self.allowed_countries.split(",") if part.strip())

    @property
    def records_by_role(self) -> dict[str, int]:
        """Records that each role may take as files in a day. Raises `UnsafeSettings` for a list that cannot be read."""
        try:
            pairs = [part.split("=") for part in self.export_limits.split(",") if part.strip()]
            return {role.strip(): int(number) for role, number in pairs}
        except ValueError as problem:
            words = f"BIOBANK_EXPORT_LIMITS={self.export_limits!r} must read like clinic=500,finance=200000."
            raise UnsafeSettings(words) from problem

    @property
    def locales(self) -> list[str]:
        return [part.strip() for part in self.languages.split(",") if part.strip()]


def _convert(name: str, kind: Any, text: str) -> Any:
    try:
        if kind is bool:
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[text.lower()]
        if kind is int:
            return int(text)
        if kind in (Path, Path | None):
            return Path(text)
        return Profile(text) if kind is Profile else text
    except (KeyError, ValueError) as problem:
        wanted = ", ".join(Profile) if kind is Profile else getattr(kind, "__name__", str(kind))
        raise UnsafeSettings(f"BIOBANK_{name.upper()}={text!r} is not usable; it must be {wanted}.") from problem


def from_environment(environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read the settings. Raises `UnsafeSettings` for a BIOBANK_ variable that is unknown or unusable."""
    source = os.environ if environment is None else environment
    known = {item.name: item.type for item in fields(Settings)}
    given: dict[str, Any] = {}
    for key, text in source.items():
        if not key.startswith("BIOBANK_") or key.startswith("BIOBANK_TEST_"):
            continue
        name = key.removeprefix("BIOBANK_").lower()
        if name not in known:
            raise UnsafeSettings(f"{key} is not a setting. Run `biobank settings` for the list.")
        given[name] = _convert(name, known[name], text)
    return Settings(**(given | overrides))


def refuse_unsafe(settings: Settings) -> None:
    """Raise `UnsafeSettings` naming everything that only a demonstration may do."""
    if settings.is_demo:
        return
    problems = []
    settings.records_by_role  # noqa: B018 - read once, so that a mistake stops the start
    if not settings.encrypt_files:
        problems.append("BIOBANK_ENCRYPT_FILES is off: people's data would lie on the disk in the clear.")
    if not settings.cookie_secure:
        problems.append("BIOBANK_COOKIE_SECURE is off: a session could be read from the network.")
    if settings.secret_key_file is None:
        problems.append("BIOBANK_SECRET_KEY_FILE is not set: the default secret is for demonstrations only.")
    if settings.profile is Profile.PROGRAMME and not (settings.database_url and settings.vault_url):
        problems.append("BIOBANK_DATABASE_URL and BIOBANK_VAULT_URL must name PostgreSQL databases for a programme.")
    if settings.database_url and settings.database_url == settings.vault_url:
        problems.append("BIOBANK_VAULT_URL is the study's own database: names must be kept apart.")
    problems += [*_oidc_problems(settings), *_network_problems(settings)]
    if problems:
        raise UnsafeSettings("This profile refuses to start:\n" + "\n".join(f"- {problem}" for problem in problems))


def _network_problems(settings: Settings) -> list[str]:
    if settings.allowed_countries and not (settings.country_header and settings.trusted_proxies):
        return ["BIOBANK_ALLOWED_COUNTRIES needs BIOBANK_COUNTRY_HEADER and BIOBANK_TRUSTED_PROXIES."]
    return []


def _oidc_problems(settings: Settings) -> list[str]:
    if not settings.oidc_issuer:
        return []
    problems = []
    if not settings.oidc_issuer.startswith("https://"):
        problems.append("BIOBANK_OIDC_ISSUER must begin with https://: sign-ins go there.")
    if not (settings.oidc_client and settings.public_address):
        problems.append("BIOBANK_OIDC_CLIENT and BIOBANK_PUBLIC_ADDRESS must be set for the sign-in service.")
    return problems


def describe() -> list[tuple[str, str, str]]:
    """Every setting as (variable, default, meaning), for the documentation and `biobank settings`."""
    return [
        (f"BIOBANK_{item.name.upper()}", "" if item.default is MISSING else str(item.default), item.metadata["meaning"])
        for item in fields(Settings)
    ]
