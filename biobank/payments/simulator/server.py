"""The simulated provider's HTTP: routes, keep-alive connections, and the ways an answer can go missing."""

import json
import re
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from biobank.payments.simulator import control
from biobank.payments.simulator.desk import Desk, Reply, problem

LARGEST_BODY = 1_000_000
Route = Callable[[Desk, str, dict[str, str], bytes], Reply]
# The part in brackets is handed to the route; control pages and gifts need no key, as they never leave the machine.
ROUTES: tuple[tuple[str, re.Pattern[str], Route], ...] = tuple(
    (method, re.compile(pattern), route)
    for method, pattern, route in (
        ("POST", r"/api/v2/orders()", lambda desk, _, __, body: desk.create(body)),
        ("GET", r"/api/v2/orders()", lambda desk, _, query, __: desk.list_orders(query)),
        ("GET", r"/api/v2/orders/([^/]+)", lambda desk, key, _, __: desk.find(key)),
        ("GET", r"/api/v2/rewards/([^/]+)", lambda desk, key, _, __: desk.show_reward(key)),
        ("POST", r"/api/v2/rewards/([^/]+)/generate_link", lambda desk, key, _, __: desk.renew_link(key)),
        ("POST", r"/api/v2/rewards/([^/]+)/resend", lambda desk, key, _, body: desk.resend(key, body)),
        ("POST", r"/api/v2/rewards/([^/]+)/cancel", lambda desk, key, _, __: desk.cancel(key)),
        ("POST", r"/api/v2/webhooks()", lambda desk, _, __, body: desk.add_webhook(body)),
        ("GET", r"/api/v2/funding_sources()", lambda desk, _, __, ___: desk.funding_sources()),
        ("GET", r"/api/v2/balance_transactions()", lambda desk, _, query, __: desk.balance_transactions(query)),
        ("POST", r"/api/v2/topups()", lambda desk, _, __, body: control.top_up(desk.books, body)),
        ("GET", r"/simulator/bank\.bai()", lambda desk, _, __, ___: control.bank(desk.books)),
        ("POST", r"/simulator/faults()", lambda desk, _, __, body: control.set_faults(desk.books, body)),
        ("GET", r"/simulator/state()", lambda desk, _, __, ___: control.state(desk.books)),
        ("GET", r"/simulator/posts()", lambda desk, _, __, ___: control.wait_for_posts(desk)),
        ("GET", r"/simulator/statement\.csv()", lambda desk, _, __, ___: control.statement(desk.books)),
        ("GET", r"/gift/([^/]+)", lambda desk, token, _, __: control.gift(desk.books, token)),
    )
)


class Server(ThreadingHTTPServer):
    """Listens on this machine only; port 0 takes a free one."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, desk: Desk, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.desk = desk
        self.desk.link_root = f"http://127.0.0.1:{self.server_port}"
        self.desk.courier.start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up while it is answered is a planned event here, not a fault to print."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        self._send(self._answer("GET"))

    def do_POST(self) -> None:
        self._send(self._answer("POST"))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Paths carry gift tokens: nothing is logged."""

    def _answer(self, method: str) -> Reply:
        body = self._body()
        if body is None:
            self.close_connection = True
            return problem(413, "A body of at most a megabyte, with its length, is needed")
        parts = urlsplit(self.path)
        if parts.path.startswith("/api/"):
            refusal = self.server.desk.refuse(self.headers.get("Authorization"))
            if refusal is not None:
                return refusal
        for verb, pattern, route in ROUTES:
            found = pattern.fullmatch(parts.path)
            if verb == method and found:
                return route(self.server.desk, unquote(found[1]), dict(parse_qsl(parts.query)), body)
        return problem(404, "Not found")

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if (
            "Transfer-Encoding" in self.headers
            or not (length.isascii() and length.isdigit())
            or int(length) > LARGEST_BODY
        ):
            return None
        return self.rfile.read(int(length))

    def _send(self, reply: Reply) -> None:
        time.sleep(reply.delay_seconds)
        if reply.is_lost:
            self.close_connection = True
            return
        content = reply.content if isinstance(reply.content, bytes) else json.dumps(reply.content).encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
