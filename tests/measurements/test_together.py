"""Two people on one visit see what the other did and choose; every value tells where it came from."""

from datetime import datetime

import pytest

from biobank.actor import SYSTEM
from biobank.db import Tx
from biobank.measurements import actions
from biobank.measurements.typed import BadValue
from biobank.participants.actions import person_of
from biobank.stations.actions import bind_device
from biobank.visits.models import Visit
from tests.measurements.desk import Desk, cell, words
from tests.measurements.factories import take, type_in
from tests.pages import Browser
from tests.visits.factories import make_open_visit


@pytest.fixture
def desk(desk: Desk, browser: Browser, noon: datetime) -> Desk:
    """The clerk of the desk stands at the page, and the clock stands too."""
    browser.sign_in("carla")
    browser.get(desk.address)
    return desk


def test_both_values_and_their_people_are_shown_and_mine_is_taken_with_one_key(browser: Browser, desk: Desk) -> None:
    desk.do(type_in, weight="73.1")
    page = browser.submit("Save weight", weight="160", **{"unit-weight": "lb"})
    assert "Weight: 73.1 kg by Otto Other" in words(page)
    assert "Yours: 160 lb" in words(page)
    assert 'form="form-weight" data-key="m"' in page.html
    browser.submit("Save weight")
    assert desk.sheet().entry["weight"] == "72.6"
    assert [old.value for old in desk.sheet().replaced_at("weight", 0)] == ["73.1"]


def test_what_is_there_is_kept_with_the_other_key(browser: Browser, desk: Desk) -> None:
    desk.do(type_in, weight="73.1")
    page = browser.submit("Save weight", weight="60")
    assert 'data-key="k"' in page.html
    page = browser.get(desk.address)
    assert 'value="73.1"' in cell(page.html, "weight")
    assert "typed (Otto Other)" in words(page)


def test_what_was_changed_elsewhere_is_shown_before_mine_is_saved_as_well(browser: Browser, desk: Desk) -> None:
    desk.do(type_in, weight="73.1")
    assert "Save mine as well" in words(browser.submit("Save height", height="172.7"))
    browser.submit("Save height")
    assert (desk.sheet().entry["height"], desk.sheet().entry["weight"]) == ("172.7", "73.1")


def test_a_value_tells_its_device_frame_and_times(browser: Browser, desk: Desk) -> None:
    desk.do(take, weight="72.8")
    page = browser.get(desk.address)
    assert f"{desk.address}/source/weight" in page.html
    told = words(browser.get(f"{desk.address}/source/weight"))
    assert "counts Weight 72.8 kg" in told
    assert "Protocol of the device tanita" in told
    assert "The frame as it was sent <00>" in told


def test_a_replaced_value_stays_with_its_source(browser: Browser, desk: Desk) -> None:
    desk.do(type_in, weight="82.8")
    desk.do(type_in, weight="72.8")
    told = words(browser.get(f"{desk.address}/source/weight"))
    assert told.index("counts Weight 72.8 kg") < told.index("replaced Weight 82.8 kg")
    assert "Otto Other" in told


def test_a_place_that_is_not_in_the_protocol_has_no_source(browser: Browser, desk: Desk) -> None:
    browser.get(f"{desk.address}/source/shoe")
    assert browser.status == 422


def test_an_alert_stays_in_view_on_every_page_of_the_visit(browser: Browser, desk: Desk) -> None:
    desk.do(type_in, systolic_1="205", systolic_2="206")
    for page in ("", "/collection", "/finish"):
        assert "Refer the participant IMMEDIATELY" in words(browser.get(f"/visits/{desk.visit.id}{page}"))
    desk.do(lambda tx, visit: actions.acknowledge_alert(tx, visit.id, "hypertensive-immediate", "Sent to the hospital"))
    assert "IMMEDIATELY" not in words(browser.get(f"/visits/{desk.visit.id}"))


def test_what_was_done_about_an_alert_must_not_name_the_participant(tx: Tx) -> None:
    visit = make_open_visit(tx)
    type_in(tx, visit, systolic_1="205", systolic_2="206")
    last = person_of(tx, visit.participant_id).name.last
    with pytest.raises(BadValue, match="holds the participant's name"):
        actions.acknowledge_alert(tx, visit.id, "hypertensive-immediate", f"Sent {last} to the hospital")
    assert actions.sheet_of(tx, visit.id).open_alerts


def test_what_the_device_did_not_send_is_not_invented(browser: Browser, desk: Desk) -> None:
    desk.do(take, weight="72.8")
    assert "Time of the device not sent" in words(browser.get(f"{desk.address}/source/weight"))


def test_a_value_tells_the_serial_number_of_the_device_that_measured_it(browser: Browser, desk: Desk) -> None:
    with desk.databases.transaction(SYSTEM) as tx:
        station_id = tx.session.get_one(Visit, desk.visit.id).station_id
        bind_device(tx, station_id, name="scale", protocol="tanita", port="/dev/x", serial_number="TA-0042")
    desk.do(take, weight="72.8")
    assert "Serial number TA-0042" in words(browser.get(f"{desk.address}/source/weight"))
