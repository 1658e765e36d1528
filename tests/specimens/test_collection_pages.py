"""The collection page: from the questions to the sign-off, as a clerk walks it."""

import re
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from biobank import clock
from biobank.access.models import Look
from biobank.db import Databases
from biobank.specimens.models import CollectionOrder, CustodyEvent
from biobank.visits.models import Step, Visit
from tests.pages import Browser, Page
from tests.specimens.conftest import Clinic
from tests.specimens.factories import make_labelled

NO = {"whole_blood": "no", "red_cells": "no", "plasma": "no", "transfusion": "no", "fainted": "no"}
SPIN = {"g": "1300", "minutes": "10", "celsius": "21.5", "rotor": "swinging"}


def address(clinic: Clinic) -> str:
    return f"/visits/{clinic.visit_id}/collection"


def codes(databases: Databases) -> list[str]:
    with databases.transaction(read_only=True) as tx:
        order = tx.session.scalars(sa.select(CollectionOrder).order_by(CollectionOrder.id.desc())).first()
        return [tube.code for tube in order.tubes] if order else []


def wall_clock(ago: timedelta) -> str:
    return (clock.now() - ago).astimezone(ZoneInfo("America/Chicago")).strftime("%Y-%m-%dT%H:%M")


def spin(browser: Browser, **changes: str) -> Page:
    """Every box stays ticked, as the page offers it."""
    ticked = re.findall(r'name="tube_ids" value="([^"]+)"', browser.page.html)
    return browser.submit("They are spun", tube_ids=ticked, **(SPIN | changes))


def label_all(browser: Browser, databases: Databases, clinic: Clinic) -> list[str]:
    browser.get(address(clinic))
    browser.submit("Order the tubes", **NO)
    browser.submit("Print the labels")
    for code in [*codes(databases), codes(databases)[-1]]:
        browser.submit("Enter", code=code)
    return codes(databases)


def test_the_questions_come_first(browser: Browser, clinic: Clinic) -> None:
    page = browser.get(address(clinic))
    assert "Has the participant donated whole blood" in page.text
    assert "Order the tubes" in page.text


def test_a_question_left_open_is_asked_again(browser: Browser, clinic: Clinic) -> None:
    browser.get(address(clinic))
    page = browser.submit("Order the tubes", **{**NO, "fainted": ""})
    assert browser.status == 422
    assert "Answer yes or no." in page.text


def test_the_rack_stands_in_draw_order_with_caps_in_words(browser: Browser, clinic: Clinic) -> None:
    browser.get(address(clinic))
    page = browser.submit("Order the tubes", **NO)
    assert page.text.index("1. 8 mL SST") < page.text.index("2. 4.5 mL PST, first") < page.text.index("9. 10 mL urine")
    assert "red and gray cap" in page.text


def test_an_answer_that_forbids_blood_says_so(browser: Browser, clinic: Clinic) -> None:
    browser.get(address(clinic))
    page = browser.submit("Order the tubes", **{**NO, "whole_blood": "yes"})
    assert "urine only" in page.text
    assert "8 mL SST" not in page.text


def test_a_scan_applies_a_label_and_names_the_tube(browser: Browser, databases: Databases, clinic: Clinic) -> None:
    browser.get(address(clinic))
    browser.submit("Order the tubes", **NO)
    browser.submit("Print the labels")
    page = browser.submit("Enter", code=codes(databases)[0])
    assert "8 mL SST: red and gray cap. The label is on." in page.text


def test_another_persons_label_stops_loudly(browser: Browser, databases: Databases, clinic: Clinic) -> None:
    with databases.transaction() as tx:
        stranger = make_labelled(tx, clinic.desk).tubes[0].code
    browser.get(address(clinic))
    browser.submit("Order the tubes", **NO)
    browser.submit("Print the labels")
    page = browser.submit("Enter", code=stranger)
    assert browser.status == 409
    assert 'band--stop" data-sound="stop"' in page.html
    assert "another collection" in page.text


