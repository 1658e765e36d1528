"""The bench and the tube's story, as somebody at the biobank walks them."""

import json
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from biobank.access.models import Look
from biobank.columns import new_id
from biobank.db import Databases
from biobank.specimens.models import CustodyEvent, ReceiptScan
from labels import Kind, mint
from tests.pages import Browser
from tests.specimens.conftest import Clinic
from tests.specimens.factories import TRACKING, make_sent, make_store


@dataclass(frozen=True)
class Parcel:
    """A parcel at the biobank's door: its tubes' codes in draw order, and the first one's key."""

    codes: list[str]
    tube_id: str


@pytest.fixture
def parcel(databases: Databases, browser: Browser, clinic: Clinic) -> Parcel:
    with databases.transaction() as tx:
        _shipment, tubes = make_sent(tx, clinic.desk)
        made = Parcel([tube.code for tube in tubes], str(tubes[0].id))
    browser.sign_in("ben")
    return made


def open_parcel(browser: Browser) -> None:
    browser.get("/bench")
    browser.submit("Enter", code=TRACKING)
    browser.submit("Record the temperature", celsius="4.5")


def test_an_empty_bench_says_what_to_scan(browser: Browser, clinic: Clinic) -> None:
    browser.sign_in("ben")
    assert "No shipment is open" in browser.get("/bench").text


def test_the_parcel_comes_first_then_its_temperature(browser: Browser, parcel: Parcel) -> None:
    browser.get("/bench")
    page = browser.submit("Enter", code=TRACKING)
    assert "Temperature in the parcel" in page.text
    assert "0 of 9" in browser.submit("Record the temperature", celsius="4.5").text


def test_a_temperature_left_out_asks_why(browser: Browser, parcel: Parcel) -> None:
    browser.get("/bench")
    browser.submit("Enter", code=TRACKING)
    assert "say why it is not known" in browser.submit("Record the temperature").text


def test_a_good_scan_is_green_and_heard_and_counted(browser: Browser, parcel: Parcel) -> None:
    open_parcel(browser)
    page = browser.submit("Enter", code=parcel.codes[0])
    assert 'band--good" role="status" data-sound="good"' in page.html
    assert "1 of 9" in page.text


def test_a_reload_is_silent(browser: Browser, parcel: Parcel) -> None:
    open_parcel(browser)
    browser.submit("Enter", code=parcel.codes[0])
    assert "data-sound" not in browser.get("/bench").html


@pytest.mark.parametrize(
    ("code", "tone", "words"),
    [
        (mint(Kind.TUBE), "stop", "No tube has this code"),
        (mint(Kind.PLACE), "note", "place on a shelf"),
        ("S12345", "again", "too few"),
    ],
)
def test_every_outcome_has_its_tone_and_its_sentence(
    browser: Browser, parcel: Parcel, code: str, tone: str, words: str
) -> None:
    open_parcel(browser)
    page = browser.submit("Enter", code=code)
    assert f"band--{tone}" in page.html
    assert words in page.text


