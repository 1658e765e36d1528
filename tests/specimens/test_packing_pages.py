"""Packing and shipping, as a clerk walks it."""

import pytest
import sqlalchemy as sa

from biobank.db import Databases
from biobank.specimens.models import CustodyEvent, Tube
from biobank.specimens.p650 import ITEMS
from tests.pages import Browser
from tests.specimens.conftest import Clinic
from tests.specimens.factories import TRACKING, make_box, make_finalised


@pytest.fixture
def box(databases: Databases, clinic: Clinic) -> str:
    """The address of a box with one collection's tubes."""
    with databases.transaction() as tx:
        return f"/packing/boxes/{make_box(tx, clinic.desk)[0].id}"


def test_an_empty_packing_page_says_what_will_be_here(browser: Browser, clinic: Clinic) -> None:
    page = browser.get("/packing")
    assert "No box is open" in page.text
    assert "Nothing waits" in page.text


def test_tubes_are_scanned_in_and_out(browser: Browser, databases: Databases, clinic: Clinic) -> None:
    with databases.transaction() as tx:
        code = make_finalised(tx, clinic.desk).tubes[0].code
    browser.get("/packing")
    browser.submit("Open a box")
    assert "In the box" in browser.submit("Enter", code=code).text
    assert "Out of the box" in browser.submit("Enter", code=code).text


def test_how_a_tube_was_scanned_into_its_box_is_kept(browser: Browser, databases: Databases, box: str) -> None:
    browser.get(box)
    with databases.transaction() as tx:
        tube_id, code = tx.session.execute(sa.select(Tube.id, Tube.code).limit(1)).one()
    browser.submit("Enter", code=code, entered_by="camera")
    browser.submit("Enter", code=code)
    with databases.transaction() as tx:
        story = sa.select(CustodyEvent).filter_by(subject_id=tube_id).order_by(CustodyEvent.seq.desc())
        events = tx.session.scalars(story.limit(2)).all()
    assert [event.detail["entered_by"] for event in events] == ["typed", "camera"]
    assert "by camera" in browser.get(f"/tubes/{tube_id}").text


def test_a_tube_that_may_not_go_in_stops_loudly(browser: Browser, box: str) -> None:
    browser.get(box)
    page = browser.submit("Enter", code="S1234567890")
    assert browser.status == 422
    assert 'data-sound="stop"' in page.html


def test_a_box_is_closed_and_handed_over(browser: Browser, box: str) -> None:
    browser.get(box)
    page = browser.submit("Close the box and ship")
    assert "P650" in page.text
    page = browser.submit("The courier has it", tracking=TRACKING, checklist=list(ITEMS))
    assert "with the courier" in page.text
    assert "SHA-256" in page.text
    manifest = browser.client.get(page.links["Download (CSV)"])
    assert manifest.get_data(as_text=True).startswith("shipment,box,tube,sample,donor,collection")


def test_a_number_without_a_check_digit_is_entered_twice(browser: Browser, box: str) -> None:
    browser.get(box)
    browser.submit("Close the box and ship")
    page = browser.submit("The courier has it", tracking="794612345678", checklist=list(ITEMS))
    assert "a second time" in page.text
    page = browser.submit("The courier has it", tracking="794612345678", tracking_again="7946 1234 5678",
                          checklist=list(ITEMS))  # fmt: skip
    assert "with the courier" in page.text


def test_the_packing_is_confirmed_before_the_courier_has_it(browser: Browser, box: str) -> None:
    browser.get(box)
    browser.submit("Close the box and ship")
    page = browser.submit("The courier has it", tracking=TRACKING)
    assert "Not everything of P650 is ticked" in page.text


def test_a_shipment_is_given_up_with_a_reason(browser: Browser, box: str) -> None:
    browser.get(box)
    browser.submit("Close the box and ship")
    assert "Say why" in browser.submit("Open the boxes again").text
    assert "9 tubes" in browser.submit("Open the boxes again", reason="courier did not come").text
