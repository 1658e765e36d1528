"""Errors declared on events, searching by any scan, how things stand, and cases on pages."""

from datetime import timedelta

import pytest

from biobank import clock
from biobank.actor import Actor, Role
from biobank.columns import new_id
from biobank.db import Databases, Tx
from biobank.errors import Conflict, Invalid, NotFound
from biobank.specimens import actions, corrections, overview, searching
from biobank.specimens.custody import Correction, EventType, NotAllowed, TubeStatus
from biobank.specimens.models import SubjectKind, Tube
from labels import Kind, mint
from tests.pages import Browser
from tests.specimens.conftest import Clinic
from tests.specimens.factories import TRACKING, make_collected, make_opened, make_sent


@pytest.fixture
def clerk() -> Actor:
    """Somebody at the bench."""
    return Actor(kind="staff", name="Ben Bench", id=new_id(), roles=frozenset({Role.BIOBANK}))


def event_of(tx: Tx, tube: Tube, type: EventType) -> object:  # noqa: A002
    return next(event for event in actions.story(tx, SubjectKind.TUBE, tube.id) if event.type == type)


def test_a_receipt_declared_in_error_leaves_the_tube_expected_again(tx: Tx) -> None:
    shipment, tubes = make_opened(tx)
    actions.receive_scan(tx, tubes[0].code)
    corrections.declare(tx, tubes[0].id, event_of(tx, tubes[0], EventType.RECEIVED).id, Correction.DID_NOT_OCCUR,
                        note="scanned the tube beside it")  # fmt: skip
    assert tubes[0].state is TubeStatus.IN_TRANSIT
    assert actions.progress_of(tx, shipment).done == 0
    assert list(actions.differences(tx)) == []


def test_another_time_of_the_draw_is_told_from_then_on_and_the_event_stays(tx: Tx) -> None:
    tube = make_collected(tx).tubes[0]
    drawn = event_of(tx, tube, EventType.COLLECTED)
    true_time = drawn.event_time - timedelta(minutes=20)
    corrections.declare(tx, tube.id, drawn.id, Correction.INCORRECT_DATA, note="the wall clock was wrong", at=true_time)
    assert (tube.collected_at, drawn.event_time) == (true_time, true_time + timedelta(minutes=20))
    assert list(actions.differences(tx)) == []
    assert actions.is_whole(actions.story(tx, SubjectKind.TUBE, tube.id))


def test_what_cannot_be_declared_says_why(tx: Tx) -> None:
    _shipment, tubes = make_opened(tx)
    actions.receive_scan(tx, tubes[0].code)
    drawn = event_of(tx, tubes[0], EventType.COLLECTED)
    with pytest.raises(NotAllowed, match="after it"):
        corrections.declare(tx, tubes[0].id, drawn.id, Correction.DID_NOT_OCCUR, note="no")
    with pytest.raises(Invalid, match="Say what was wrong"):
        corrections.declare(tx, tubes[0].id, drawn.id, Correction.DID_NOT_OCCUR, note=" ")
    with pytest.raises(Invalid, match="time to come"):
        corrections.declare(tx, tubes[0].id, drawn.id, Correction.INCORRECT_DATA, note="x",
                            at=clock.now() + timedelta(minutes=1))  # fmt: skip
    with pytest.raises(NotFound):
        corrections.declare(tx, tubes[1].id, drawn.id, Correction.DID_NOT_OCCUR, note="x")


def test_the_hold_of_a_warm_parcel_is_not_declared_away(tx: Tx) -> None:
    _shipment, tubes = make_opened(tx, celsius="15.0")
    actions.receive_scan(tx, tubes[0].code)
    held = event_of(tx, tubes[0], EventType.HELD)
    with pytest.raises(Conflict, match="Two people"):
        corrections.declare(tx, tubes[0].id, held.id, Correction.DID_NOT_OCCUR, note="I think it is fine")


def test_any_scan_leads_somewhere(tx: Tx) -> None:
    shipment, tubes = make_sent(tx)
    found = {
        code: searching.find(tx, code)[0] for code in (tubes[0].code, shipment.code, TRACKING, tubes[0].order.code)
    }
    assert list(found.values()) == ["specimens.tube", "specimens.shipment", "specimens.shipment", "specimens.tube"]
    assert searching.find(tx, shipment.boxes[0].code) == ("specimens.shipment", {"shipment_id": shipment.id})
    with pytest.raises(NotFound):
        searching.find(tx, mint(Kind.BOX))


def test_the_days_count_what_was_collected_and_received_in_the_sites_own_time(tx: Tx) -> None:
    _shipment, tubes = make_opened(tx)
    for code in (tubes[0].code, "HM", tubes[1].code, "UNDO"):
        actions.receive_scan(tx, code)
    for zone in ("Pacific/Guam", "America/Puerto_Rico", "America/Chicago"):
        standing = overview.standing(tx, zone)
        assert sum(day.collected for day in standing.days) == len(tubes)
        assert (standing.days[-1].received, standing.at_the_bench) == (1, 1)


def test_a_case_is_taken_noted_and_closed_on_its_page(browser: Browser, databases: Databases, clinic: Clinic) -> None:
    with databases.transaction() as tx:
        make_opened(tx, clinic.desk)
    browser.sign_in("ben")
    browser.get("/bench")
    browser.submit("Enter", code=mint(Kind.TUBE))
    browser.get("/cases")
    page = browser.get(next(link for words, link in browser.page.links.items() if "Nobody knows this" in words))
    assert "Isolate it" in page.text
    assert "Ben Bench" in browser.submit("I see to it").text
    assert "a blue cap" in browser.submit("Keep it", note="it has a blue cap").text
    assert "Choose one" in browser.submit("Close the case").text or browser.status == 422
    assert "closed" in browser.submit("Close the case", resolution="returned").text
    assert "Nobody knows this" in browser.get("/cases?show=closed").text


def test_a_clinic_sees_the_cases_of_its_own_parcels_only(
    browser: Browser, databases: Databases, clinic: Clinic
) -> None:
    with databases.transaction() as tx:
        shipment, tubes = make_opened(tx, clinic.desk)
        for tube in tubes[1:]:
            actions.receive_scan(tx, tube.code)
        actions.close_receipt(tx, shipment.id, missing=1)
        other, _ = make_sent(tx, tracking="794600000001")
        actions.declare_lost(tx, other.id, "gone")
    browser.sign_in("carla")
    page = browser.get("/cases")
    assert "Missing tube" in page.text
    assert "Nothing arrived" not in page.text
    file = browser.client.get("/cases/file.csv").get_data(as_text=True)
    assert file.count("Look for it at your site") == 1


@pytest.mark.parametrize(
    ("who", "address"),
    [("ben", "/overview"), ("ben", "/cases?show=held"), ("ben", "/cases?show=waited"), ("ben", "/bench/cards"),
     ("ben", "/bench/offline"), ("carla", "/overview"), ("carla", "/cases?show=waited")],
)  # fmt: skip
def test_every_page_can_be_read(browser: Browser, clinic: Clinic, who: str, address: str) -> None:
    browser.sign_in(who)
    browser.get(address)
    assert browser.status == 200
