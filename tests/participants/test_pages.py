"""Enrolling, finding, changing and withdrawing on the page."""

import pytest
import sqlalchemy as sa

from biobank.access.actions import add_staff
from biobank.access.models import Look
from biobank.actor import Role
from biobank.db import Databases
from biobank.participants.models import Participant
from tests.pages import Browser
from tests.participants.factories import make_participant, make_site

ANSWERS = {
    "lives_in_united_states": "yes",
    "can_consent_alone": "yes",
    "is_incarcerated": "no",
    "has_consent_on_file": "yes",
}
ROSA = ANSWERS | {"first_name": "Rosa", "last_name": "Quimby", "born_on": "1980-05-17", "phone": "(312) 555-0142"}


@pytest.fixture
def participant(databases: Databases, browser: Browser) -> Participant:
    """Somebody enrolled at the site of the clerk who is signed in."""
    with databases.transaction() as tx:
        site = make_site(tx)
        add_staff(tx, username="carla", display_name="Carla Clerk", password="correct horse battery",
                  roles=[Role.CLINIC], site_id=site.id)  # fmt: skip
        made = make_participant(tx, site.id, last_name="Núñez", first_name="Ana")
    browser.sign_in("carla")
    return made


def test_a_clerk_enrols_somebody_and_sees_a_code_but_no_name(browser: Browser, participant: Participant) -> None:
    browser.get("/participants/enrol")
    page = browser.submit("Enrol this person", **ROSA)
    assert "Enrolled. Check in now" in page.text
    assert "Quimby" not in page.html


def test_an_incomplete_enrolment_keeps_what_was_typed(browser: Browser, participant: Participant) -> None:
    browser.get("/participants/enrol")
    page = browser.submit("Enrol this person", **(ROSA | {"last_name": ""}))
    assert (browser.status, "Quimby" in page.html, 'value="Rosa"' in page.html) == (422, False, True)


def test_somebody_too_young_is_refused_in_words(browser: Browser, participant: Participant) -> None:
    browser.get("/participants/enrol")
    page = browser.submit("Enrol this person", **(ROSA | {"born_on": "2015-01-01"}))
    assert browser.status == 422
    assert "Only people who are 18 or older may take part" in page.text


def test_the_refusal_is_said_in_spanish_to_a_spanish_reader(browser: Browser, participant: Participant) -> None:
    browser.client.set_cookie("language", "es")
    page = browser.post("/participants/enrol", ROSA | {"born_on": "2015-01-01", "language": "en"})
    assert "Solo pueden participar personas de 18 años o más" in page.text


def test_a_likely_duplicate_asks_for_a_reason_before_it_is_somebody_else(
    browser: Browser, participant: Participant
) -> None:
    browser.get("/participants/enrol")
    browser.submit("Enrol this person", **ROSA)
    browser.get("/participants/enrol")
    page = browser.submit("Enrol this person", **(ROSA | {"first_name": "Ruth"}))
    assert browser.status == 409
    assert "Somebody with these details is enrolled already; search instead." in page.text
    browser.submit("Enrol this person", **(ROSA | {"first_name": "Ruth", "distinct": "yes"}))
    assert browser.status == 422
    page = browser.submit(
        "Enrol this person", **(ROSA | {"first_name": "Ruth", "distinct": "yes", "distinct_reason": "twin"})
    )
    assert "Enrolled." in page.text


def test_a_search_finds_a_code_and_leaves_a_look(
    browser: Browser, participant: Participant, databases: Databases
) -> None:
    browser.get("/participants/search")
    page = browser.submit("Search", last_name="NUNEZ", born_on="1980-05-17")
    assert participant.clinic_code[1:6] in page.text
    with databases.transaction(read_only=True) as tx:
        assert tx.session.scalars(sa.select(Look.subject_id)).all() == [participant.id]


def test_a_search_for_nobody_says_what_to_do(browser: Browser, participant: Participant) -> None:
    browser.get("/participants/search")
    page = browser.submit("Search", last_name="Nobody", born_on="1980-05-17")
    assert "Nobody fits" in page.text


def test_a_withdrawal_needs_the_last_four_digits(browser: Browser, participant: Participant) -> None:
    browser.get(f"/participants/{participant.id}")
    browser.submit("Withdraw this participant", confirm="0000")
    assert browser.status == 422
    page = browser.submit("Withdraw this participant", confirm=participant.clinic_code[-4:])
    assert "Withdrawn. Nothing more will be recorded" in page.text
    assert "Check in" not in page.links


def test_a_change_of_language_is_kept(browser: Browser, participant: Participant) -> None:
    browser.get(f"/participants/{participant.id}/change")
    page = browser.submit("Save", language="es", phone="312 555 0199")
    assert "Speaks Spanish" in page.text


def test_two_clerks_who_change_one_participant_do_not_overwrite_each_other(
    browser: Browser, participant: Participant
) -> None:
    browser.get(f"/participants/{participant.id}/change")
    browser.submit("Save", language="es")
    browser.post(f"/participants/{participant.id}/change", {"language": "en", "version": "1"})
    assert browser.status == 409
