"""One's own account: sessions to end, sign-ins to look at, a password to change, all after showing who one is."""

import base64
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from werkzeug.test import TestResponse

from biobank import clock
from biobank.access import actions, first_passwords, totp
from biobank.actor import Actor
from biobank.config import Settings
from biobank.db import Databases
from biobank.web.idempotency import IdempotencyKey
from tests.access.authenticator import Authenticator
from tests.access.factories import PASSWORD
from tests.conftest import NOON
from tests.pages import Browser

SAME = {"Sec-Fetch-Site": "same-origin"}


def _asked(browser: Browser, kind: str) -> tuple[str, dict[str, str]]:
    """The options that a page's passkey button holds, and its form."""
    options = browser.page.html.split(f'data-passkey="{kind}" data-options="')[1].split('"')[0]
    form = next(form for form in browser.page.forms if "credential" in form.values)
    return options.replace("&#34;", '"'), form.values


def _passkey(browser: Browser) -> Authenticator:
    key = Authenticator()
    browser.get("/account")
    options, values = _asked(browser, "add")
    browser.post("/account/passkeys", values | {"credential": key.create(options), "name": "blue key"})
    return key


def test_a_passkey_alone_signs_in(browser: Browser, people: dict[str, Actor]) -> None:
    browser.sign_in("carla")
    key = _passkey(browser)
    assert browser.page.headings == ["Recovery codes"]
    browser.get("/account")
    browser.submit("Sign out")
    browser.get("/sign-in")
    options, values = _asked(browser, "use")
    assert browser.post("/sign-in/passkey", values | {"credential": key.get(options)}).headings == ["Today"]


def test_a_passkey_unlocks(browser: Browser, people: dict[str, Actor]) -> None:
    browser.sign_in("carla")
    key = _passkey(browser)
    browser.get("/today")
    browser.submit("Lock")
    options, values = _asked(browser, "use")
    assert browser.post("/unlock", values | {"credential": key.get(options)}).headings == ["Today"]


def test_somebody_who_may_not_work_any_more_gets_in_by_no_passkey(
    browser: Browser, people: dict[str, Actor], databases: Databases
) -> None:
    browser.sign_in("carla")
    key = _passkey(browser)
    carla = people["carla"].id
    assert carla is not None
    with databases.transaction() as tx:
        actions.set_active(tx, carla, active=False)
    browser.get("/sign-in")
    options, values = _asked(browser, "use")
    assert "not accepted" in browser.post("/sign-in/passkey", values | {"credential": key.get(options)}).text


def test_sessions_elsewhere_are_seen_and_ended(
    browser: Browser, people: object, databases: Databases, settings: Settings
) -> None:
    token = actions.sign_in(databases, settings, username="carla", password=PASSWORD, address="10.9.8.7")
    browser.sign_in("carla")
    assert "10.9.8.7" in browser.get("/account").text
    assert "10.9.8.7" not in browser.submit("End").text.split("Recent sign-ins")[0]
    answer = browser.client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


def test_a_new_password_ends_the_other_sessions(
    browser: Browser, people: object, databases: Databases, settings: Settings
) -> None:
    token = actions.sign_in(databases, settings, username="carla", password=PASSWORD, address="x")
    browser.sign_in("carla")
    browser.get("/account")
    assert "on a list of known ones" in browser.submit("Change the password", password="password12345").text
    assert "is changed" in browser.submit("Change the password", password="four unrelated words").text
    answer = browser.client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    browser.submit("Sign out")
    assert browser.sign_in("carla", "four unrelated words").headings == ["Today"]


def test_a_password_chosen_on_ones_account_is_no_first_one_any_more(
    browser: Browser, people: dict[str, Actor], databases: Databases, settings: Settings
) -> None:
    browser.sign_in("carla")
    key, carla = _passkey(browser), people["carla"].id
    assert carla is not None
    with databases.transaction(people["adam"]) as tx:
        first_passwords.give(tx, carla)
    browser.get("/sign-in")
    options, values = _asked(browser, "use")
    browser.post("/sign-in/passkey", values | {"credential": key.get(options)})
    browser.get("/account")
    browser.submit("Change the password", password="four unrelated words")
    with clock.at(clock.now() + timedelta(days=4)):
        assert actions.sign_in(databases, settings, username="carla", password="four unrelated words", address="x")


