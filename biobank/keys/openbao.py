"""Master keys that never leave OpenBao (or Vault): its transit engine wraps, its key-value engine keeps the secrets."""

import base64
import secrets
import ssl
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import httpx

from biobank.config import Settings
from biobank.errors import Invalid, UnsafeSettings
from biobank.keys.provider import KEY_BYTES, BadKey, KeysUnavailable, Wrapped

_SECONDS = 5.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class OpenBaoKeys:
    """Transit HTTP interface (openbao.org/api-docs/secret/transit): a key of type aes256-gcm96, made exportable=false.

    A master key's id is its version, `v3`. `place` goes as `associated_data`, which the engine binds to the text.
    """

    def __init__(self, settings: Settings) -> None:
        url = httpx.URL(settings.openbao_url or "")
        if url.scheme != "https" and url.host not in _LOOPBACK:
            raise UnsafeSettings("BIOBANK_OPENBAO_URL must begin with https://: keys travel over it.")
        if settings.openbao_token_file is None:
            raise UnsafeSettings("BIOBANK_OPENBAO_TOKEN_FILE is not set: OpenBao answers nobody without a token.")
        self._token_file = settings.openbao_token_file
        self._key = settings.openbao_key
        verify = ssl.create_default_context(cafile=settings.openbao_ca_file)
        verify.minimum_version = ssl.TLSVersion.TLSv1_2
        # Neither a proxy nor another list of authorities may come from the environment: keys travel here.
        self._client = httpx.Client(base_url=url, timeout=_SECONDS, verify=verify, trust_env=False,
                                    follow_redirects=False)  # fmt: skip

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> httpx.Response:
        try:
            token = self._token_file.read_text().strip()
            return self._client.request(method, f"/v1/{path}", json=body, headers={"X-Vault-Token": token})
        except (httpx.HTTPError, OSError) as problem:
            raise KeysUnavailable("The key service does not answer. Wait a minute and try again.") from problem

    def _data(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        answer = self._ask(method, path, body)
        if answer.status_code not in (HTTPStatus.OK, HTTPStatus.NO_CONTENT):
            raise KeysUnavailable("The key service refused (%(status)s). Ask your administrator to look at its log.",
                                  status=answer.status_code)  # fmt: skip
        return answer.json().get("data", {}) if answer.content else {}

    def secret(self, name: str) -> bytes:
        path = f"secret/data/biobank/{name}"
        answer = self._ask("GET", path)
        if answer.status_code == HTTPStatus.NOT_FOUND:
            # cas=0 writes only what is not there yet: of two processes, both read the one that came first.
            self._ask("POST", path, {"options": {"cas": 0}, "data": {"key": secrets.token_hex(KEY_BYTES)}})
        return bytes.fromhex(self._data("GET", path)["data"]["key"])

    def _latest(self) -> int:
        return int(self._data("GET", f"transit/keys/{self._key}")["latest_version"])

    def current(self) -> str:
        return f"v{self._latest()}"

    def wrap(self, items: Sequence[tuple[bytes, bytes]]) -> list[Wrapped]:
        batch = [{"plaintext": _text(key), "associated_data": _text(place)} for key, place in items]
        found = self._data("POST", f"transit/encrypt/{self._key}", {"batch_input": batch})["batch_results"]
        return [Wrapped(item["ciphertext"].split(":")[1], item["ciphertext"].encode()) for item in found]

    def unwrap(self, items: Sequence[tuple[Wrapped, bytes]]) -> list[bytes]:
        batch = [{"ciphertext": wrapped.body.decode(errors="replace"), "associated_data": _text(place)}
                 for wrapped, place in items]  # fmt: skip
        answer = self._ask("POST", f"transit/decrypt/{self._key}", {"batch_input": batch})
        if answer.status_code == HTTPStatus.BAD_REQUEST:
            raise BadKey("a wrapped key does not open")
        if answer.status_code != HTTPStatus.OK:
            raise KeysUnavailable("The key service refused (%(status)s). Ask your administrator to look at its log.",
                                  status=answer.status_code)  # fmt: skip
        found = answer.json()["data"]["batch_results"]
        if any(item.get("error") for item in found):
            raise BadKey("a wrapped key does not open")
        return [base64.b64decode(item["plaintext"]) for item in found]

    def rotate(self) -> str:
        self._data("POST", f"transit/keys/{self._key}/rotate")
        return self.current()

    def retire(self, master: str) -> None:
        """Versions fall in order: this one and every older one."""
        version = int(master.removeprefix("v"))
        if version >= self._latest():
            raise Invalid("%(master)s is the master key in use. Rotate first.", master=master)
        least = {"min_decryption_version": version + 1, "min_encryption_version": version + 1}
        self._data("POST", f"transit/keys/{self._key}/config", least)
        self._data("POST", f"transit/keys/{self._key}/trim", {"min_available_version": version + 1})


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
