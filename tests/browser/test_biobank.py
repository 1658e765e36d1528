"""A technician at the bench with a keyboard-wedge scanner, and a finance officer with a statement."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from biobank import db
from biobank.demo.rig import Rig
from biobank.specimens.shipping_models import Shipment
from tests.browser.conftest import violations

pytestmark = pytest.mark.browser
People = Callable[[str], Page]


def _scan(page: Page, code: str, pause_ms: int = 0) -> None:
    """A wedge scanner: the code in a burst, then Enter, wherever the focus is; a busy machine hears a pause in it."""
    page.keyboard.type(code[:5], delay=3)
    page.wait_for_timeout(pause_ms)
    page.keyboard.type(code[5:], delay=3)
    page.keyboard.press("Enter")


def _burst(page: Page, codes: list[str]) -> None:
    """Several scans at once, before the first is answered, as fast as the page can hear them."""
    page.evaluate(
        """codes => { for (const code of codes) for (const key of [...code, "Enter"])
             document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true})); }""",
        codes,
    )


def _on_its_way(programme: Rig) -> tuple[str, list[str]]:
    """The tracking number of the parcel on its way, and the codes on its frozen list."""
    databases = db.connect(programme.settings)
    with databases.transaction(read_only=True) as tx:
        shipment = tx.session.scalars(sa.select(Shipment).filter_by(state="in_transit")).first()
        shipment = shipment or tx.session.scalars(sa.select(Shipment).filter_by(state="handed_over")).one()
        codes = re.findall(r"S\d{12}", shipment.manifest or "")
        tracking = shipment.tracking or ""
    databases.dispose()
    return tracking, list(dict.fromkeys(codes))


def test_a_parcel_is_received_by_scanning(person: People, programme: Rig) -> None:
    page = person("ben")
    tracking, codes = _on_its_way(programme)
    expect(page.locator("[data-scan-input]")).to_be_focused()
    _scan(page, tracking, pause_ms=120)
    page.get_by_label("Degrees Celsius").fill("4.5")
    page.get_by_role("button", name="Record the temperature").click()
    expect(page.get_by_label("Degrees Celsius")).to_have_count(0)
    _burst(page, codes[:3])
    for number, code in enumerate(codes[3:], 4):
        expect(page.locator("aside .counter")).to_have_text(re.compile(f"{number - 1} of {len(codes)}"), timeout=20_000)
        _scan(page, code)
    expect(page.locator("aside .counter")).to_have_text(re.compile(f"{len(codes)} of {len(codes)}"), timeout=20_000)
    expect(page.locator(".band--good")).to_be_visible()
    assert violations(page) == []
    _scan(page, codes[0])
    expect(page.locator(".band--again")).to_be_visible()
    _scan(page, codes[0][:-1] + str((int(codes[0][-1]) + 1) % 10))
    expect(page.locator("#bench-live .band")).not_to_have_class(re.compile("band--good"))
    page.get_by_role("button", name="Close the shipment").click()
    expect(page.get_by_text("No shipment is open")).to_be_visible()


def test_a_tube_tells_its_story(person: People, programme: Rig) -> None:
    page = person("ben")
    page.goto(f"/tubes/{programme.programme.stored_tube_id}")
    expect(page.get_by_text("story verified")).to_be_visible()
    assert page.locator(".story li").count() >= 7
    assert violations(page) == []


def test_the_books_agree_and_a_figure_leads_to_its_statement_line(person: People, programme: Rig) -> None:
    page = person("fiona")
    expect(page.locator(".books")).to_contain_text("0.00")
    page.locator(".figure", has_text="settled").click()
    page.locator("main table a").first.click()
    expect(page.get_by_role("heading", name="Statement")).to_be_visible()
    expect(page.locator("main")).to_contain_text("BB-")
    assert violations(page) == []


def test_a_statement_that_does_not_add_up_is_refused_on_the_page(person: People, tmp_path: object) -> None:
    page = person("fiona")
    page.goto("/statements")
    wrong = b"Date,Description,Reference,Amount,Balance\n"
    wrong += b"2026-11-01,Opening balance,,,100.00\n2026-11-02,Closing balance,,,90.00\n"
    page.locator("input[type=file]").set_input_files({"name": "wrong.csv", "mimeType": "text/csv", "buffer": wrong})
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("alert")).to_contain_text("$10.00")
