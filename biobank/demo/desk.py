"""The simulated desk: a page with a button for each thing a person would do at a real device."""

import html
import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

Act = Callable[[Mapping[str, str]], None]
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Simulated desk</title><style>body{{font:1.1rem/1.5 sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}}
form{{border:1px solid #ccc;border-radius:6px;padding:1rem;margin:0 0 1rem}}label{{margin-right:1rem}}
input{{font:inherit;width:7rem;min-height:2.6rem}}input.long{{width:14rem}}
button{{font:inherit;min-height:3rem;padding:0 1.2rem}}
.done{{background:#ecf3ec;padding:.6rem 1rem}}</style>
<h1>Simulated desk</h1><p>What a person would do at the real devices. Each button makes a simulated device speak on its
serial line; the reading then appears on the clerk's page by itself.</p>{done}{forms}</html>"""


def _form(name: str, title: str, boxes: Mapping[str, str]) -> str:
    inputs = "".join(
        f'<label>{html.escape(label)} <input name="{label}" value="{html.escape(value)}" '
        f'class="{"long" if label == "code" else ""}"></label>'
        for label, value in boxes.items()
    )
    return f'<form method="post" action="/{name}">{inputs}<button>{html.escape(title)}</button></form>'


class Desk:
    """Serves the desk page; each form's values go to the device of that name."""

    def __init__(self, devices: Mapping[str, tuple[str, Mapping[str, str], Act]]) -> None:
        self.devices = devices
        desk = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer("")

            def do_POST(self) -> None:
                name = self.path.strip("/")
                length = int(self.headers.get("Content-Length", 0))
                values = {key: found[0] for key, found in parse_qs(self.rfile.read(length).decode()).items()}
                if name in desk.devices:
                    desk.devices[name][2](values)
                self._answer(
                    f'<p class="done" role="status">✓ {html.escape(name)}: {html.escape(json.dumps(values))}</p>'
                )

            def _answer(self, done: str) -> None:
                body = desk.page(done).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                """Say nothing: values belong to a simulated person all the same."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def page(self, done: str) -> str:
        forms = "".join(_form(name, title, boxes) for name, (title, boxes, _) in self.devices.items())
        return _PAGE.format(done=done, forms=forms)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/"

    def start(self) -> None:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
