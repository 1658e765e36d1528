"""A site's devices in one list: what must be calibrated first on top, each with its maker's number."""

from datetime import timedelta

import sqlalchemy as sa

from biobank import clock
from biobank.actor import Role
from biobank.db import Databases
from biobank.stations import actions
from biobank.stations.device_models import Device
from tests.pages import Browser
from tests.stations.factories import Desk, make_desk, make_device, make_site, make_staff


def _due(databases: Databases, name: str, days: int) -> None:
    with databases.transaction() as tx:
        due = clock.now().date() + timedelta(days=days)
        tx.session.execute(sa.update(Device).filter_by(name=name).values(calibration_due=due))


def test_a_clerk_sees_the_sites_devices_the_most_overdue_first(
    browser: Browser, databases: Databases, desk: Desk
) -> None:
    make_staff(databases, desk.site_id, Role.CLINIC)
    with databases.transaction() as tx:
        make_device(tx, desk.id, "column", "healthometer")
        make_device(tx, make_desk(tx, make_site(tx, "NYC"), "Desk 9").id, "elsewhere", "and")
    _due(databases, "scale", 200)
    _due(databases, "column", -1)
    browser.sign_in("carla")
    page = browser.get("/devices")
    assert page.text.index("column") < page.text.index("scale")
    assert "calibration overdue" in page.text
    assert "elsewhere" not in page.text


def test_an_administrator_sees_every_sites_devices(browser: Browser, databases: Databases, desk: Desk) -> None:
    make_staff(databases, desk.site_id, Role.ADMINISTRATOR)
    with databases.transaction() as tx:
        make_device(tx, make_desk(tx, make_site(tx, "NYC"), "Desk 9").id, "elsewhere", "and")
    browser.sign_in("carla")
    assert "Desk 9 · NYC" in browser.get("/devices").text.replace("\n", " ").replace("  ", " ")


def test_a_device_is_bound_with_the_number_on_its_plate(browser: Browser, databases: Databases, desk: Desk) -> None:
    make_staff(databases, desk.site_id, Role.ADMINISTRATOR)
    browser.sign_in("carla")
    browser.get(f"/stations/{desk.id}/devices/new?port=/dev/x&protocol=and")
    page = browser.submit("Bind it to this port", name="platform", protocol="and", serial_number="AD-20871")
    assert "serial number AD-20871" in page.text
    with databases.transaction(read_only=True) as tx:
        found = next(device for device in actions.devices_of(tx, desk.id) if device.name == "platform")
    assert found.serial_number == "AD-20871"
