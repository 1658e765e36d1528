"""OpenBao's transit and key-value engines, as far as its interface pages tell: one process, nothing kept."""

import base64
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "s.test-token"


class Transit:
    """The state: versions of one key, and the secrets."""

    def __init__(self) -> None:
        self.versions = {1: secrets.token_bytes(32)}
        self.least = 1
        self.kept: dict[str, dict[str, Any]] = {}

    def encrypt(self, item: dict[str, str]) -> dict[str, Any]:
        version = max(self.versions)
        nonce, place = secrets.token_bytes(12), base64.b64decode(item["associated_data"])
        body = AESGCM(self.versions[version]).encrypt(nonce, base64.b64decode(item["plaintext"]), place)
        return {"ciphertext": f"vault:v{version}:{base64.b64encode(nonce + body).decode()}", "key_version": version}

    def decrypt(self, item: dict[str, str]) -> dict[str, Any]:
        try:
            _, version, text = item["ciphertext"].split(":")
            number, body = int(version[1:]), base64.b64decode(text)
            if number < self.least or number not in self.versions:
                return {"error": "ciphertext or signature version is disallowed by policy (too old)"}
            place = base64.b64decode(item["associated_data"])
            key = AESGCM(self.versions[number]).decrypt(body[:12], body[12:], place)
            return {"plaintext": base64.b64encode(key).decode()}
        except (InvalidTag, ValueError):
            return {"error": "cipher: message authentication failed"}


class _Handler(BaseHTTPRequestHandler):
    transit: Transit

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self, status: int, data: Any = None) -> None:
        body = b"" if data is None else json.dumps({"data": data}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        if self.headers.get("X-Vault-Token") != TOKEN:
            self._answer(403)
        elif self.path == "/v1/transit/keys/biobank":
            self._answer(200, {"latest_version": max(self.transit.versions)})
        else:
            found = self.transit.kept.get(self.path)
            self._answer(*((200, {"data": found}) if found else (404, None)))

    def do_POST(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        if self.headers.get("X-Vault-Token") != TOKEN:
            return self._answer(403)
        if "/secret/data/" in self.path:
            self.transit.kept.setdefault(self.path, given["data"])
            return self._answer(200, {"version": 1})
        return self._transit(given)

    def _transit(self, given: dict[str, Any]) -> None:
        verb = self.path.removeprefix("/v1/transit/").split("/")
        if verb[0] in ("encrypt", "decrypt"):
            work = self.transit.encrypt if verb[0] == "encrypt" else self.transit.decrypt
            results = [work(item) for item in given["batch_input"]]
            bad = any("error" in item for item in results)
            return self._answer(400 if bad else 200, {"batch_results": results})
        if verb[-1] == "rotate":
            self.transit.versions[max(self.transit.versions) + 1] = secrets.token_bytes(32)
        elif verb[-1] == "config":
            self.transit.least = given["min_decryption_version"]
        elif verb[-1] == "trim":
            least = given["min_available_version"]
            self.transit.versions = {n: key for n, key in self.transit.versions.items() if n >= least}
        return self._answer(204)


@contextmanager
def running() -> Iterator[tuple[str, Transit]]:
    """The address of a server with one key of one version."""
    handler = type("Handler", (_Handler,), {"transit": Transit()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", handler.transit  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
