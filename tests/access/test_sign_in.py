"""Signing in: nothing tells a wrong name from a wrong password, and a session ends when it is told to."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from biobank import clock
from biobank.access import actions
from biobank.access.cookies import cookie_name
from biobank.access.models import Look, Purpose, SiteKind, Staff, StaffSession
from biobank.actor import Role
from biobank.config import Settings
from biobank.db import Databases
from biobank.errors import Conflict, Invalid, NotSignedIn, TooMany
from tests.pages import Browser

PASSWORD = "correct horse battery"


@pytest.fixture
def ann(databases: Databases) -> Staff:
    with databases.transaction() as tx:
        site = actions.add_site(tx, code="CHI", name="Chicago", kind=SiteKind.CLINIC, zone="America/Chicago")
        return actions.add_staff(tx, username="Ann", display_name="Ann Lee", password=PASSWORD,
                                 roles=[Role.AUDITOR], site_id=site.id)  # fmt: skip


def _sign_in(databases: Databases, settings: Settings, password: str = PASSWORD, name: str = "ann") -> str:
    return actions.sign_in(databases, settings, username=name, password=password, address="10.0.0.1")


def test_the_right_password_opens_a_session(databases: Databases, settings: Settings, ann: Staff) -> None:
    token = _sign_in(databases, settings)
    with databases.transaction(read_only=True) as tx:
        assert actions.session_of(tx, settings, token).actor.id == ann.id


def test_the_token_itself_is_not_kept(databases: Databases, settings: Settings, ann: Staff) -> None:
    token = _sign_in(databases, settings)
    with databases.transaction(read_only=True) as tx:
        assert tx.session.scalar(sa.select(StaffSession.token_hash)) != token


def test_a_wrong_name_and_a_wrong_password_sound_alike(databases: Databases, settings: Settings, ann: Staff) -> None:
    with pytest.raises(NotSignedIn) as wrong_password:
        _sign_in(databases, settings, password="wrong")
    with pytest.raises(NotSignedIn) as wrong_name:
        _sign_in(databases, settings, name="nobody")
    assert str(wrong_password.value) == str(wrong_name.value)


def test_the_eleventh_attempt_in_five_minutes_is_refused(
    databases: Databases, settings: Settings, ann: Staff, noon: object
) -> None:
    for _ in range(10):
        with pytest.raises(NotSignedIn):
            _sign_in(databases, settings, password="wrong")
    with pytest.raises(TooMany) as refused:
        _sign_in(databases, settings)
    assert refused.value.details["retry_after"] == 300


def test_a_session_locks_after_ten_idle_minutes(databases: Databases, settings: Settings, ann: Staff) -> None:
    token = _sign_in(databases, settings)
    later = clock.now() + timedelta(minutes=10, seconds=1)
    with clock.at(later), databases.transaction() as tx, pytest.raises(NotSignedIn, match="locked"):
        actions.session_of(tx, settings, token)


def test_a_session_ends_after_twelve_hours_of_work(databases: Databases, settings: Settings, ann: Staff) -> None:
    start = clock.now()
    with clock.at(start):
        token = _sign_in(databases, settings)
    with databases.transaction() as tx:
        session = actions.session_of(tx, settings, token)
        with clock.at(start + timedelta(hours=11, minutes=59)):
            actions.touch_session(tx, session.session_id)
    with clock.at(start + timedelta(hours=12, seconds=1)), databases.transaction() as tx, pytest.raises(NotSignedIn):
        actions.session_of(tx, settings, token)


def test_switching_somebody_off_ends_their_sessions(databases: Databases, settings: Settings, ann: Staff) -> None:
    token = _sign_in(databases, settings)
    with databases.transaction() as tx:
        actions.set_active(tx, ann.id, active=False)
    with databases.transaction(read_only=True) as tx, pytest.raises(NotSignedIn):
        actions.session_of(tx, settings, token)


def test_signing_out_ends_the_session_everywhere(browser: Browser, ann: Staff) -> None:
    browser.sign_in("ann")
    cookie = browser.client.get_cookie("sid")
    answer = browser.client.post("/sign-out", headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert cookie is not None
    browser.client.set_cookie("sid", cookie.value)
    assert "Sign in" in browser.get("/looks").headings


def test_the_cookie_is_strict_and_hidden_from_scripts(browser: Browser, ann: Staff) -> None:
    browser.get("/sign-in")
    answer = browser.client.post("/sign-in", data={"username": "ann", "password": PASSWORD},
                                 headers={"Sec-Fetch-Site": "same-origin"})  # fmt: skip
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=Strict" in answer.headers["Set-Cookie"]


def test_outside_a_demonstration_the_cookie_is_bound_to_the_host(settings: Settings) -> None:
    assert cookie_name(Settings()) == "__Host-sid"


def test_a_bearer_token_switches_the_cookie_off(app: Flask, browser: Browser, ann: Staff) -> None:
    browser.sign_in("ann")
    answer = browser.client.get("/api/v1/me", headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401


def test_sign_in_does_not_send_anybody_to_another_site(browser: Browser, ann: Staff) -> None:
    answer = browser.client.post("/sign-in?next=//evil.example/", data={"username": "ann", "password": PASSWORD},
                                 headers={"Sec-Fetch-Site": "same-origin"})  # fmt: skip
    assert answer.headers["Location"] == "/"


def test_a_short_password_is_refused(databases: Databases, ann: Staff) -> None:
    with databases.transaction() as tx, pytest.raises(Invalid, match="12 characters"):
        actions.add_staff(tx, username="bob", display_name="Bob", password="short", roles=[Role.CLINIC],
                          site_id=ann.site_id)  # fmt: skip


def test_a_name_is_given_once(databases: Databases, ann: Staff) -> None:
    with databases.transaction() as tx, pytest.raises(Conflict):
        actions.add_staff(tx, username="ANN", display_name="Ann", password=PASSWORD, roles=[Role.CLINIC],
                          site_id=ann.site_id)  # fmt: skip


def test_a_look_cannot_be_changed_or_removed(databases: Databases, ann: Staff) -> None:
    with databases.transaction(actions.actor_of(ann)) as tx:
        actions.record_look(tx, subject_kind="participant", subject_id=ann.id, purpose=Purpose.VISIT, route="/x",
                            request_id=None)  # fmt: skip
    for statement in (sa.update(Look).values(route="/y"), sa.delete(Look)):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), databases.transaction() as tx:
            tx.session.execute(statement)


def test_the_sign_in_page_speaks_spanish(browser: Browser) -> None:
    page = browser.get("/sign-in", headers={"Accept-Language": "es"})
    assert page.headings == ["Iniciar sesión"]
