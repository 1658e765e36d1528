"""The sign-in service over HTTP: its published addresses and keys, and a code exchanged for an ID token."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from biobank import clock
from biobank.config import Settings
from biobank.errors import Refused, UnsafeSettings
from biobank.web.strict_json import loads

_SECONDS = 5.0
_KEPT_SECONDS = 600
_LEAST_SECONDS = 30
_LARGEST = 200_000
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ServiceUnavailable(Refused):
    """The sign-in service does not answer, or not as the standard has it."""

    status = 503
    code = "sign-in-service"

    def __init__(self) -> None:
        super().__init__("The sign-in service does not answer. Wait a minute and try again, or use another way.")


@dataclass(frozen=True)
class Tokens:
    """What a code was exchanged for; neither leaves the server."""

    id_token: str
    access_token: str


class Service:
    """One issuer, as its discovery document describes it (OpenID Connect Discovery 1.0, section 4)."""

    def __init__(self, settings: Settings) -> None:
        self.issuer, self.client = settings.oidc_issuer, settings.oidc_client
        self._secret_file = settings.oidc_client_secret_file
        self._may_be_local = settings.is_demo
        self._require_safe(self.issuer)
        # No redirects and no proxy of the environment: these addresses and no others.
        self._http = httpx.Client(timeout=_SECONDS, follow_redirects=False, trust_env=False)
        self._kept: dict[str, tuple[float, Mapping[str, Any]]] = {}

    def _require_safe(self, address: str) -> None:
        parts = urlsplit(address)
        local = self._may_be_local and parts.scheme == "http" and parts.hostname in _LOOPBACK
        if not local and (parts.scheme != "https" or not parts.hostname):
            raise UnsafeSettings("BIOBANK_OIDC_ISSUER and its addresses must begin with https://: sign-ins go there.")

    def _ask(self, method: str, address: str, **sent: Any) -> Mapping[str, Any]:
        try:
            answer = self._http.request(method, address, **sent)
            body = loads(answer.content) if len(answer.content) <= _LARGEST else None
        except (httpx.HTTPError, ValueError) as problem:
            raise ServiceUnavailable from problem
        if answer.status_code != httpx.codes.OK or not isinstance(body, dict):
            raise ServiceUnavailable
        return body

    def _published(self, address: str, within: float = _KEPT_SECONDS) -> Mapping[str, Any]:
        now = clock.now().timestamp()
        at, body = self._kept.get(address, (0.0, {}))
        if now - at >= within:
            body = self._ask("GET", address)
            self._kept[address] = (now, body)
        return body

    def _addresses(self) -> Mapping[str, str]:
        found = self._published(self.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            # Another issuer's document here would let it sign for this one (RFC 9207, mix-up).
            raise ServiceUnavailable
        addresses = {name: str(found.get(name, "")) for name in _ADDRESSES}
        try:
            for address in addresses.values():
                self._require_safe(address)
        except UnsafeSettings as problem:
            raise ServiceUnavailable from problem
        return addresses

    def address(self, **asked: str) -> str:
        """Where the browser goes, with what is asked there."""
        address = self._addresses()["authorization_endpoint"]
        return address + ("&" if "?" in address else "?") + urlencode(asked)

    def keys(self, key_id: str | None) -> Mapping[str, Any]:
        """The published keys; asked for anew, at most twice a minute, when this one is not among them."""
        address = self._addresses()["jwks_uri"]
        found = self._published(address)
        if key_id is not None and key_id not in {key.get("kid") for key in found.get("keys", ())}:
            found = self._published(address, within=_LEAST_SECONDS)
        return found

    def exchange(self, code: str, verifier: str, return_address: str) -> Tokens:
        """Exchange a code, once. Raises `ServiceUnavailable` also where the service refuses the code."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": return_address,
                "code_verifier": verifier, "client_id": self.client}  # fmt: skip
        secret = self._secret_file.read_text().strip() if self._secret_file else None
        proof = {"auth": (self.client, secret)} if secret else {}
        body = self._ask("POST", self._addresses()["token_endpoint"], data=form, **proof)
        token, access = body.get("id_token"), body.get("access_token")
        if not isinstance(token, str) or not isinstance(access, str):
            raise ServiceUnavailable
        return Tokens(token, access)


@lru_cache(maxsize=8)
def service_of(settings: Settings) -> Service:
    """The sign-in service that these settings name."""
    return Service(settings)
