"""What a participant may ask of us: who looked, in their language; their own data, recorded and kept nowhere."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from biobank import clock
from biobank.access.actions import add_staff, record_look
from biobank.access.models import Look, Purpose
from biobank.actor import Role
from biobank.columns import Base
from biobank.db import Databases, Tx
from biobank.participants import rights
from biobank.participants.models import ParticipantEvent, ParticipantEventKind
from biobank.specimens.actions import start_order
from biobank.visits.models import Visit
from tests.pages import Browser
from tests.participants.factories import make_participant, make_site
from tests.participants.test_vault import dump
from tests.specimens.factories import NO_TO_ALL
from tests.visits.factories import make_open_visit, make_station

NAME = "Zyxwina"


@pytest.fixture
def visit(databases: Databases, browser: Browser) -> Visit:
    """Somebody checked in at the site of the clerk who is signed in."""
    with databases.transaction() as tx:
        site = make_site(tx)
        add_staff(tx, username="carla", display_name="Carla Clerk", password="correct horse battery",
                  roles=[Role.CLINIC], site_id=site.id)  # fmt: skip
        made = make_open_visit(tx, make_station(tx, site.id), first_name=NAME, language="es")
    browser.sign_in("carla")
    return made


def test_a_participant_reads_who_looked_in_their_own_language(browser: Browser, visit: Visit) -> None:
    browser.get(f"/participants/{visit.participant_id}")
    page = browser.get(f"/participants/{visit.participant_id}/looks?language=en")
    assert page.headings == ["Who looked at your record"]
    assert "Carla Clerk" in page.text
    assert "2 looks, newest first" in page.text
    spanish = browser.get(f"/participants/{visit.participant_id}/looks")
    assert 'lang="es"' in spanish.html


def test_the_list_is_itself_a_look(browser: Browser, visit: Visit, databases: Databases) -> None:
    path = f"/api/v1/participants/{visit.participant_id}/looks"
    found = browser.client.get(path, headers={"Accept": "application/json"}).get_json()["looks"]
    assert found[0]["who"] == "Carla Clerk"
    with databases.transaction(read_only=True) as tx:
        assert tx.session.scalar(sa.select(sa.func.count()).select_from(Look)) == len(found)


def test_a_look_at_a_sample_or_payment_reaches_the_participants_list(tx: Tx) -> None:
    visit = make_open_visit(tx)
    codes = rights.vault.codes_of(tx, participant_id=visit.participant_id)
    order = start_order(
        tx, donor_id=codes.donor_id, site_id=visit.site_id, answers=NO_TO_ALL, collection_station_id=None
    )
    other = make_participant(tx)
    for kind, subject in (("tube", order.tubes[0].id), ("collection", order.id), ("participant", other.id)):
        record_look(tx, subject_kind=kind, subject_id=subject, purpose=Purpose.CUSTODY, route="/", request_id=None)
    assert [seen.what for seen in rights.looks_at(tx, visit.participant_id)] == ["collection", "tube"]


def test_own_data_holds_everything_and_is_recorded(tx: Tx) -> None:
    visit = make_open_visit(tx, first_name=NAME)
    found = rights.own_data(tx, visit.participant_id)
    assert found["you"]["first_name"] == NAME
    assert [found[name] != [] for name in ("consents", "visits", "measurements")] == [True] * 3
    kinds = set(tx.session.scalars(sa.select(ParticipantEvent.kind).filter_by(participant_id=visit.participant_id)))
    assert ParticipantEventKind.DATA_RETURNED in kinds


def test_the_file_and_the_page_show_it_and_the_study_keeps_nothing_of_it(
    browser: Browser, visit: Visit, databases: Databases
) -> None:
    path = f"/participants/{visit.participant_id}/data"
    page = browser.post(path, {"as": "page"})
    assert NAME in page.text
    browser.post(path, {"as": "file"})
    assert browser.response is not None
    assert json.loads(browser.response.get_data())["you"]["first_name"] == NAME
    answer = browser.client.post(f"/api/v1{path}", headers={"Sec-Fetch-Site": "same-origin", "Idempotency-Key": "k1"})
    assert (answer.status_code, answer.get_json()["data"]["you"]["first_name"]) == (200, NAME)
    with databases.transaction(read_only=True) as tx:
        assert NAME.lower().encode() not in dump(tx.session, Base.metadata)


def test_a_clerk_records_a_newly_signed_consent(browser: Browser, visit: Visit) -> None:
    browser.get(f"/participants/{visit.participant_id}/consent")
    page = browser.submit("Take the consent back")
    assert "The consent is taken back." in page.text
    browser.get(f"/participants/{visit.participant_id}/consent")
    page = browser.submit("Record this consent")
    assert "The signed consent is recorded." in page.text
    browser.get(f"/participants/{visit.participant_id}/consent")
    tomorrow = (clock.now() + timedelta(days=2)).date().isoformat()
    browser.submit("Record this consent", on=tomorrow)
    assert browser.status == 422


def test_a_death_is_reported_with_the_end_of_the_code(browser: Browser, visit: Visit, databases: Databases) -> None:
    with databases.transaction(read_only=True) as tx:
        code = rights.locked(tx, visit.participant_id).clinic_code
    browser.get(f"/participants/{visit.participant_id}")
    assert "Nothing was reported" in browser.submit("Report the death", confirm="xxxx").text
    assert "A colleague of your site must approve it" in browser.submit("Report the death", confirm=code[-4:]).text


def test_anybody_may_read_what_is_promised_in_both_languages(browser: Browser) -> None:
    page = browser.get("/privacy")
    assert page.headings == ["Your privacy · Su privacidad"]
    assert "You may leave at any time." in page.text
    assert "Puede irse en cualquier momento." in page.text
