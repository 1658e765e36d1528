"""The desk's own screen: a page of this machine alone that shows each device, the store, the clock and the server."""

import base64
import hashlib
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from biobank import clock
from biobank.devices import registry
from biobank.devices.board import Entry, State
from biobank.devices.screen_words import ENGLISH, SCRIPT, SPANISH, STYLE
from biobank.devices.station import ConfigError
from biobank.devices.tongue import last_frame, tongue, trouble

Shown = Callable[[], dict[str, Any]]
_HOST = "127.0.0.1"
_LOOK_SECONDS = 0.2
_DIGEST = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; script-src 'sha256-{_DIGEST}'"
_SIGNS = {State.CONNECTED: "✓", State.MISSING: "◷", State.BUSY: "◷", State.ERROR: "!"}


class Screen:
    """Serves the page on the loopback address; `port` is the one in use."""

    def __init__(self, port: int, shown: Shown) -> None:
        """Raises ConfigError when the port is taken."""
        try:
            self._server = ThreadingHTTPServer((_HOST, port), _handler(shown))
        except OSError as error:
            raise ConfigError(f"screen_port = {port} is in use: choose another one, or 0 for no screen.") from error
        self._server.daemon_threads = True
        self.port = self._server.server_port

    def run(self, stop: threading.Event) -> None:
        """Serve until told to stop."""
        serving = threading.Thread(target=self._server.serve_forever, args=(_LOOK_SECONDS,), daemon=True)
        serving.start()
        stop.wait()
        self._server.shutdown()
        self._server.server_close()
        serving.join()


def _handler(shown: Shown) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # A page elsewhere that gave itself this machine's address must not read this one.
            if self.headers.get("Host", "").rpartition(":")[0] not in (_HOST, "localhost"):
                return self._answer(421, b"")
            spanish = self.headers.get("Accept-Language", "").lower().startswith("es")
            return self._answer(200, page(shown(), SPANISH if spanish else ENGLISH).encode())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Security-Policy", _POLICY)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """A look at the screen is no event."""

    return Handler


def page(shown: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """The whole page; it asks for itself again every two seconds."""
    rows = "".join(_row(entry, words) for entry in shown["devices"]) or f'<tr><td colspan="5">{words["none"]}</td></tr>'
    heads = "".join(f'<th scope="col">{words[name]}</th>' for name in ("device", "kind", "state", "last", "port"))
    facts = "".join(f"<dt>{words[name]}</dt><dd>{text}</dd>" for name, text in _facts(shown, words))
    return (
        f'<!doctype html><html lang="{words["lang"]}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{words["title"]}</title><style>{STYLE}</style>'
        f'<main><h1>{words["title"]}</h1><dl>{facts}</dl><div class="wide" tabindex="0" role="region" '
        f'aria-label="{words["devices"]}"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
        f'</main><p class="wrong" role="alert" id="silent" hidden>! {words["silent"]}</p>'
        f'<noscript><a href="/">{words["again"]}</a></noscript><script>{SCRIPT}</script></html>'
    )


def _facts(shown: Mapping[str, Any], words: Mapping[str, str]) -> list[tuple[str, str]]:
    heard, skew = shown["heard_at"], shown["skew_seconds"]
    away = words["never"] if heard is None else _ago(heard, words)
    store = escape(shown["store"]) or words["waiting"] % {"n": shown["waiting"]}
    refused = words["refused"] % {"n": shown["refused"]} if shown["refused"] else ""
    clocks = "–" if skew is None else words["skew"] % {"n": f"{0.0 - round(skew, 1):+.1f}"}
    return [
        ("server", f"{escape(shown['server'])} · {away}{_trouble(trouble(shown['trouble'], words['lang']))}"),
        ("store", " · ".join(text for text in (store, refused) if text)),
        ("clock", _trouble(words["skewed"]).lstrip() + " " + clocks if shown["skewed"] else clocks),
    ]


def _trouble(text: str) -> str:
    return f' <strong class="wrong">! {escape(text)}</strong>' if text else ""


def _row(entry: Entry, words: Mapping[str, str]) -> str:
    say, told = tongue(words["lang"]), escape(trouble(entry.detail, words["lang"]))
    tone = "done" if entry.state is State.CONNECTED and not entry.detail else "wrong"
    last = (
        f"{escape(last_frame(entry.said, words['lang']))} · {_ago(entry.last_frame_at, words)}"
        if entry.last_frame_at
        else words["nothing"]
    )
    try:
        protocol = registry.load(entry.protocol)
        kind = f"{escape(say(protocol.title))}<br><small>{escape(say(protocol.evidence))}</small>"
    except registry.UnknownProtocol:
        kind = escape(entry.protocol)
    return (
        f'<tr><th scope="row">{escape(entry.name)}</th><td>{kind}</td><td class="{tone}">{_SIGNS[entry.state]} '
        f"{words[entry.state.value]}<br><small>{told}</small></td><td>{last}</td>"
        f"<td><code>{escape(entry.port)}</code></td></tr>"
    )


def _ago(moment: datetime, words: Mapping[str, str]) -> str:
    return words["ago"] % {"n": max(0, round((clock.now() - moment).total_seconds()))}
