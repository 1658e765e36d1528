"""A small server that checks each station's signature and answers as the programme would."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

STATION = "6f1d1c1e-0000-4000-8000-000000000001"
BASE = f"/api/v1/stations/{STATION}/"

Answer = tuple[int, dict[str, Any]]


class DeskServer:
    """Listens on a port of its own; `requests` yields every accepted request as (action, body).

    `drops` is how many connections are closed without an answer after the request was read. `answers` may replace
    the answer to an action.
    """

    def __init__(self, public_key: str) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key))
        self.requests: Queue[tuple[str, dict[str, Any]]] = Queue()
        self.forged: list[str] = []
        self.keys: list[str] = []
        self.readings: dict[int, dict[str, Any]] = {}
        self.acknowledged: list[int] = []
        self.jobs: list[dict[str, Any]] = []
        self.drops = 0
        self.answers: dict[str, Callable[[dict[str, Any]], Answer]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def await_action(self, action: str, seconds: float = 10) -> dict[str, Any]:
        """The body of the next request of this kind."""
        while True:
            found, body = self.requests.get(timeout=seconds)
            if found == action:
                return body

    def is_signed(self, headers: Any, path: str, body: bytes) -> bool:
        message = f"POST\n{path}\n{headers['Station-Time']}\n{hashlib.sha256(body).hexdigest()}".encode()
        try:
            self._key.verify(base64.b64decode(headers["Station-Signature"]), message)
        except InvalidSignature:
            return False
        return headers["Station-Id"] == STATION

    def answer(self, action: str, body: dict[str, Any]) -> Answer:
        if action in self.answers:
            return self.answers[action](body)
        if action == "readings":
            return 200, self._take(body["readings"])
        if action == "print-jobs/claim":
            jobs, self.jobs = self.jobs, []
            return 200, {"jobs": jobs}
        return 200, {"server_time": "2026-11-20T18:00:00Z", "site": "North"}

    def _take(self, readings: list[dict[str, Any]]) -> dict[str, list[int]]:
        seqs = [reading["seq"] for reading in readings]
        known = [seq for seq in seqs if seq in self.readings]
        self.readings |= {reading["seq"]: reading for reading in readings}
        fresh = [seq for seq in seqs if seq not in known]
        self.acknowledged += fresh
        return {"acknowledged": fresh, "duplicates": known}


def _handler(server: DeskServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not server.is_signed(self.headers, self.path, body):
                server.forged.append(self.path)
                return self._send(401, {"title": "Not signed"})
            server.keys.append(self.headers["Idempotency-Key"])
            action, content = self.path.removeprefix(BASE), json.loads(body)
            status, answer = server.answer(action, content)
            if server.drops:
                server.drops -= 1
                self.close_connection = True
                return None
            self._send(status, answer)
            server.requests.put((action, content))
            return None

        def _send(self, status: int, answer: dict[str, Any]) -> None:
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json" if status < 400 else "application/problem+json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing on the screen."""

    return Handler
