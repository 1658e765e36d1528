"""A real browser at a running programme: web, worker, station, simulated devices, printer and provider."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from biobank.demo import rig, run, seed
from biobank.demo.rig import Rig

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip

_CUT = ("htmx:sendError", "htmx:afterRequest")


@pytest.fixture(scope="session")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """Everything up, with a fortnight behind it and its first payments settled; on PostgreSQL for `make door`."""
    # The server's package complains at import where no desktop session has set this.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    on_server = os.environ.get("BIOBANK_TEST_BROWSER") == "postgresql"
    with rig.running(tmp_path_factory.mktemp("programme") / "demo", postgresql=on_server) as up:
        run.settle_first_payments(up)
        yield up


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """One for a process: it runs an event loop of its own."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    assert CHROMIUM, "The browser tests need Chromium: run `sh tests/browser/install.sh`."
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def window(chromium: Browser, programme: Rig) -> Iterator[BrowserContext]:
    """A browser window of one person; what its pages complain of on the console fails the test."""
    context = chromium.new_context(base_url=programme.address, locale="en-US", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    yield context
    context.close()


def _is_odd(text: str) -> bool:
    """A refused form answers 422, which the page explains; a line that a test cuts is told of by browser and htmx."""
    return "status of 422" not in text and "DISCONNECTED" not in text and not text.startswith(_CUT)


def listen(page: Page, complaints: list[str]) -> None:
    """Note what the page's console complains of."""
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type == "error" and _is_odd(said.text) else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))


@pytest.fixture
def complaints() -> list[str]:
    """What the console said."""
    return []


@pytest.fixture
def person(window: BrowserContext, complaints: list[str]) -> Iterator[Callable[[str], Page]]:
    """Somebody signs in and stands at their home page."""

    def arrive(username: str) -> Page:
        page = window.new_page()
        listen(page, complaints)
        page.goto("/sign-in")
        page.get_by_label("Name", exact=True).fill(username)
        page.get_by_label("Password").fill(seed.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    yield arrive
    assert complaints == []


def act(programme: Rig, device: str, **values: str) -> None:
    """What a person does at a device: steps on the scale, puts an arm into the kiosk, fires the scanner."""
    programme.devices[device].say(json.dumps(values))


def violations(page: Page) -> list[str]:
    """What axe finds wrong with a page as it stands."""
    found = Axe().run(page).response["violations"]
    return [f"{item['id']}: {node['html'][:160]}" for item in found for node in item["nodes"]]


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return tmp_path
