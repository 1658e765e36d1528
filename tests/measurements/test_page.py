"""The clerk's page: what stands where in each state, and what it refuses with which words."""

import re
from datetime import datetime, timedelta

import pytest

from biobank import clock
from biobank.visits.actions import cancel_visit
from tests.measurements.desk import Desk, cell, form_of, plug_in, words
from tests.measurements.factories import measure_all, take, type_in
from tests.pages import Browser

PRESSURES = {"systolic": "118", "diastolic": "78", "heart_rate": "66"}


@pytest.fixture
def desk(desk: Desk, browser: Browser, noon: datetime) -> Desk:
    """The clerk of the desk stands at the page, and the clock stands too."""
    browser.sign_in("carla")
    return desk


# The page in its states


def test_an_empty_page_says_what_to_do_first(browser: Browser, desk: Desk) -> None:
    page = browser.get(desk.address)
    assert "Next: height" in words(page)
    assert "Still to measure: blood pressure, heart rate, height, weight, hip, waist." in words(page)


def test_rows_stand_in_the_order_of_the_work(browser: Browser, desk: Desk) -> None:
    rows = re.findall(r'<tbody id="row-(\w+)"', browser.get(desk.address).html)
    assert rows == ["height", "weight", "blood_pressure", "waist", "hip"]


def test_what_is_typed_comes_back_as_typed_with_its_value(browser: Browser, desk: Desk) -> None:
    browser.get(desk.address)
    page = browser.submit("Save height", **{"height": "5 8", "unit-height": "ft in"})
    assert 'value="5 8"' in cell(page.html, "height")
    assert "<strong>172.7</strong> cm · typed · 5 8 ft in" in cell(page.html, "height")


def test_the_expected_cell_is_outlined_and_names_its_device(browser: Browser, desk: Desk) -> None:
    desk.do(plug_in)
    desk.do(type_in, height="172.7")
    page = browser.get(desk.address)
    assert page.html.count("is-expected") == 1
    assert "Scale" in cell(page.html, "weight")


def test_the_next_pressure_waits_a_minute(browser: Browser, desk: Desk, noon: datetime) -> None:
    desk.do(plug_in)
    desk.do(type_in, height="172.7", weight="72.8")
    with clock.at(noon - timedelta(seconds=17)):
        desk.do(take, **PRESSURES)
    assert "HBP-9030, reading 2 of 3, in 0:43" in words(browser.get(desk.address))


def test_a_device_that_is_silent_is_not_waited_for(browser: Browser, desk: Desk, noon: datetime) -> None:
    with clock.at(noon - timedelta(minutes=5)):
        desk.do(plug_in)
    desk.do(type_in, height="172.7")
    assert "Type it" in cell(browser.get(desk.address).html, "weight")


def test_means_and_bmi_stand_beside_their_readings(browser: Browser, desk: Desk) -> None:
    desk.do(measure_all)
    page = words(browser.get(desk.address))
    assert "systolic 120.0 mmHg, of 2" in page
    assert "BMI 24.4" in page


def test_a_mean_of_one_reading_says_so(browser: Browser, desk: Desk) -> None:
    desk.do(type_in, systolic_2="120")
    assert "120.0 mmHg, one reading alone" in words(browser.get(desk.address))


def test_a_replaced_value_is_struck_through(browser: Browser, desk: Desk) -> None:
    desk.do(type_in, weight="82.8")
    desk.do(type_in, weight="72.8")
    assert "<del>82.8 kg" in cell(browser.get(desk.address).html, "weight")


def test_a_doubtful_value_says_why(browser: Browser, desk: Desk) -> None:
    desk.do(type_in, height="68.0")
    assert "Was it typed in inches?" in words(browser.get(desk.address))


def test_a_pregnant_participant_has_no_waist_or_hip_boxes(browser: Browser, desk: Desk) -> None:
    browser.get(desk.address)
    page = browser.submit("Save answers", pregnant="yes")
    assert 'id="box-waist.1"' not in page.html
    assert 'id="box-weight_before_pregnancy"' in page.html


def test_unticking_takes_the_answer_back(browser: Browser, desk: Desk) -> None:
    browser.get(desk.address)
    browser.submit("Save answers", wheelchair="yes")
    browser.post(desk.address, form_of(browser.page, "Save answers") | {"wheelchair": ""})
    assert desk.sheet().entry["wheelchair"] is False


