"""A first password is drawn, and good for nothing but choosing one's own."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from biobank import clock
from biobank.access import actions, first_passwords
from biobank.access.models import Staff
from biobank.access.security_log import events
from biobank.actor import Actor, Role
from biobank.config import Settings
from biobank.db import Databases
from biobank.errors import Forbidden, Invalid, NotSignedIn
from tests.access.factories import PASSWORD
from tests.pages import Browser

OWN = "four unrelated garden words"


def _given_to_carla(browser: Browser, people: dict[str, Actor]) -> str:
    """An administrator gives a first password again; what the page shows of it."""
    browser.sign_in("adam")
    browser.get(f"/staff/{people['carla'].id}")
    shown = browser.submit("Give a first password").html
    found = re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", shown)
    assert found is not None
    browser.post("/sign-out", {})
    return found[0]


def test_a_first_password_opens_the_page_on_which_one_chooses_ones_own(
    browser: Browser, people: dict[str, Actor], databases: Databases, settings: Settings
) -> None:
    first = _given_to_carla(browser, people)
    assert "Choose your password" in browser.sign_in("carla", first).title
    assert browser.get("/today").title.startswith("Choose your password")
    browser.submit("Go on", password=OWN)
    assert browser.get("/today").title.startswith("Today")
    with pytest.raises(NotSignedIn):
        actions.sign_in(databases, settings, username="carla", password=first, address="x")


def test_the_first_password_is_none_to_keep(browser: Browser, people: dict[str, Actor]) -> None:
    first = _given_to_carla(browser, people)
    browser.sign_in("carla", first)
    assert "Choose another one" in browser.submit("Go on", password=first).text
    assert "at least 12 characters" in browser.submit("Go on", password="short").text


def test_a_forgotten_password_is_worth_nothing_once_a_first_one_is_given_and_the_auditor_hears_of_it(
    browser: Browser, people: dict[str, Actor], databases: Databases, settings: Settings
) -> None:
    _given_to_carla(browser, people)
    with pytest.raises(NotSignedIn):
        actions.sign_in(databases, settings, username="carla", password=PASSWORD, address="x")
    with databases.transaction(read_only=True) as tx:
        assert "password-reset" in [event.kind for event in events(tx)[0]]


def test_after_three_days_a_first_password_opens_nothing(databases: Databases, settings: Settings) -> None:
    with databases.transaction() as tx:
        site = actions.add_site(tx, code="DEN", name="Denver", kind="clinic", zone="America/Denver")
        first = first_passwords.add_staff(tx, username="bo", display_name="Bo", roles=[Role.CLINIC], site_id=site.id)
    with clock.at(first.until + timedelta(seconds=1)), pytest.raises(NotSignedIn, match="run out"):
        actions.sign_in(databases, settings, username="bo", password=first.password, address="x")


def test_nobody_is_added_to_a_site_that_is_not_there(databases: Databases) -> None:
    with databases.transaction() as tx, pytest.raises(Invalid, match="no such site"):
        first_passwords.add_staff(tx, username="bo", display_name="Bo", roles=[Role.CLINIC], site_id=UUID(int=7))


def test_nobody_gives_one_to_themselves(databases: Databases, people: dict[str, Actor]) -> None:
    adam = people["adam"]
    with databases.transaction(adam) as tx, pytest.raises(Forbidden):
        first_passwords.give(tx, UUID(str(adam.id)))


def test_no_answer_that_holds_one_is_kept(browser: Browser, people: dict[str, Actor], databases: Databases) -> None:
    browser.sign_in("adam")
    headers = {"Sec-Fetch-Site": "same-origin", "Idempotency-Key": "one"}
    with databases.transaction(read_only=True) as tx:
        site_id = tx.session.get_one(Staff, people["carla"].id).site_id
    given = {"username": "bo", "display_name": "Bo", "roles": ["clinic"], "site_id": str(site_id)}
    answers = [browser.client.post("/api/v1/staff", json=given, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert re.fullmatch(r"[a-z2-9-]{19}", answers[0].get_json()["first_password"])
