"""What each kind of answer must never do with a word that somebody typed: become markup, a formula, a command."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path

from werkzeug.test import TestResponse

MARK = "zq7k"
CORPUS: Mapping[str, Sequence[str]] = json.loads((Path(__file__).parent / "payloads.json").read_text())
WORDS = [word for words in CORPUS.values() for word in words]
_LEADS = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠")
_ADDRESSES = ("href", "src", "action", "formaction", "data", "background", "hx-get", "hx-post", "srcdoc", "poster")
_LIVE = re.compile(r"^\s*(javascript|data|vbscript|https?):|^\s*[/\\]{2}", re.IGNORECASE)


class Markup(HTMLParser):
    """Reads a page as a browser does, and keeps what a typed word became besides text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.broken: list[str] = []
        self._in = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in = tag
        if MARK in tag:
            self.broken.append(f"element {tag}")
        for name, value in attrs:
            text = value or ""
            if MARK in name or (MARK in text and (name.startswith("on") or name == "style")):
                self.broken.append(f"attribute {name} of {tag}")
            if MARK in text and name in _ADDRESSES and _LIVE.search(text):
                self.broken.append(f"address {name}={text[:40]} of {tag}")

    def handle_endtag(self, tag: str) -> None:
        self._in = ""

    def handle_data(self, data: str) -> None:
        if MARK in data and self._in in ("script", "style"):
            self.broken.append(f"inside {self._in}")

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.broken.append("a comment")


def formulas(text: str) -> Iterator[str]:
    try:
        rows = list(csv.reader(io.StringIO(text)))
    except csv.Error as problem:
        yield f"no CSV: {problem}"
        return
    for row in rows:
        for cell in row:
            if MARK in cell and cell.lstrip(" \u00a0\"'").startswith(_LEADS) and not cell.startswith("'"):
                yield f"formula {cell[:30]!r}"


def _headers(answer: TestResponse) -> Iterator[str]:
    for name, value in answer.headers:
        if MARK in name or (MARK in value and name == "Set-Cookie" and value.startswith(MARK)):
            yield f"header {name}"
        if name == "Location" and MARK in value and _LIVE.search(value.removeprefix("http://localhost")):
            yield f"sent to {value[:60]}"


def wrongs(answer: TestResponse) -> Iterator[str]:
    """What is wrong with an answer."""
    if answer.status_code >= 500:
        yield f"status {answer.status_code}"
    yield from _headers(answer)
    if answer.mimetype == "text/html":
        yield from Markup(answer.get_data(as_text=True)).broken
    elif answer.mimetype == "text/csv":
        yield from formulas(answer.get_data().decode("utf-8", "replace"))
    elif answer.mimetype == "application/pdf" and re.search(rb"/JavaScript|/Launch|/URI ?\(//zq7k", answer.get_data()):
        yield "a command in a PDF"


def printed_commands(content: bytes) -> list[bytes]:
    """Commands of a printer that stand right before a typed word."""
    return re.findall(rb"[\^~!\x1b\x10][^\n]{0,12}zq7k", content)
