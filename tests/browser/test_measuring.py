"""The measurements page walked by keyboard alone, and by devices alone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from biobank.demo.rig import Rig
from tests.browser.conftest import act, violations
from tests.browser.test_clinic import People, check_in, enrol

pytestmark = pytest.mark.browser
DESK = "Desk 1"
_MOST_TABS = 60
_FOCUSED = "document.activeElement === document.body ? '' : document.activeElement.id"


@pytest.fixture
def page(person: People) -> Iterator[Page]:
    """A clerk at the measurements of a new visit; the desk is free again afterwards, however it went."""
    page = person("carla")
    enrol(page)
    check_in(page, DESK)
    expect(page.locator("#measurements")).to_be_visible()
    visit = page.url.removesuffix("/measurements")
    yield page
    page.goto(visit)
    page.get_by_text("The visit does not go on").click()
    page.get_by_label("Reason").select_option("no-time")
    page.get_by_role("button", name="Cancel this visit").click()
    page.wait_for_url(lambda url: url != visit)


def _tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Go there as a person without a mouse does."""
    for _ in range(_MOST_TABS):
        page.keyboard.press(key)
        if page.evaluate(_FOCUSED) == name:
            return
    raise AssertionError(f"the keyboard does not reach {name}")


@contextmanager
def _stored(page: Page) -> Iterator[None]:
    """What is done here is stored and shown, and the keyboard stands where it goes on, before anything else is done."""
    version = page.locator("#measurements").get_attribute("data-version")
    yield
    expect(page.locator("#measurements")).not_to_have_attribute("data-version", version or "")
    expect(page.locator("#measurements-refusal .usa-alert")).to_have_count(0)


def _type(page: Page, ref: str, text: str) -> None:
    """Type into the box that the keyboard stands in, and go on with Enter."""
    expect(page.locator(f'[id="box-{ref}"]')).to_be_focused()
    with _stored(page):
        page.keyboard.press("Control+a")
        page.keyboard.type(text)
        page.keyboard.press("Enter")


def test_a_visit_is_measured_by_keyboard_alone(page: Page) -> None:
    _tab_to(page, "unit-height")
    page.keyboard.type("ft in")
    page.keyboard.press("Shift+Tab")
    _type(page, "height", "5 8")
    expect(page.locator('[id="cell-height"]')).to_contain_text("172.7 cm")
    _type(page, "weight", "82.8")
    _tab_to(page, "box-weight", "Shift+Tab")
    _type(page, "weight", "72.8")
    expect(page.locator('[id="cell-weight"] del')).to_contain_text("82.8 kg")
    page.context.set_offline(True)
    page.keyboard.type("118")
    page.keyboard.press("Enter")
    expect(page.locator("#no-line")).to_contain_text("no line to the server")
    page.context.set_offline(False)
    expect(page.locator("#no-line")).to_be_hidden(timeout=10_000)
    for number, values in enumerate((("118", "78", "66"), ("205", "79", "64"), ("206", "80", "65")), start=1):
        for field, text in zip(("systolic", "diastolic", "heart_rate"), values, strict=True):
            _type(page, f"{field}.{number}", text)
    expect(page.locator("#alert-hypertensive-immediate")).to_contain_text("IMMEDIATELY")
    assert violations(page) == []
    _tab_to(page, "action-hypertensive-immediate", "Shift+Tab")
    with _stored(page):
        page.keyboard.type("Sent to emergency care")
        page.keyboard.press("Enter")
    expect(page.locator("#alert-hypertensive-immediate")).to_have_count(0)
    _type(page, "waist.1", "84.0")
    _type(page, "waist.2", "84.4")
    expect(page.locator('[id="box-hip.1"]')).to_be_focused()
    _tab_to(page, "unusual-hip.1")
    page.keyboard.press("Enter")
    _tab_to(page, "code-hip.1")
    page.keyboard.type("refused")
    _tab_to(page, "save-hip-hip.1")
    with _stored(page):
        page.keyboard.press("Enter")
    expect(page.locator('[id="cell-hip.1"] > div:last-child')).to_contain_text("refused by the participant")
    _tab_to(page, "fill-emergency")
    with _stored(page):
        page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing is missing.")).to_be_visible()
    expect(page.locator(".readings-finish")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#finish")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/visits/[0-9a-f-]+$"))


def test_a_visit_is_measured_by_devices_alone(page: Page, programme: Rig) -> None:
    act(programme, "scale", weight="72.8", height="172.7")
    expect(page.locator('[id="box-weight"]')).to_have_value("72.8", timeout=20_000)
    for number, systolic in enumerate(("128", "124", "122"), start=1):
        act(programme, "kiosk", systolic=systolic, diastolic="80", heart_rate="70")
        expect(page.locator(f'[id="box-systolic.{number}"]')).to_have_value(systolic, timeout=20_000)
    expect(page.locator('[id="row-blood_pressure"]')).to_contain_text("of 2")
    act(programme, "kiosk", systolic="120", diastolic="79", heart_rate="69")
    page.get_by_role("button", name="Use this reading").click(timeout=20_000)
    expect(page.locator('[id="cell-blood_pressure.1"] del').first).to_contain_text("128 mmHg")
    to_compare = page.get_by_role("button", name="Same as the display")
    page.locator("h1").click()
    for left in (2, 1, 0):
        page.keyboard.press("y")
        expect(to_compare).to_have_count(left)
    with _stored(page):
        page.get_by_role("button", name="Refusal").click()
    page.get_by_role("button", name="Finish measurements").click()
    page.wait_for_url(re.compile(r"/visits/[0-9a-f-]+$"))
