"""A small sign-in service of the tests' own: real HTTP, real keys, and a way to answer what it should not."""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from biobank import clock
from biobank.access.oidc.tokens import hash_of

CLIENT = "biobank"


@cache
def key(name: str = "main") -> RSAKey:
    """A key of the service; another name is another key."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"}, private=True)


def signed(claims: dict[str, Any], header: dict[str, Any] | None = None, by: Any = None) -> str:
    """A token as the service signs it."""
    return jwt.encode({"alg": "RS256", "kid": "main"} | (header or {}), claims, by or key(), algorithms=["RS256"])


class SignInService:
    """An OpenID Connect provider whose one person is signed in already; `twist` changes the claims it signs."""

    def __init__(self, address: str) -> None:
        self.issuer = address
        self.subject, self.ways = "c0ffee", ["pwd", "mfa"]
        self.twist: Callable[[dict[str, Any]], str] | None = None
        self.asked: list[dict[str, str]] = []
        self._codes: dict[str, dict[str, str]] = {}

    def describe(self) -> dict[str, Any]:
        return {"issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys"}  # fmt: skip

    def published(self) -> dict[str, Any]:
        return {"keys": [key().as_dict(private=False)]}

    def authorise(self, query: dict[str, str]) -> str:
        self.asked.append(query)
        code = secrets.token_urlsafe(12)
        self._codes[code] = query
        return query["redirect_uri"] + "?" + urlencode({"code": code, "state": query["state"], "iss": self.issuer})

    def exchange(self, form: dict[str, str]) -> dict[str, Any] | None:
        query = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        given = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if query is None or query["code_challenge"] != given or query["redirect_uri"] != form.get("redirect_uri"):
            return None
        now, access = int(clock.now().timestamp()), secrets.token_urlsafe(12)
        claims = {"iss": self.issuer, "aud": query["client_id"], "sub": self.subject, "nonce": query["nonce"],
                  "iat": now, "exp": now + 300, "auth_time": now, "amr": self.ways,
                  "at_hash": hash_of(access, "RS256")}  # fmt: skip
        token = self.twist(claims) if self.twist else signed(claims)
        return {"id_token": token, "access_token": access, "token_type": "Bearer"}


def _handler(service_of: Callable[[], SignInService]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Quiet."""

        def _answer(self, body: dict[str, Any] | None) -> None:
            text = json.dumps(body or {"error": "invalid_grant"}).encode()
            self.send_response(200 if body else 400)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def do_GET(self) -> None:
            parts, service = urlsplit(self.path), service_of()
            if parts.path != "/authorize":
                self._answer(service.published() if parts.path == "/keys" else service.describe())
                return
            self.send_response(303)
            self.send_header("Location", service.authorise({k: v[0] for k, v in parse_qs(parts.query).items()}))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self._answer(service_of().exchange({k: v[0] for k, v in form.items()}))

    return Handler


@contextmanager
def running() -> Iterator[SignInService]:
    """The service on a port of its own."""
    made: list[SignInService] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(lambda: made[0]))
    made.append(SignInService(f"http://127.0.0.1:{server.server_port}"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made[0]
    server.shutdown()
    server.server_close()
    thread.join()