def test_a_collection_is_walked_to_its_end(browser: Browser, databases: Databases, clinic: Clinic) -> None:
    label_all(browser, databases, clinic)
    browser.submit("Tubes are filled now", at=wall_clock(timedelta(minutes=45)))
    page = spin(browser)
    assert "Finish the collection" in page.text
    browser.submit("Finish the collection")
    with databases.transaction(read_only=True) as tx:
        assert tx.session.get_one(Visit, clinic.visit_id).done[Step.SAMPLES].outcome == "collected"
    assert "Signed off" in browser.get(address(clinic)).text


def test_a_spin_has_its_deadline_on_the_page(browser: Browser, databases: Databases, clinic: Clinic) -> None:
    label_all(browser, databases, clinic)
    page = browser.submit("Tubes are filled now")
    assert "Let the SST clot until" in page.text
    assert "data-until=" in page.html


def test_a_spin_too_soon_is_warned_of(browser: Browser, databases: Databases, clinic: Clinic) -> None:
    label_all(browser, databases, clinic)
    browser.submit("Tubes are filled now", at=wall_clock(timedelta(minutes=5)))
    assert "it should clot for 30" in spin(browser).text


def test_a_spin_with_a_missing_number_keeps_what_was_typed(
    browser: Browser, databases: Databases, clinic: Clinic
) -> None:
    label_all(browser, databases, clinic)
    browser.submit("Tubes are filled now", at=wall_clock(timedelta(minutes=45)))
    page = spin(browser, g="")
    assert browser.status == 422
    assert 'value="21.5"' in page.html


def test_a_tube_that_was_not_filled_asks_for_its_label(browser: Browser, databases: Databases, clinic: Clinic) -> None:
    label_all(browser, databases, clinic)
    page = browser.submit("Not collected", reason="short_draw")
    assert "Destroy the label" in page.text
    page = browser.submit("Not collected", reason="short_draw", label_destroyed="yes")
    assert "Short draw" in page.text


def test_a_label_is_printed_again_with_its_reason(browser: Browser, clinic: Clinic) -> None:
    browser.get(address(clinic))
    browser.submit("Order the tubes", **NO)
    browser.submit("Print the labels")
    browser.submit("Print the label again")
    assert browser.status == 422
    browser.submit("Print the label again", reason="smudged")
    assert browser.status == 200


def test_the_rack_says_nothing_new_when_nothing_is(browser: Browser, clinic: Clinic) -> None:
    browser.get(address(clinic))
    page = browser.submit("Order the tubes", **NO)
    page = browser.submit("Print the labels")
    live = next(part.split('"')[0] for part in page.html.split('hx-get="') if "/rack?" in part).replace("&amp;", "&")
    assert browser.client.get(live).status_code == 204
    assert "/rack?" in browser.client.get(live.split("have=")[0]).get_data(as_text=True)


def test_a_look_at_the_collection_is_recorded(browser: Browser, databases: Databases, clinic: Clinic) -> None:
    browser.get(address(clinic))
    with databases.transaction(read_only=True) as tx:
        seen: list[UUID] = list(tx.session.scalars(sa.select(Look.subject_id)))
    assert clinic.participant_id in seen


def test_a_second_label_of_one_specimen_is_asked_for_and_a_third_scan_is_an_alarm(
    browser: Browser, databases: Databases, clinic: Clinic
) -> None:
    browser.get(address(clinic))
    browser.submit("Order the tubes", **NO)
    browser.submit("Print the labels")
    urine = codes(databases)[-1]
    assert "one label is on, scan the other" in browser.submit("Enter", code=urine, entered_by="camera").text
    browser.submit("Enter", code=urine)
    page = browser.submit("Enter", code=urine)
    assert browser.status == 409
    assert "alarm: its label was scanned on a tube twice" in page.text
    with databases.transaction(read_only=True) as tx:
        story = tx.session.scalars(sa.select(CustodyEvent).where(CustodyEvent.type.startswith("label_a"))).all()
    assert [(event.type, event.detail["entered_by"]) for event in story] == [
        ("label_applied", "camera"), ("label_alarm", "typed"),
    ]  # fmt: skip
