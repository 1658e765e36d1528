"""The lock: after a pause nothing works, unlocking goes on where one was, and two people share a workstation."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from biobank import clock
from biobank.access import sessions, totp
from biobank.actor import Actor
from biobank.db import Databases
from tests.access.conftest import STEP
from tests.access.factories import PASSWORD
from tests.conftest import NOON
from tests.pages import Browser


class Watch:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def watch() -> Iterator[Watch]:
    made = Watch()
    with clock.at(made):
        yield made


@pytest.fixture
def at_work(watch: Watch, people: dict[str, Actor], browser: Browser) -> Browser:
    browser.sign_in("carla")
    return browser


def test_after_ten_minutes_and_a_second_the_page_is_locked(at_work: Browser, watch: Watch) -> None:
    watch.pass_by(minutes=10, seconds=1)
    page = at_work.get("/today")
    assert page.headings == ["Locked"]
    assert "Carla" in page.text


def test_after_ten_minutes_it_is_not(at_work: Browser, watch: Watch) -> None:
    watch.pass_by(minutes=10)
    assert at_work.get("/today").headings == ["Today"]


def test_unlocking_goes_on_where_one_was(at_work: Browser, watch: Watch) -> None:
    watch.pass_by(minutes=11)
    at_work.get("/participants/enrol?step=2")
    at_work.submit("Unlock", secret=PASSWORD)
    assert at_work.response is not None
    assert at_work.response.request.full_path == "/participants/enrol?step=2"


def test_what_was_typed_is_given_back(at_work: Browser, watch: Watch) -> None:
    watch.pass_by(minutes=11)
    page = at_work.post("/participants/enrol?x=1", {"note": "left arm", "_key": "one"})
    assert at_work.status == 401
    assert "left arm" not in page.html
    page = at_work.submit("Unlock", secret=PASSWORD)
    form = next(form for form in page.forms if form.buttons and form.buttons[0][0] == "Send what I typed")
    assert (form.action, form.values) == ("/participants/enrol?x=1", {"note": "left arm", "_key": "one"})


def test_what_was_typed_is_nobody_elses(at_work: Browser, watch: Watch, people: dict[str, Actor]) -> None:
    watch.pass_by(minutes=11)
    page = at_work.post("/participants/enrol", {"note": "left arm"})
    typed = next(form.values["kept"] for form in page.forms if "kept" in form.values)
    at_work.sign_in("cleo")
    assert "left arm" not in at_work.post("/unlock", {"secret": PASSWORD, "kept": typed}).html


def test_the_lock_button_locks_at_once(at_work: Browser) -> None:
    at_work.get("/today")
    assert at_work.submit("Lock").headings == ["Locked"]
    assert at_work.get("/today").headings == ["Locked"]
    assert at_work.submit("Unlock", secret=PASSWORD).headings == ["Today"]


def test_a_wrong_password_unlocks_nothing(at_work: Browser) -> None:
    at_work.get("/today")
    at_work.submit("Lock")
    assert "That was not right" in at_work.submit("Unlock", secret="wrong").text
    assert at_work.get("/today").headings == ["Locked"]


def test_the_apps_code_unlocks(app_secret: bytes, watch: Watch, browser: Browser) -> None:
    browser.sign_in("carla")
    browser.submit("Go on", secret=totp.code_at(app_secret, STEP))
    watch.pass_by(minutes=11)
    browser.get("/today")
    code = totp.code_at(app_secret, STEP + 22)
    assert browser.submit("Unlock", secret=code).headings == ["Today"]


def test_polling_does_not_keep_a_session_alive(at_work: Browser, watch: Watch) -> None:
    for _ in range(3):
        watch.pass_by(minutes=4)
        at_work.client.get("/stations/here?background=1", headers={"HX-Request": "true"})
    assert at_work.get("/today").headings == ["Locked"]


def test_a_part_of_a_page_asks_to_lock_in_its_place(at_work: Browser, watch: Watch) -> None:
    watch.pass_by(minutes=11)
    answer = at_work.client.get("/stations/here?background=1", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (204, "session-locked")


def test_typing_keeps_a_session_alive(at_work: Browser, watch: Watch) -> None:
    for _ in range(3):
        watch.pass_by(minutes=6)
        at_work.post("/alive", {})
    assert at_work.get("/today").headings == ["Today"]


def test_after_twelve_hours_it_ends_whatever_happens(at_work: Browser, watch: Watch) -> None:
    for _ in range(73):
        watch.pass_by(minutes=9.9)
        at_work.post("/alive", {})
    assert at_work.get("/today").headings == ["Sign in"]


def test_two_people_share_a_workstation(at_work: Browser, watch: Watch) -> None:
    at_work.get("/participants/enrol")
    at_work.submit("Lock")
    assert at_work.sign_in("cleo").headings == ["Today"]
    at_work.submit("Lock")
    page = at_work.submit("Carla: go on")
    assert page.headings == ["Locked"]
    assert "Carla" in page.text
    at_work.submit("Unlock", secret=PASSWORD)
    assert at_work.response is not None
    assert at_work.response.request.path == "/participants/enrol"
    assert "Carla" in at_work.page.text


def test_switching_to_somebody_gives_nothing_without_their_proof(at_work: Browser, people: object) -> None:
    at_work.get("/today")
    at_work.submit("Lock")
    at_work.sign_in("fiona")
    at_work.get("/sign-in")
    at_work.submit("Carla: go on")
    assert at_work.get("/today").headings == ["Locked"]
    assert "That was not right" in at_work.submit("Unlock", secret="the password of fiona").text


def test_a_session_that_was_ended_is_not_brought_back(
    at_work: Browser, databases: Databases, people: dict[str, Actor]
) -> None:
    at_work.get("/today")
    at_work.submit("Lock")
    at_work.sign_in("cleo")
    carla = people["carla"].id
    assert carla is not None
    with databases.transaction() as tx:
        sessions.revoke_sessions(tx, carla)
    assert "Carla" not in at_work.get("/sign-in").text
