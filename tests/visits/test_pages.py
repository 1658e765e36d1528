"""The clerk's day: list, check-in, visit, finish."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from biobank import clock
from biobank.access.actions import add_staff
from biobank.access.models import Look
from biobank.actor import Role
from biobank.columns import Base
from biobank.db import Databases
from biobank.stations.actions import add_printer
from biobank.stations.models import PrintJob
from biobank.visits.actions import book, cancel_visit, open_visit_of
from biobank.visits.models import Step
from tests.pages import Browser
from tests.participants.factories import make_participant, make_site
from tests.participants.test_vault import dump
from tests.visits.factories import finish_steps, make_open_visit, make_station

ANSWERS = {
    "lives_in_united_states": "yes",
    "can_consent_alone": "yes",
    "is_incarcerated": "no",
    "has_consent_on_file": "yes",
}
FACTS = {"identity": ["name", "birth-date"]}


@dataclass
class Desk:
    """A site with one station, a clerk signed in, a participant."""

    site_id: UUID
    station_id: UUID
    participant_id: UUID
    code: str


@pytest.fixture
def desk(databases: Databases, browser: Browser) -> Desk:
    with databases.transaction() as tx:
        site = make_site(tx)
        add_staff(tx, username="carla", display_name="Carla Clerk", password="correct horse battery",
                  roles=[Role.CLINIC], site_id=site.id)  # fmt: skip
        station = make_station(tx, site.id)
        made = make_participant(tx, site.id, last_name="Quimby")
    browser.sign_in("carla")
    return Desk(site.id, station.id, made.id, made.clinic_code)


def test_an_empty_day_says_how_somebody_gets_on_the_list(browser: Browser, desk: Desk) -> None:
    assert "A participant who walks in appears here after the check-in" in browser.get("/today").text


def test_todays_list_reads_well_in_spanish(browser: Browser, desk: Desk) -> None:
    browser.client.set_cookie("language", "es")
    assert '<html lang="es">' in browser.get("/today").html


def test_scanning_a_card_opens_the_check_in(browser: Browser, desk: Desk) -> None:
    browser.get("/today")
    page = browser.submit("Enter", code=f"]C0{desk.code.lower()}")
    assert page.headings == ["Check in"]


def test_scanning_something_else_says_what_to_scan(browser: Browser, desk: Desk) -> None:
    browser.get("/today")
    page = browser.submit("Enter", code="5012345678900")
    assert browser.status == 422
    assert page.headings == ["Today"]


def test_the_name_is_shown_only_after_it_is_asked_for_and_the_look_is_kept(
    browser: Browser, desk: Desk, databases: Databases
) -> None:
    page = browser.get(f"/participants/{desk.participant_id}/check-in")
    assert "Quimby" not in page.html
    assert "Quimby" in browser.get(page.links["Show name and birth date"]).text
    with databases.transaction(read_only=True) as tx:
        assert "identity" in tx.session.scalars(sa.select(Look.subject_kind)).all()


def test_a_participant_is_checked_in_at_a_station(browser: Browser, desk: Desk, databases: Databases) -> None:
    browser.get(f"/participants/{desk.participant_id}/check-in?reveal=yes")
    page = browser.submit("Check in", **ANSWERS, **FACTS)
    assert page.links["Measure"].endswith("/measurements")
    with databases.transaction(read_only=True) as tx:
        opened = open_visit_of(tx, desk.participant_id)
    assert opened is not None
    assert opened.station_id == desk.station_id


def test_one_matching_fact_is_not_enough(browser: Browser, desk: Desk) -> None:
    browser.get(f"/participants/{desk.participant_id}/check-in?reveal=yes")
    page = browser.submit("Check in", **ANSWERS, identity="name")
    assert (browser.status, "Match two facts against a document" in page.text) == (422, True)
    assert "Quimby" not in page.html


def test_somebody_in_jail_is_refused_at_check_in_though_enrolled(browser: Browser, desk: Desk) -> None:
    browser.get(f"/participants/{desk.participant_id}/check-in")
    page = browser.submit("Check in", **(ANSWERS | {"is_incarcerated": "yes"}), **FACTS)
    assert (browser.status, "They may come back after release." in page.text) == (422, True)


def test_an_unanswered_question_is_asked_again(browser: Browser, desk: Desk) -> None:
    browser.get(f"/participants/{desk.participant_id}/check-in")
    page = browser.submit("Check in", **FACTS)
    assert (browser.status, "Ask and choose an answer." in page.text) == (422, True)


def test_a_booked_visit_stands_in_the_days_list_and_is_the_one_checked_in(
    browser: Browser, desk: Desk, noon: datetime
) -> None:
    browser.get(f"/participants/{desk.participant_id}/book")
    browser.submit("Book", day="2026-11-20", time="15:30")
    page = browser.get("/today")
    assert "3:30" in page.text
    browser.get(page.links["Check in"])
    browser.submit("Check in", **ANSWERS, **FACTS)
    assert "Expected" not in browser.get("/today").text


def test_booking_in_the_past_is_refused(browser: Browser, desk: Desk, noon: datetime) -> None:
    browser.get(f"/participants/{desk.participant_id}/book")
    page = browser.submit("Book", day="2026-11-20", time="08:00")
    assert (browser.status, "That time has passed." in page.text) == (422, True)


def test_a_visit_left_open_yesterday_stands_on_top(browser: Browser, desk: Desk, databases: Databases) -> None:
    with clock.at(clock.now() - timedelta(days=2)), databases.transaction() as tx:
        make_open_visit(tx, make_station(tx, desk.site_id, "Desk 2"))
    page = browser.get("/today")
    assert "Left from earlier days" in page.text
    assert browser.get(page.links["Continue"]).headings == ["Visit"]


def test_each_state_of_a_visit_has_its_next_thing_to_do(browser: Browser, desk: Desk, databases: Databases) -> None:
    with databases.transaction() as tx:
        visit = make_open_visit(tx, make_station(tx, desk.site_id, "Desk 2"))
    assert "Measure" in browser.get(f"/visits/{visit.id}").links
    with databases.transaction() as tx:
        finish_steps(tx, visit, Step.MEASUREMENTS)
    assert "Take samples" in browser.get(f"/visits/{visit.id}").links
    with databases.transaction() as tx:
        finish_steps(tx, visit, Step.SAMPLES)
    assert browser.get(browser.get("/today").links["Finish"]).headings == ["Finish"]


def test_finish_says_what_is_still_to_do_and_refuses_until_it_is_done(
    browser: Browser, desk: Desk, databases: Databases
) -> None:
    with databases.transaction() as tx:
        visit = make_open_visit(tx, make_station(tx, desk.site_id, "Desk 2"))
        finish_steps(tx, visit, Step.MEASUREMENTS)
    assert "Still to do: samples." in browser.get(f"/visits/{visit.id}/finish").text
    page = browser.post(f"/visits/{visit.id}/complete", {})
    assert (browser.status, "Still to do: samples." in page.text) == (422, True)


def test_a_finished_visit_is_completed_and_shows_the_papers(browser: Browser, desk: Desk, databases: Databases) -> None:
    with databases.transaction() as tx:
        visit = make_open_visit(tx, make_station(tx, desk.site_id, "Desk 2"))
        finish_steps(tx, visit)
    browser.get(f"/visits/{visit.id}/finish")
    page = browser.submit("Complete the visit")
    assert "This visit is complete." in page.text
    assert "Next participant" in page.links


def test_a_visit_is_cancelled_with_a_reason(browser: Browser, desk: Desk, databases: Databases) -> None:
    with databases.transaction() as tx:
        visit = make_open_visit(tx, make_station(tx, desk.site_id, "Desk 2"))
    browser.get(f"/visits/{visit.id}")
    page = browser.submit("Cancel this visit", reason="not-well")
    assert "The visit is cancelled." in page.text
    assert "This visit was cancelled." in browser.get(f"/visits/{visit.id}").text


def test_cancelling_without_a_reason_is_refused(browser: Browser, desk: Desk, databases: Databases) -> None:
    with databases.transaction() as tx:
        visit = make_open_visit(tx, make_station(tx, desk.site_id, "Desk 2"))
    browser.get(f"/visits/{visit.id}")
    browser.submit("Cancel this visit")
    assert browser.status == 422


def test_a_visit_at_another_site_is_not_found(browser: Browser, desk: Desk, databases: Databases) -> None:
    with databases.transaction() as tx:
        visit = make_open_visit(tx)
    browser.get(f"/visits/{visit.id}")
    assert browser.status == 404


def test_a_card_is_printed_at_the_visits_station_and_again_if_it_is_lost(
    browser: Browser, desk: Desk, databases: Databases
) -> None:
    with databases.transaction() as tx:
        station = make_station(tx, desk.site_id, "Desk 2")
        add_printer(tx, station.id, name="labels", dpi=203, kind="tcp")
        visit = make_open_visit(tx, station)
    browser.get(f"/visits/{visit.id}")
    assert "The card is on its way" in browser.submit("Print the participant's card").text
    browser.submit("Print the card again")
    with databases.transaction(read_only=True) as tx:
        copies = tx.session.scalars(sa.select(PrintJob.copy_no).order_by(PrintJob.copy_no)).all()
    assert copies == [1, 2]


def test_nothing_personal_reaches_the_study_database_by_way_of_the_pages(
    browser: Browser, desk: Desk, databases: Databases
) -> None:
    canary = {"first_name": "Zyxwina", "last_name": "Qvorbleck", "born_on": "1980-05-17", "phone": "7735550188"}
    browser.get("/participants/enrol")
    browser.submit("Enrol this person", **ANSWERS, **canary)
    page = browser.get(browser.page.links["Check in"])
    assert "Qvorbleck" in browser.get(page.links["Show name and birth date"]).text
    browser.submit("Check in", **ANSWERS, **FACTS)
    browser.get("/participants/search")
    browser.submit("Search", last_name="Qvorbleck", born_on="1980-05-17")
    with databases.transaction(read_only=True) as tx:
        found = dump(tx.session, Base.metadata)
    assert [trace for trace in (b"zyxwina", b"qvorbleck", b"7735550188", b"1980-05-17") if trace in found] == []


def test_the_participants_page_lists_visits_of_every_state(browser: Browser, desk: Desk, databases: Databases) -> None:
    with databases.transaction() as tx:
        for _ in range(2):
            last = book(tx, desk.participant_id, desk.site_id, clock.now() + timedelta(days=1))
        cancel_visit(tx, last.id, "other")
    page = browser.get(f"/participants/{desk.participant_id}")
    assert ("Expected" in page.text, "Cancelled" in page.text) == (True, True)