def test_a_closed_place_shows_its_reason_and_no_boxes(browser: Browser, desk: Desk) -> None:
    browser.get(desk.address)
    page = browser.submit("Save blood pressure", **{"code-blood_pressure.2": "refusal"})
    assert "refused by the participant" in cell(page.html, "blood_pressure.2").partition("</details>")[2]
    assert 'id="box-systolic.2"' not in page.html


def test_a_modification_may_carry_a_note(browser: Browser, desk: Desk) -> None:
    browser.get(desk.address)
    browser.submit("Save hip", **{"code-hip.1": "other", "note-hip.1": "prosthesis"})
    assert desk.sheet().entry["modification_notes"] == {"hip.1": "prosthesis"}


def test_notes_that_name_somebody_are_doubted(browser: Browser, desk: Desk) -> None:
    browser.get(desk.address)
    page = browser.submit("Save notes", notes="call 312-555-0199")
    assert "seem to hold a phone number" in words(page)


def test_the_rest_is_filled_with_one_key(browser: Browser, desk: Desk) -> None:
    browser.get(desk.address)
    assert "Nothing is missing." in words(browser.submit("Emergency"))


def test_a_cancelled_visit_shows_and_takes_nothing(browser: Browser, desk: Desk) -> None:
    with desk.databases.transaction() as tx:
        cancel_visit(tx, desk.visit.id, "no-time")
    page = browser.get(desk.address)
    assert "This visit is closed" in words(page)
    assert "Save height" not in page.text


def test_a_visit_that_is_nowhere_is_not_found(browser: Browser, desk: Desk) -> None:
    browser.get("/visits/00000000-0000-7000-8000-000000000000/measurements")
    assert browser.status == 404


def test_the_page_speaks_spanish(browser: Browser, desk: Desk) -> None:
    browser.client.set_cookie("language", "es")
    assert "Falta medir: presión arterial, frecuencia cardíaca, estatura" in words(browser.get(desk.address))


# Refusals


def test_a_refused_value_stays_in_its_box_with_the_reason(browser: Browser, desk: Desk) -> None:
    browser.get(desk.address)
    page = browser.submit("Save height", height="305")
    assert browser.status == 422
    assert 'value="305"' in cell(page.html, "height")
    assert "must be below 300 cm" in words(page)


def test_a_row_is_refused_whole(browser: Browser, desk: Desk) -> None:
    browser.get(desk.address)
    browser.submit("Save blood pressure", **{"systolic.1": "120", "diastolic.1": "130", "heart_rate.1": "60"})
    assert browser.status == 422
    assert desk.sheet().entries == ()


def test_a_change_by_somebody_else_is_named_and_nothing_is_lost(browser: Browser, desk: Desk) -> None:
    browser.get(desk.address)
    desk.do(type_in, weight="73.1")
    page = browser.submit("Save height", height="172.7")
    assert browser.status == 409
    assert "Weight: 73.1 kg by Otto Other" in words(page)
    assert 'value="172.7"' in cell(page.html, "height")


def test_a_device_elsewhere_does_not_disturb_who_types(browser: Browser, desk: Desk) -> None:
    browser.get(desk.address)
    desk.do(take, weight="73.1")
    browser.submit("Save height", height="172.7")
    assert (browser.status, desk.sheet().entry["height"]) == (200, "172.7")


def test_a_device_that_filled_the_same_place_is_not_overwritten(browser: Browser, desk: Desk) -> None:
    browser.get(desk.address)
    desk.do(take, weight="73.1")
    assert "Weight: 73.1 kg by scale" in words(browser.submit("Save weight", weight="60"))
    assert desk.sheet().entry["weight"] == "73.1"


def test_a_box_that_a_device_filled_meanwhile_is_not_emptied(browser: Browser, desk: Desk) -> None:
    browser.get(desk.address)
    desk.do(take, **PRESSURES)
    browser.submit("Save blood pressure", **{"irregular_rhythm.2": "yes"})
    assert desk.sheet().entry["systolic"] == ["118", None, None]


def test_an_incomplete_form_is_refused(browser: Browser, desk: Desk) -> None:
    browser.post(desk.address, {"was-height": "", "height": "172.7"})
    assert browser.status == 422