def test_attempts_that_failed_stand_in_the_list(browser: Browser, people: object) -> None:
    browser.sign_in("carla", "a wrong password")
    browser.sign_in("carla")
    listed = browser.client.get("/api/v1/me/sign-ins").json
    assert [event["outcome"] for event in listed] == ["signed-in", "refused"]  # type: ignore[union-attr]


def test_after_five_minutes_the_account_asks_who_one_is(browser: Browser, people: object, noon: object) -> None:
    browser.sign_in("carla")
    with clock.at(NOON + timedelta(minutes=5, seconds=1)):
        browser.get("/account")
        page = browser.submit("Change the password", password="four unrelated words")
        assert page.headings == ["Is it still you?"]
        browser.submit("Confirm", secret=PASSWORD)
        assert "is changed" in browser.submit("Send what I typed").text


def test_confirming_is_good_for_five_minutes(browser: Browser, people: object, noon: object) -> None:
    browser.sign_in("carla")
    with clock.at(NOON + timedelta(minutes=9)):
        browser.get("/confirm?next=/account")
        assert browser.submit("Confirm", secret=PASSWORD).headings == ["Your account"]
        assert "is changed" in browser.submit("Change the password", password="four unrelated words").text


def test_an_approval_is_confirmed_anew(browser: Browser, people: object, noon: object) -> None:
    browser.sign_in("adam")
    with clock.at(NOON + timedelta(minutes=6)):
        path = "/api/v1/approvals/00000000-0000-7000-8000-000000000000/decision"
        answer = browser.client.post(path, json={"answer": "approve", "digest": "0" * 64},
                                     headers=SAME | {"Idempotency-Key": "a"})  # fmt: skip
    assert answer.json is not None
    assert answer.json["type"].endswith("confirm")


def test_nobody_is_sent_elsewhere_after_confirming(browser: Browser, people: object) -> None:
    browser.sign_in("carla")
    browser.get("/confirm?next=//evil.example/")
    answer = browser.client.post("/confirm", data={"secret": PASSWORD, "next": "//evil.example/"}, headers=SAME)
    assert answer.headers["Location"] == "/"


def test_one_cannot_end_somebody_elses_session(door: Callable[..., Browser], people: object) -> None:
    carla, fiona = door(), door()
    carla.sign_in("carla")
    fiona.sign_in("fiona")
    theirs = fiona.client.get("/api/v1/me/sessions").json[0]["id"]  # type: ignore[index]
    assert carla.client.delete(f"/api/v1/me/sessions/{theirs}", headers=SAME).status_code == 404
    assert fiona.client.get("/api/v1/me").status_code == 200


def test_a_program_sets_up_an_app_and_codes_of_its_owner(
    browser: Browser, databases: Databases, people: dict[str, Actor], noon: datetime
) -> None:
    browser.sign_in("carla")
    headers = {"Sec-Fetch-Site": "same-origin"}

    def post(path: str, **json: str) -> TestResponse:
        given = headers | {"Idempotency-Key": path}
        return browser.client.post(f"/api/v1/me/factors/{path}", json=json or None, headers=given)

    assert post("recovery-codes").status_code == 409
    secret = base64.b32decode(post("totp").get_json()["secret"])
    assert post("totp/confirm", code=totp.code_at(secret, int(noon.timestamp()) // 30)).status_code == 204
    assert len(post("recovery-codes").get_json()["codes"]) == 10
    held = browser.client.get("/api/v1/me/factors").get_json()
    assert (held["passkeys"], held["recovery_codes"], held["totp_since"][:10]) == ([], 10, "2026-11-20")
    assert browser.client.delete("/api/v1/me/factors/totp", headers=headers).status_code == 204
    with databases.transaction(read_only=True) as tx:
        kept = "".join(body or "" for body in tx.session.scalars(sa.select(IdempotencyKey.body)))
    assert "secret" not in kept
    assert "codes" not in kept
