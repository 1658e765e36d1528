"""`make screens`: walk the demonstration in the browser and keep a picture of every main page.

Those that the README shows are renewed in docs/screens/; the others go to var/screens/.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from biobank.demo import rig, run, seed
from biobank.demo.rig import Rig
from tests.browser.conftest import CHROMIUM, FLAGS

SHOWN, OTHERS = Path("docs/screens"), Path("var/screens")
Visit = Callable[[Page, Rig], None]


def _today(page: Page, _up: Rig) -> None:
    page.goto("/today")


def _enrol(page: Page, _up: Rig) -> None:
    page.goto("/participants/enrol")


def _open_visit(page: Page) -> str:
    page.goto("/today")
    page.get_by_role("link", name="Continue").first.click()
    return page.url.split("/visits/")[1].split("/")[0]


def _measurements(page: Page, up: Rig) -> None:
    page.goto(f"/visits/{_open_visit(page)}/measurements")
    page.locator("#station-live").wait_for()


def _collection(page: Page, up: Rig) -> None:
    page.goto(f"/visits/{_open_visit(page)}/collection")


def _path(path: str) -> Visit:
    return lambda page, _up: page.goto(path) and None


def _first_payment(page: Page, _up: Rig) -> None:
    page.goto("/payments")
    page.locator("main table a").first.click()


def _running_month(page: Page, _up: Rig) -> None:
    page.goto("/periods")
    page.locator("main table a").first.click()


def _tube(page: Page, up: Rig) -> None:
    page.goto(f"/tubes/{up.programme.stored_tube_id}")


def _devices(page: Page, up: Rig) -> None:
    page.goto(f"/stations/{up.programme.station_id}/devices")


def _device(page: Page, up: Rig) -> None:
    _devices(page, up)
    page.get_by_role("link", name="scale", exact=True).click()


def _source(page: Page, up: Rig) -> None:
    page.goto(f"/visits/{_open_visit(page)}/measurements/source/weight")


def _import_refused(page: Page, up: Rig) -> None:
    """What is wrong with a document that is none."""
    page.goto("/measurements/import")
    page.get_by_label("The document, as JSON").set_input_files(
        {"name": "document.json", "mimeType": "application/json", "buffer": b"{}"}
    )
    page.get_by_role("button", name="Import").click()


def _tube_part(part: str) -> Visit:
    return lambda page, up: page.goto(f"/tubes/{up.programme.stored_tube_id}/{part}") and None


def _box(page: Page, up: Rig) -> None:
    _tube(page, up)
    page.get_by_role("link", name="Show it in its box").click()
    page.wait_for_load_state()


SCREENS: tuple[tuple[str, str, Visit], ...] = (
    ("today", "carla", _today),
    ("enrol", "carla", _enrol),
    ("duplicates", "carla", _path("/duplicates")),
    ("privacy", "carla", _path("/privacy")),
    ("measurements", "carla", _measurements),
    ("source", "carla", _source),
    ("collection", "carla", _collection),
    ("packing", "carla", _path("/packing")),
    ("lost", "carla", _path("/lost")),
    ("supplies", "carla", _path("/supplies")),
    ("bench", "ben", _path("/bench")),
    ("overview", "ben", _path("/overview")),
    ("cases", "ben", _path("/cases")),
    ("bench-cards", "ben", _path("/bench/cards")),
    ("bench-late", "ben", _path("/bench/late")),
    ("tube", "ben", _tube),
    ("storage", "ben", _path("/storage")),
    ("box", "ben", _box),
    ("aliquots", "ben", _tube_part("aliquots")),
    ("sprec", "ben", _tube_part("sprec")),
    ("reconciliation", "ben", _path("/reconciliation")),
    ("withdrawals", "ben", _path("/withdrawals")),
    ("payments", "fiona", _path("/payments")),
    ("payment", "fiona", _first_payment),
    ("statements", "fiona", _path("/statements")),
    ("match", "fiona", _path("/payments/match")),
    ("ageing", "fiona", _path("/payments/ageing")),
    ("books", "fiona", _path("/payments/books")),
    ("months", "fiona", _path("/periods")),
    ("month", "fiona", _running_month),
    ("exceptions", "fiona", _path("/payments/exceptions")),
    ("layouts", "fiona", _path("/statements/layouts")),
    ("providers", "fiona", _path("/payments/providers")),
    ("bank-files", "fiona", _path("/payments/bank-files")),
    ("limits", "fiona", _path("/payments/limits")),
    ("tax", "fiona", _path("/payments/tax")),
    ("site-cash", "carla", _path("/site-cash")),
    ("labels", "carla", _path("/labels")),
    ("scanner", "carla", _path("/labels/scanner")),
    ("label-sheet", "adam", _path("/labels/sheets/lcry-1700")),
    ("label-designs", "adam", _path("/labels/designs")),
    ("label-design", "adam", _path("/labels/designs/tube-50x25")),
    ("label-stock", "adam", _path("/labels/stock")),
    ("label-rules", "adam", _path("/labels/rules?kind=tube&sort=1UR10&part=cup")),
    ("administration", "adam", _path("/administration")),
    ("site-devices", "carla", _path("/devices")),
    ("import", "adam", _path("/measurements/import")),
    ("import-refused", "adam", _import_refused),
    ("devices", "adam", _devices),
    ("device", "adam", _device),
    ("looks", "ada", _path("/looks")),
    ("alerts", "ada", _path("/looks/alerts")),
    ("touched", "ada", _path("/looks/touched?username=carla&since=2026-01-01T00:00&until=2036-01-01T00:00")),
    ("exports", "ada", _path("/looks/exports")),
    ("events", "ada", _path("/looks/events")),
    ("staff", "adam", _path("/staff")),
    ("networks", "adam", _path("/networks")),
    ("account", "adam", _path("/account")),
    ("approvals", "adam", _path("/approvals")),
)


def sign_in(page: Page, username: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("Name", exact=True).fill(username)
    page.get_by_label("Password").fill(seed.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def _folder(name: str) -> Path:
    return SHOWN if (SHOWN / name).exists() else OTHERS


def picture_all(browser: Browser, up: Rig) -> None:
    """Sign in as whoever a page is for, open it, keep its picture."""
    OTHERS.mkdir(parents=True, exist_ok=True)
    for name, username, visit in SCREENS:
        context = browser.new_context(base_url=up.address, viewport={"width": 1280, "height": 860}, locale="en-US")
        page = context.new_page()
        sign_in(page, username)
        visit(page, up)
        page.screenshot(path=_folder(f"{name}.png") / f"{name}.png", full_page=True)
        context.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as name, rig.running(Path(name) / "demo") as up, sync_playwright() as playwright:
        run.settle_first_payments(up)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        picture_all(browser, up)
        browser.close()


if __name__ == "__main__":
    main()
