"""The door in a real browser: a passkey, an app, the lock that gives the page back, two people at one workstation."""

import base64
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from biobank import db
from biobank.access import actions, totp
from biobank.actor import SYSTEM, Role
from biobank.demo import seed
from biobank.demo.rig import Rig
from tests.browser.conftest import violations

pytestmark = pytest.mark.browser

KEY = {"protocol": "ctap2", "transport": "usb", "hasResidentKey": True, "hasUserVerification": True,
       "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip


@pytest.fixture(scope="module")
def people(programme: Rig) -> None:
    """Grace and Hugo: their factors are nobody else's business."""
    databases = db.connect(programme.settings)
    with databases.transaction(SYSTEM) as tx:
        for username in ("grace", "hugo"):
            actions.add_staff(tx, username=username, display_name=username.title(), password=seed.PASSWORD,
                              roles=[Role.CLINIC], site_id=programme.programme.sites["CHI"].id)  # fmt: skip
    databases.dispose()


@pytest.fixture
def desk(chromium: Browser, programme: Rig, people: None) -> Iterator[BrowserContext]:
    """A workstation that finds the service by its name, with a security key plugged in."""
    address = programme.address.replace("127.0.0.1", "localhost")
    context = chromium.new_context(base_url=address, locale="en-US", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    yield context
    context.close()


def _page(desk: BrowserContext) -> Page:
    page = desk.new_page()
    session = desk.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    return page


def _picture(page: Page, name: str) -> None:
    """Kept where BIOBANK_TEST_PICTURES says, to be looked at."""
    if folder := os.environ.get("BIOBANK_TEST_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def _sign_in(page: Page, username: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("Name", exact=True).fill(username)
    page.get_by_label("Password").fill(seed.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def test_a_passkey_signs_in_and_unlocks_what_was_being_typed(desk: BrowserContext) -> None:
    page = _page(desk)
    _sign_in(page, "grace")
    page.goto("/account")
    page.get_by_label("Name of the new passkey").fill("Blue key")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    _picture(page, "recovery-codes")
    page.goto("/participants/enrol")
    page.get_by_label("First name").fill("Rosalind")
    page.get_by_role("button", name="Lock").click()
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    _picture(page, "locked")
    assert "Rosalind" not in page.content()
    assert violations(page) == []
    page.get_by_role("button", name="Unlock with your passkey").click()
    expect(page.get_by_label("First name")).to_have_value("Rosalind")
    page.get_by_role("button", name="Lock").click()
    page.get_by_role("link", name="Somebody else").click()
    _sign_in(page, "carla")
    page.get_by_role("button", name="Lock").click()
    page.get_by_role("button", name="Grace: go on").click()
    page.get_by_role("button", name="Unlock with your passkey").click()
    page.wait_for_url("**/participants/enrol*")
    page.goto("/account")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/today")
    _reveals_and_reports(page)


def _reveals_and_reports(page: Page) -> None:
    """A participant is shown their own data, and then who looked: this look is among them."""
    page.goto("/today")
    page.get_by_role("link", name="Continue").first.click()
    page.get_by_role("link", name="The participant's record").click()
    record = page.url
    _picture(page, "participant")
    page.get_by_role("button", name="Their own data, to print").click()
    expect(page.get_by_text("First name")).to_be_visible()
    expect(page.get_by_text(re.compile(r"\d kg$")).first).to_be_visible()
    expect(page.get_by_text(re.compile(r"Export EX\w{10}, Grace"))).to_be_visible()
    assert violations(page) == []
    _picture(page, "own-data")
    page.goto(f"{record.partition('?')[0]}/looks?language=en")
    expect(page.get_by_role("heading", name="Who looked at your record")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Grace")).first).to_be_visible()
    assert violations(page) == []
    _picture(page, "access-report")


def test_an_app_is_set_up_and_asked_for_and_a_pause_locks(desk: BrowserContext) -> None:
    page = _page(desk)
    _sign_in(page, "hugo")
    page.goto("/account")
    page.get_by_role("button", name="Set up an app").click()
    page.get_by_text("No camera?").click()
    secret = base64.b32decode(page.locator("details .link-text").inner_text().replace(" ", ""))
    # The code of the step before, so that the present one is still there to sign in with.
    step = int(datetime.now(UTC).timestamp()) // totp.STEP_SECONDS
    page.get_by_label("2. Type the six digits").fill(totp.code_at(secret, step - 1))
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto("/account")
    page.get_by_role("button", name="Sign out").click()
    page.clock.install()
    _sign_in(page, "hugo")
    _picture(page, "second-factor")
    page.get_by_label("Code of your app").fill(totp.code_at(secret, step))
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/today")
    page.clock.fast_forward("10:01")
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    expect(page.locator("table")).to_have_count(0)
    page.get_by_label("Password").fill(seed.PASSWORD)
    page.get_by_role("button", name="Unlock", exact=True).click()
    expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
