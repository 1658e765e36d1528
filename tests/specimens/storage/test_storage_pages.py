"""The freezers on pages: a picture to click, put-away by scanning, taking out and dividing."""

from uuid import UUID

import pytest
from pypdfium2 import PdfDocument

from biobank.db import Databases
from biobank.specimens.models import PlaceKind, Tube
from biobank.specimens.storage import actions as storage
from biobank.specimens.storage.cold import Cold
from biobank.specimens.storage.place_pages import LABEL_LETTERS, fitting
from tests.pages import Browser
from tests.specimens.conftest import Clinic
from tests.specimens.factories import make_received


@pytest.fixture
def store(databases: Databases, browser: Browser, clinic: Clinic) -> tuple[str, list[str]]:
    """Ben's own box with a freezer around it, and tubes that wait on his bench."""
    with databases.transaction() as tx:
        layout = storage.Layout(shelves=1, racks=1, boxes=2)
        freezer = storage.add_freezer(
            tx, site_id=clinic.bench_site_id, name="Ultra 1", cold=Cold.ULTRA_LOW, layout=layout
        )
        shelf = storage.draw(tx, freezer).slots[0]
        assert shelf
        assert shelf.slots[0]
        box = storage.add_box(tx, shelf.slots[0].place.id, name="Blood 1", rows=9, columns=9)
        tubes = [tube.code for tube in make_received(tx, clinic.desk)]
        found = str(box.id), tubes
    browser.sign_in("ben")
    return found


def test_a_technician_puts_a_tube_away_by_scanning_it(browser: Browser, store: tuple[str, list[str]]) -> None:
    box, tubes = store
    browser.get(f"/storage/{box}?at=B4")
    page = browser.submit("Enter", code=tubes[0])
    assert "stands in B4" in page.text
    assert f"B4: {tubes[0]}" in page.html


def test_a_scanned_tube_lights_up_in_its_box(browser: Browser, store: tuple[str, list[str]]) -> None:
    box, tubes = store
    browser.get(f"/storage/{box}")
    browser.submit("Enter", code=tubes[0])
    browser.get("/storage")
    page = browser.submit("Enter", code=tubes[0])
    assert "is-lit" in page.html


def test_the_freezer_is_drawn_with_its_free_positions(browser: Browser, store: tuple[str, list[str]]) -> None:
    page = browser.get("/storage")
    assert "81 free" in page.text
    browser.get(page.links["Ultra 1"])
    assert "Rack 1-1" in browser.page.text


def test_a_tube_is_taken_out_divided_and_its_vessels_filled(
    browser: Browser, databases: Databases, store: tuple[str, list[str]]
) -> None:
    box, tubes = store
    browser.get(f"/storage/{box}")
    browser.submit("Enter", code=tubes[0])
    with databases.transaction() as tx:
        tube_id = tx.session.query(Tube).filter_by(code=tubes[0]).one().id
    browser.get(f"/tubes/{tube_id}/aliquots")
    browser.submit("Take it out", reason="aliquot")
    page = browser.submit("Plan the vessels", material="SER", vessel="cryotube", count="2", volume="0.5", unit="mL")
    assert "1SS08-02" in page.text
    words = "Labels of these vessels (PDF)"
    assert "with commas" in browser.submit(words, skip="all").text
    assert "There is no place 86" in browser.submit(words, start="86", skip="").text
    assert _pages(browser, words, start="84", skip="85", right_mm="0.5") == 2
    assert "Say why they are printed again" in browser.submit(words, start="1", skip="").text
    assert _pages(browser, words, again="jam") == 1
    path = f"/tubes/{tube_id}/aliquots/labels"
    first, again = (_file(browser, path, _key="once", again="jam") for _ in range(2))
    assert (first, browser.response and browser.response.headers["Idempotency-Replayed"]) == (again, "true")
    with databases.transaction() as tx:
        child = storage.derivatives(tx, tube_id)[0].code
    browser.get(f"/tubes/{tube_id}/aliquots")
    assert "is filled: 500 µL" in browser.submit("Enter", code=child).text


def test_a_slip_of_the_unit_is_told_on_the_page(
    browser: Browser, databases: Databases, store: tuple[str, list[str]]
) -> None:
    _box, tubes = store
    with databases.transaction() as tx:
        tube_id = tx.session.query(Tube).filter_by(code=tubes[0]).one().id
    browser.get(f"/tubes/{tube_id}/aliquots")
    page = browser.submit("Plan the vessels", material="SER", vessel="cryotube", count="2", volume="500", unit="mL")
    assert "Did you mean microlitres" in page.text


def test_a_new_freezer_comes_with_shelves_and_racks(browser: Browser, store: tuple[str, list[str]]) -> None:
    browser.get("/storage")
    page = browser.submit("Set it up", name="Ultra 2", cold="ultra_low", shelves="2", racks="2", boxes="3")
    assert page.headings == [f"{PlaceKind.FREEZER.title()} Ultra 2"]
    assert page.text.count("no box") == 12


def test_a_places_label_has_room_for_the_longest_way(
    browser: Browser, databases: Databases, store: tuple[str, list[str]]
) -> None:
    with databases.transaction() as tx:
        box = storage.find_place(tx, UUID(store[0]))
        box.name = "W" * 40
    browser.get(f"/storage/{store[0]}/label.pdf")
    assert browser.status == 200
    assert fitting(["Freezer", "Rack", "W" * 40]) == "W" * LABEL_LETTERS


def _pages(browser: Browser, button: str, **boxes: str) -> int:
    """How many sheets come, without the page being asked for again: a browser keeps it when it gets a file."""
    shown = browser.page
    browser.submit(button, **boxes)
    browser.page = shown
    assert browser.response is not None
    return len(PdfDocument(browser.response.data))


def _file(browser: Browser, path: str, **boxes: str) -> bytes:
    browser.post(path, boxes)
    assert browser.response is not None
    assert browser.response.mimetype == "application/pdf"
    return browser.response.data
