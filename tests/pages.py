"""A client that reads each page as it comes: one heading, unique ids, every box labelled; then acts on it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

_VOID = {"input", "br", "img", "meta", "link", "hr", "use", "path"}


@dataclass
class Form:
    """A form of a page with the values that stand in it."""

    action: str = ""
    method: str = "get"
    values: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """What a page holds, as far as a person can tell."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html, self.text, self.title = html, "", ""
        self.headings: list[str] = []
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.boxes: list[str] = []
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self._open: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if tag not in _VOID:
            self._open.append((tag, given))
        handler = getattr(self, f"_start_{tag}", None)
        if handler:
            handler(given)

    def _start_h1(self, _given: dict[str, str]) -> None:
        self.headings.append("")

    def _start_label(self, given: dict[str, str]) -> None:
        self.labels.add(given.get("for", ""))

    def _start_form(self, given: dict[str, str]) -> None:
        self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))

    def _start_input(self, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind not in ("hidden", "submit", "button") and "aria-label" not in given:
            self.boxes.append(given.get("id", f"(no id: {given.get('name')})"))
        if self.forms and given.get("name") and (kind not in ("radio", "checkbox") or "checked" in given):
            self.forms[-1].values[given["name"]] = given.get("value", "on" if kind == "checkbox" else "")

    def _start_select(self, given: dict[str, str]) -> None:
        if "aria-label" not in given:
            self.boxes.append(given.get("id", "(no id)"))

    def _start_option(self, given: dict[str, str]) -> None:
        name = next((a.get("name", "") for tag, a in reversed(self._open) if tag == "select"), "")
        if self.forms and name and (name not in self.forms[-1].values or "selected" in given):
            self.forms[-1].values[name] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self._open]
        if "title" in tags and "svg" not in tags:
            self.title += data
        if "h1" in tags:
            self.headings[-1] += data
        if "a" in tags and data.strip():
            self.links[data.strip()] = next(a.get("href", "") for tag, a in reversed(self._open) if tag == "a")
        if "button" in tags and self.forms and data.strip():
            given = next(a for tag, a in reversed(self._open) if tag == "button")
            self.forms[-1].buttons.append((data.strip(), given.get("name", ""), given.get("value", "")))
        if "script" not in tags and "style" not in tags:
            self.text += " " + data.strip()

    def faults(self) -> list[str]:
        """What a person with a screen reader would stumble over."""
        found = []
        if len(self.headings) != 1:
            found.append(f"{len(self.headings)} main headings")
        elif not self.title.strip().startswith(self.headings[0].strip()):
            found.append(f"title {self.title.strip()!r} does not start with {self.headings[0].strip()!r}")
        found += [f"id {name} stands twice" for name in {x for x in self.ids if self.ids.count(x) > 1}]
        found += [f"box {name} has no label" for name in self.boxes if name not in self.labels]
        return found


class Browser:
    """Asks for pages and forms as a browser does, and refuses to go on from a faulty page."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.page = Page("")
        self.response: TestResponse | None = None

    def _take(self, response: TestResponse) -> Page:
        self.response = response
        self.page = Page(response.get_data(as_text=True)) if response.mimetype == "text/html" else Page("")
        if response.mimetype == "text/html" and "<html" in self.page.html:
            assert self.page.faults() == [], f"{response.request.path}: {self.page.faults()}"
        return self.page

    @property
    def status(self) -> int:
        assert self.response is not None
        return self.response.status_code

    def get(self, path: str, **values: Any) -> Page:
        return self._take(self.client.get(path, follow_redirects=True, **values))

    def post(self, path: str, data: dict[str, Any]) -> Page:
        headers = {"Sec-Fetch-Site": "same-origin"}
        return self._take(self.client.post(path, data=data, headers=headers, follow_redirects=True))

    def submit(self, words: str, **values: Any) -> Page:
        """Press the button with these words, after filling in these values."""
        for form in self.page.forms:
            for label, name, value in form.buttons:
                if label == words:
                    pressed = {name: value} if name else {}
                    assert self.response is not None
                    return self.post(form.action or self.response.request.path, form.values | pressed | values)
        raise AssertionError(f"no button {words!r}: {[b[0] for f in self.page.forms for b in f.buttons]}")

    def sign_in(self, username: str, password: str = "correct horse battery") -> Page:
        self.get("/sign-in")
        return self.submit("Sign in", username=username, password=password)
