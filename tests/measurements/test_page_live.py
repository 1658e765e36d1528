"""The page's live part: what arrives by itself, what waits for the clerk, and the end."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from biobank import clock
from tests.measurements.desk import Desk, cell, form_of, words
from tests.measurements.factories import measure_all, take, type_in
from tests.pages import Browser

HTMX = {"HX-Request": "true", "Sec-Fetch-Site": "same-origin"}
PRESSURES = {"systolic": "118", "diastolic": "78", "heart_rate": "66"}


@pytest.fixture
def desk(desk: Desk, browser: Browser, noon: datetime) -> Desk:
    """The clerk of the desk stands at the page, and the clock stands too."""
    browser.sign_in("carla")
    return desk


def live(browser: Browser, desk: Desk, **query: Any) -> tuple[int, str]:
    """What the page's own polling gets."""
    answer = browser.client.get(desk.address, query_string={"background": 1} | query, headers=HTMX)
    return answer.status_code, answer.get_data(as_text=True)


def seen(html: str) -> str:
    """The mark that the page polls with."""
    found = re.search(r"seen=([^\"&]+)", html)
    assert found is not None
    return found[1]


# What arrives by itself


def test_a_device_value_appears_by_itself_and_glows_once(browser: Browser, desk: Desk) -> None:
    mark = seen(browser.get(desk.address).html)
    desk.do(take, weight="72.8")
    status, html = live(browser, desk, seen=mark)
    assert status == 200
    assert "is-new" in cell(html, "weight")
    assert "scale · kg" in cell(html, "weight")
    assert "is-new" not in live(browser, desk, seen="")[1]


def test_nothing_is_sent_while_nothing_changes(browser: Browser, desk: Desk) -> None:
    mark = seen(browser.get(desk.address).html)
    assert live(browser, desk, seen=mark) == (204, "")


def test_a_tag_that_still_holds_is_answered_in_short(browser: Browser, desk: Desk) -> None:
    browser.get(desk.address)
    assert browser.response is not None
    tag = browser.response.headers["ETag"]
    answer = browser.client.get(desk.address, headers=HTMX | {"If-None-Match": tag})
    assert answer.status_code == 304


def test_the_end_of_the_pause_is_news(browser: Browser, desk: Desk, noon: datetime) -> None:
    desk.do(type_in, height="172.7", weight="72.8")
    desk.do(take, **PRESSURES)
    mark = seen(browser.get(desk.address).html)
    with clock.at(noon + timedelta(seconds=61)):
        assert live(browser, desk, seen=mark)[0] == 200


def test_a_refused_reading_is_shown_with_its_reason(browser: Browser, desk: Desk) -> None:
    desk.do(take, systolic="118", diastolic="119", heart_rate="66")
    page = words(browser.get(desk.address))
    assert "Readings refused" in page
    assert "not below the systolic" in page


def test_a_fourth_pressure_reading_waits_to_be_used(browser: Browser, desk: Desk) -> None:
    for _ in range(4):
        desk.do(take, **PRESSURES)
    assert "Readings not used" in words(browser.get(desk.address))
    browser.submit("Use this reading", place="blood_pressure.2")
    assert desk.sheet().spare_readings == ()


def test_a_value_without_checksum_asks_to_be_compared(browser: Browser, desk: Desk) -> None:
    desk.do(take, flags=("confirm",), **PRESSURES)
    page = browser.get(desk.address)
    assert "Compare with the display of HBP-9030: systolic 118, diastolic 78, heart rate 66" in words(page)
    assert "Compare with the display" not in words(browser.submit("Same as the display"))


def test_enter_moves_to_the_next_empty_box(browser: Browser, desk: Desk) -> None:
    form = {"version": "0", "row": "hip", "was-hip.1": "", "hip.1": "98.0"}
    html = browser.client.post(desk.address, data=form, headers=HTMX).get_data(as_text=True)
    assert re.findall(r'id="box-([\w.]+)"[^>]*autofocus', html) == ["hip.2"]


# Alerts and the end


def test_an_alert_stays_until_somebody_writes_what_was_done(browser: Browser, desk: Desk) -> None:
    desk.do(type_in, systolic_1="205", systolic_2="206")
    assert "IMMEDIATELY" in words(browser.get(desk.address))
    browser.submit("This was done", **{"action-hypertensive-immediate": " "})
    assert browser.status == 422
    page = browser.submit("This was done", **{"action-hypertensive-immediate": "Sent to emergency care"})
    assert "IMMEDIATELY" not in words(page)


def test_finishing_too_early_says_why(browser: Browser, desk: Desk) -> None:
    desk.do(type_in, systolic_1="205", systolic_2="206")
    browser.get(desk.address)
    page = words(browser.submit("Finish measurements"))
    assert browser.status == 409
    assert "Act on the alert first" in page
    assert "Still to measure:" in page


def test_finishing_goes_on_with_the_visit(browser: Browser, desk: Desk) -> None:
    desk.do(measure_all)
    browser.get(desk.address)
    browser.submit("Finish measurements")
    assert browser.response is not None
    assert browser.response.request.path == f"/visits/{desk.visit.id}"
    assert "Finished by Carla Clerk" in words(browser.get(desk.address))


def test_finishing_live_sends_the_browser_on(browser: Browser, desk: Desk) -> None:
    version = desk.do(measure_all).record.version
    answer = browser.client.post(f"{desk.address}/finish", data={"version": version}, headers=HTMX)
    assert answer.headers["HX-Redirect"] == f"/visits/{desk.visit.id}"


def test_a_final_page_has_no_forms_and_refuses_a_late_one(browser: Browser, desk: Desk) -> None:
    desk.do(measure_all)
    browser.get(desk.address)
    form = form_of(browser.page, "Save height")
    browser.submit("Finish measurements")
    assert "Save height" not in browser.get(desk.address).text
    browser.post(desk.address, form | {"height": "180"})
    assert browser.status == 409