def test_a_scan_from_the_page_itself_needs_no_second_page(browser: Browser, parcel: Parcel) -> None:
    open_parcel(browser)
    headers = {"Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
    answer = browser.client.post("/bench", data={"code": parcel.codes[0]}, headers=headers)
    assert answer.status_code == 200
    assert "band--good" in answer.get_data(as_text=True)


def _made_without_a_line(*codes: str) -> list[str]:
    """Scans of ten minutes ago, as the page sends them once there is a line again."""
    return [json.dumps({"code": code, "scan_id": str(new_id()), "scanned_at": "2026-11-21T16:50:00Z",
                        "sent_at": "2026-11-21T17:00:00Z", "device": "bench-1", "entered_by": "wedge"})
            for code in codes]  # fmt: skip


def test_scans_made_without_a_line_are_sent_together_and_those_that_need_a_look_are_listed(
    browser: Browser, parcel: Parcel
) -> None:
    open_parcel(browser)
    headers = {"Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
    scans = _made_without_a_line(parcel.codes[0], mint(Kind.TUBE), parcel.codes[1])
    answer = browser.client.post("/bench/kept", data={"scans": scans}, headers=headers).get_data(as_text=True)
    assert "band--stop" in answer
    assert "1 scan sent later needs a look" in answer
    page = browser.get("/bench/late")
    assert "No tube has this code" in page.text
    assert parcel.codes[1][-4:] not in page.text.replace(" ", "")


@pytest.mark.parametrize("sent", [[], ["no JSON"], ['{"code": ""}'], ["{}"] * 201])
def test_scans_that_cannot_be_read_are_refused_whole(browser: Browser, parcel: Parcel, sent: list[str]) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
    answer = browser.client.post("/bench/kept", data={"scans": sent}, headers=headers)
    assert answer.status_code == 422


@pytest.mark.parametrize(("told", "kept"), [({"entered_by": "wedge"}, "wedge"), ({}, "typed")])
def test_a_scan_at_the_bench_is_kept_with_how_it_came_in(
    browser: Browser, databases: Databases, parcel: Parcel, told: dict[str, str], kept: str
) -> None:
    open_parcel(browser)
    browser.submit("Enter", code=parcel.codes[0], **told)
    with databases.transaction() as tx:
        scan = tx.session.scalars(sa.select(ReceiptScan).filter_by(code=parcel.codes[0])).one()
        event = tx.session.get(CustodyEvent, scan.event_id)
        assert event is not None
        assert (scan.entered_by, event.detail["entered_by"]) == (kept, kept)


def test_a_shipment_closes_only_with_the_number_that_is_missing(browser: Browser, parcel: Parcel) -> None:
    open_parcel(browser)
    browser.submit("Enter", code=parcel.codes[0])
    assert "Type how many" in browser.submit("Close with tubes missing").text
    assert "8 tubes of this shipment are not scanned" in browser.submit("Close with tubes missing", missing="7").text
    assert "No shipment is open" in browser.submit("Close with tubes missing", missing="8").text


def test_a_tubes_story_is_found_by_its_scan_and_the_look_is_recorded(
    browser: Browser, databases: Databases, parcel: Parcel
) -> None:
    browser.get("/tubes")
    page = browser.submit("Enter", code=parcel.codes[0])
    assert page.text.index("Handed to the courier") < page.text.index("Collected") < page.text.index("Label printed")
    assert "story verified" in page.text
    with databases.transaction(read_only=True) as tx:
        assert "tube" in list(tx.session.scalars(sa.select(Look.subject_kind)))


def test_a_code_of_no_tube_says_so(browser: Browser, parcel: Parcel) -> None:
    browser.get("/tubes")
    assert "No tube has this code" in browser.submit("Enter", code=mint(Kind.TUBE)).text


def test_a_received_tube_is_put_on_its_shelf_by_one_scan(
    browser: Browser, databases: Databases, parcel: Parcel
) -> None:
    with databases.transaction() as tx:
        place = make_store(tx).code
    open_parcel(browser)
    browser.submit("Enter", code=parcel.codes[0])
    browser.get(f"/tubes/{parcel.tube_id}")
    assert "on its shelf" in browser.submit("Enter", place=place).text


def test_what_was_taken_back_stays_in_the_story_struck_through(browser: Browser, parcel: Parcel) -> None:
    open_parcel(browser)
    browser.submit("Enter", code=parcel.codes[0])
    browser.submit("Enter", code="UNDO")
    assert "taken back" in browser.get(f"/tubes/{parcel.tube_id}").text


def test_a_held_tube_is_released_with_a_reason(browser: Browser, parcel: Parcel) -> None:
    browser.get("/bench")
    open_parcel(browser)
    browser.submit("Enter", code=parcel.codes[0])
    assert "Hold" in browser.submit("Enter", code="BENCH-WM").text
    browser.get(f"/tubes/{parcel.tube_id}")
    assert "Released" in browser.submit("Release", reason="the logger says it was cold").text


def test_a_story_that_was_tampered_with_is_called_broken(
    browser: Browser, databases: Databases, parcel: Parcel
) -> None:
    with databases.study.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ALTER TABLE custody_event DISABLE TRIGGER USER")
        else:
            connection.exec_driver_sql("DROP TRIGGER custody_event_no_update")
        connection.execute(sa.update(CustodyEvent).where(CustodyEvent.seq == 2).values(reason="changed afterwards"))
    assert "story broken" in browser.get(f"/tubes/{parcel.tube_id}").text


def test_clinic_staff_see_their_own_tubes_and_not_the_bench(browser: Browser, parcel: Parcel) -> None:
    browser.sign_in("carla")
    assert "story verified" in browser.get(f"/tubes/{parcel.tube_id}").text
    browser.get("/bench")
    assert browser.status == 403
