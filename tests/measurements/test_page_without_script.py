"""A whole visit at the page with nothing but forms: typed, corrected, departed from, acted on, finished."""

import pytest

from tests.measurements.desk import Desk, cell, words
from tests.measurements.factories import take
from tests.pages import Browser

HIGH = {1: ("118", "78", "66"), 2: ("205", "79", "64"), 3: ("206", "80", "65")}


@pytest.fixture
def page(browser: Browser, desk: Desk) -> Browser:
    browser.sign_in("carla")
    browser.get(desk.address)
    return browser


def _measure(page: Browser) -> None:
    page.submit("Save height", **{"height": "5 8", "unit-height": "ft in"})
    page.submit("Save weight", weight="82.8")
    page.submit("Save weight", weight="72.8")
    pressures = {f"{name}.{n}": text for n, texts in HIGH.items()
                 for name, text in zip(("systolic", "diastolic", "heart_rate"), texts, strict=True)}  # fmt: skip
    page.submit("Save blood pressure", blood_pressure_location="right-arm", **pressures)
    page.submit("Save waist", **{"waist.1": "84.0", "waist.2": "84.4", "waist_location": "umbilicus"})


def test_a_whole_visit_is_measured_without_javascript(page: Browser, desk: Desk) -> None:
    _measure(page)
    assert "172.7" in cell(page.page.html, "height")
    page.submit("This was done", **{"action-hypertensive-immediate": "Sent to emergency care"})
    page.submit("Save hip", **{"code-hip.1": "refusal"})
    assert "Nothing is missing" in words(page.submit("Refusal"))
    page.submit("Finish measurements")
    assert "Finished by Carla Clerk" in words(page.get(desk.address))


def test_what_devices_sent_is_compared_and_used_without_javascript(page: Browser, desk: Desk) -> None:
    desk.do(take, weight="72.8")
    for _ in range(4):
        desk.do(take, flags=("confirm",), systolic="128", diastolic="80", heart_rate="70")
    page.get(desk.address)
    page.submit("Use this reading", place="blood_pressure.1")
    for _ in range(3):
        page.submit("Same as the display")
    page.submit("Refusal")
    page.submit("Finish measurements")
    assert desk.sheet().is_final
