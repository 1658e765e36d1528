"""The second step: asked for by policy and by what somebody holds, set up at first sign-in, and never skipped."""

import base64
import re
from collections.abc import Callable

import pytest

from biobank.access import factors, totp
from biobank.actor import Actor
from biobank.db import Databases
from tests.access.conftest import STEP
from tests.access.factories import PASSWORD
from tests.pages import Browser

Door = Callable[..., Browser]


def test_the_password_alone_opens_nothing_once_there_is_an_app(browser: Browser, app_secret: bytes) -> None:
    assert browser.sign_in("carla").headings == ["Second step"]
    assert browser.get("/today").headings == ["Second step"]
    assert browser.get("/account").headings == ["Second step"]


def test_the_apps_code_opens_the_session(browser: Browser, app_secret: bytes) -> None:
    browser.sign_in("carla")
    assert browser.submit("Go on", secret=totp.code_at(app_secret, STEP)).headings == ["Today"]


def test_the_token_changes_with_the_second_step(browser: Browser, app_secret: bytes) -> None:
    browser.sign_in("carla")
    before = browser.client.get_cookie("sid")
    browser.submit("Go on", secret=totp.code_at(app_secret, STEP))
    after = browser.client.get_cookie("sid")
    assert before is not None
    assert after is not None
    assert before.value != after.value


def test_a_code_that_was_used_is_refused_at_the_door(browser: Browser, app_secret: bytes) -> None:
    code = totp.code_at(app_secret, STEP)
    browser.sign_in("carla")
    browser.submit("Go on", secret=code)
    browser.get("/account")
    browser.submit("Sign out")
    browser.sign_in("carla")
    assert "That was not right" in browser.submit("Go on", secret=code).text


def test_wrong_codes_are_counted_and_then_wait(browser: Browser, app_secret: bytes) -> None:
    browser.sign_in("carla")
    for _ in range(10):
        browser.submit("Go on", secret="ABCDEFGHJK")
    assert "Too many attempts" in browser.submit("Go on", secret=totp.code_at(app_secret, STEP)).text
    assert browser.status == 429


def test_a_printed_code_opens_once(
    browser: Browser, databases: Databases, people: dict[str, Actor], app_secret: bytes
) -> None:
    carla = people["carla"].id
    assert carla is not None
    with databases.transaction() as tx:
        code = factors.make_recovery_codes(tx, carla)[0]
    browser.sign_in("carla")
    assert browser.submit("Go on", secret=code).headings == ["Today"]


def test_whoever_needs_a_factor_sets_it_up_at_first_sign_in(door: Door, people: object, noon: object) -> None:
    browser = door(factor_roles="clinic")
    assert browser.sign_in("carla").headings == ["Your account"]
    assert browser.get("/today").headings == ["Your account"]
    page = browser.submit("Set up an app")
    found = re.search(r"(?:[A-Z2-7]{4} ?){8}", page.text)
    assert found is not None
    secret = base64.b32decode(found[0].replace(" ", ""))
    page = browser.submit("Done", secret=totp.code_at(secret, STEP))
    assert page.headings == ["Recovery codes"]
    assert len(re.findall(r"[0-9A-Z]{5}-[0-9A-Z]{5}", page.text)) == 10
    assert browser.submit("I have them: go on").headings == ["Today"]


def test_nobody_goes_on_without_setting_it_up(door: Door, people: object) -> None:
    browser = door(factor_roles="clinic")
    browser.sign_in("carla")
    browser.post("/account/finish", {})
    assert browser.get("/today").headings == ["Your account"]


def test_an_app_is_not_enough_where_a_passkey_is_demanded(door: Door, app_secret: bytes) -> None:
    browser = door(passkey_roles="clinic")
    browser.sign_in("carla")
    page = browser.submit("Go on", secret=totp.code_at(app_secret, STEP))
    assert "set up a passkey" in page.text
    assert browser.get("/today").headings == ["Your account"]


def test_the_last_factor_of_whoever_needs_one_is_not_removed(door: Door, app_secret: bytes) -> None:
    browser = door(factor_roles="clinic")
    browser.sign_in("carla")
    browser.submit("Go on", secret=totp.code_at(app_secret, STEP))
    browser.get("/account")
    assert "needs a second factor" in browser.submit("Remove the app").text


@pytest.mark.parametrize(("code", "status"), [("", 401), ("000000", 401), (None, 201)])
def test_a_program_sends_the_code_with_the_password(
    browser: Browser, app_secret: bytes, code: str | None, status: int
) -> None:
    given = totp.code_at(app_secret, STEP) if code is None else code
    answer = browser.client.post("/api/v1/sessions", json={"username": "carla", "password": PASSWORD, "code": given},
                                 headers={"Idempotency-Key": "k"})  # fmt: skip
    assert answer.status_code == status


def test_a_half_open_session_is_nothing_to_the_api(browser: Browser, app_secret: bytes) -> None:
    browser.sign_in("carla")
    answer = browser.client.get("/api/v1/me", headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["type"].endswith("factor-needed")
