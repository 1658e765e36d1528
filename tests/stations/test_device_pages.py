"""The wizard walked as a person would, and the same by the JSON interface."""

from datetime import timedelta

import pytest
from flask import Flask

from biobank import clock
from biobank.actor import Role
from biobank.db import Databases
from biobank.stations import actions
from tests.pages import Browser
from tests.stations.factories import Desk, any_visit, make_device, make_staff, on_the_wire, reading

FREE = {"path": "/dev/serial/by-path/usb-1", "location": "1-1", "description": "CP2102", "hardware": "10C4:EA60"}
HEARD = {"port": FREE["path"], "size": 20, "hint": "", "trouble": "", "guesses": [
    {"protocol": "and", "frames": 3, "seven": True, "measures": [{"quantity": "weight", "value": "72.5", "unit": "kg"}]}
]}  # fmt: skip
FRAGMENT = {"HX-Request": "true"}


def _beat(app: Flask, desk: Desk, **more: object) -> dict[str, object]:
    body = {"devices": [], "spooled": 0, "station_time": clock.now().isoformat(), "ports": [FREE]} | more
    return desk.post(app, "heartbeat", body).json


@pytest.fixture
def admin_at(browser: Browser, databases: Databases, desk: Desk) -> Browser:
    make_staff(databases, desk.site_id, Role.ADMINISTRATOR)
    browser.sign_in("carla")
    return browser


def test_the_wizard_leads_from_the_socket_to_a_device_in_use(admin_at: Browser, app: Flask, desk: Desk) -> None:
    _beat(app, desk)
    admin_at.get(f"/stations/{desk.id}/devices")
    admin_at.submit("Listen to it")
    assert _beat(app, desk)["listen"]["port"] == FREE["path"]
    _beat(app, desk, heard=HEARD)
    page = admin_at.get(f"/stations/{desk.id}/listening")
    assert all(words in page.text for words in ("A&D standard format", "72.5", "7 bits", "maker's published format"))
    admin_at.get(page.links["This is it"])
    page = admin_at.submit("Bind it to this port", name="platform")
    assert "Reading 1 of 10" in page.text
    order = next(item for item in _beat(app, desk)["devices"] if item["name"] == "platform")
    assert order["settings"] == {"baud": 9600, "bits": 7, "parity": "E", "stop_bits": 1}
    here = admin_at.response.request.path
    for seq in range(1, 11):
        sent = on_the_wire(reading(seq, device="platform", protocol="and"))
        desk.post(app, "readings", {"readings": [sent]})
        assert "72.8" not in admin_at.get(f"{here}/compare", headers=FRAGMENT).text
        admin_at.get(here)
        admin_at.submit("Compare", **{"shown-weight": "72.8"})
    page = admin_at.submit("Put in use", calibrated_on="2026-01-05", calibration_due="2099-01-05")
    assert "platform is in use" in page.text
    assert "checked against a device at a site" in page.text


def test_a_display_that_disagrees_is_told_with_both_numbers(
    admin_at: Browser, databases: Databases, desk: Desk
) -> None:
    with databases.transaction() as tx:
        device = actions.bind_device(tx, desk.id, name="platform", protocol="and", port="/dev/x")
        actions.receive_readings(tx, desk.id, [reading(1, device="platform", protocol="and")])
    admin_at.get(f"/stations/{desk.id}/devices/{device.id}")
    page = admin_at.submit("Compare", **{"shown-weight": "160.5"})
    assert "160.5 on the display, 72.8 arrived" in page.text
    assert "Reading 1 of 10" in page.text


def test_what_cannot_be_read_is_told_and_what_was_typed_stays(
    admin_at: Browser, databases: Databases, desk: Desk
) -> None:
    with databases.transaction() as tx:
        device = actions.bind_device(tx, desk.id, name="platform", protocol="and", port="/dev/x")
        actions.receive_readings(tx, desk.id, [reading(1, device="platform", protocol="and")])
    admin_at.get(f"/stations/{desk.id}/devices/{device.id}")
    page = admin_at.submit("Compare", **{"shown-weight": "72,8 or so"})
    assert (admin_at.status, "Type each number as the display shows it" in page.text) == (422, True)
    assert 'value="72,8 or so"' in admin_at.response.text


def test_every_kind_is_offered_with_how_far_it_is_proven(admin_at: Browser, desk: Desk) -> None:
    page = admin_at.get(f"/stations/{desk.id}/devices/new?port=/dev/x")
    assert "open-source driver" in page.text
    assert "maker's published format" in page.text
    assert "Typed by hand" not in page.text


def test_a_clerk_sees_devices_and_cannot_register_one(browser: Browser, databases: Databases, desk: Desk) -> None:
    make_staff(databases, desk.site_id, Role.CLINIC)
    browser.sign_in("carla")
    assert "scale" in browser.get(f"/stations/{desk.id}/devices").text
    browser.get(f"/stations/{desk.id}/devices/new?port=/dev/x")
    assert browser.status == 403


def test_a_cuff_is_started_and_stopped_from_the_desks_page(browser: Browser, databases: Databases, desk: Desk) -> None:
    cuff = {"name": "cuff", "protocol": "suntech", "port": "/dev/by-path/cuff", "state": "connected", "detail": ""}
    with databases.transaction() as tx:
        make_device(tx, desk.id, "cuff", "suntech")
        actions.note_heartbeat(tx, desk.id, devices=[cuff], spooled=0, skew=timedelta())
        actions.open_window(tx, desk.id, any_visit())
    make_staff(databases, desk.site_id, Role.CLINIC)
    browser.sign_in("carla")
    browser.get(f"/stations/{desk.id}/live")
    assert "on its way" in browser.submit("Start the cuff").text
    browser.submit("Stop the cuff")
    with databases.transaction() as tx:
        assert [item.act for item in actions.claim_commands(tx, desk.id)] == ["stop-cuff"]


def test_a_station_fetches_a_command_and_tells_what_became_of_it(app: Flask, databases: Databases, desk: Desk) -> None:
    cuff = {"name": "cuff", "protocol": "suntech", "port": "/dev/by-path/cuff", "state": "connected", "detail": ""}
    with databases.transaction() as tx:
        make_device(tx, desk.id, "cuff", "suntech")
        actions.note_heartbeat(tx, desk.id, devices=[cuff], spooled=0, skew=timedelta())
        actions.open_window(tx, desk.id, any_visit())
        actions.ask_command(tx, desk.id, device="cuff", act="start-cuff")
    [command] = desk.post(app, "commands/claim", {}).json["commands"]
    assert (command["act"], 0 < command["expires_in_ms"] <= 5000) == ("start-cuff", True)
    assert desk.post(app, f"commands/{command['id']}/state", {"state": "sent"}).json["state"] == "sent"


def test_the_administrators_page_recalls_calibrations(admin_at: Browser, databases: Databases, desk: Desk) -> None:
    with databases.transaction() as tx:
        make_device(tx, desk.id, "kiosk", "omron-hbp9030").calibration_due = clock.now().date() + timedelta(days=9)
    assert "kiosk at Desk 1, CHI: calibrate by" in admin_at.get("/administration").text
