"""An administrator at a desk: an unknown device becomes one in use, in the browser and at the desk's own screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from biobank.demo.rig import Rig
from tests.browser.conftest import violations
from tests.devices.cables import simulated

pytestmark = pytest.mark.browser
People = Callable[[str], Page]


def test_a_device_plugged_in_is_recognised_compared_and_put_in_use(person: People, programme: Rig) -> None:
    page = person("adam")
    page.goto(f"/stations/{programme.programme.station_id}/devices")
    with simulated("tanita", "--link", str(programme.folder / "port-spare")) as scale:
        socket = page.locator(".card", has_text="port-spare")
        expect(socket).to_be_visible(timeout=20_000)
        socket.get_by_role("button", name="Listen to it").click()
        assert violations(page) == []
        scale.say(weight="82.7", height="170")
        page.get_by_role("link", name="This is it").click(timeout=20_000)
        page.get_by_label("Name of the device").fill("spare")
        page.get_by_role("button", name="Bind it to this port").click()
        for number in range(10):
            expect(page.get_by_text(f"Reading {number + 1} of 10")).to_be_visible()
            expect(page.get_by_text("connected").first).to_be_visible()
            scale.say(weight=f"8{number}.5", height="170")
            page.get_by_label("Weight (kg)").fill(f"8{number}.5", timeout=20_000)
            page.get_by_label("Height (cm)").fill("170")
            if number == 0:
                assert violations(page) == []
            page.keyboard.press("Enter")
        page.get_by_label("Calibrated on").fill("2026-01-05")
        page.get_by_role("button", name="Put in use").click()
        expect(page.get_by_text("spare is in use.")).to_be_visible()
        page.goto(programme.screens[0])
        expect(page.get_by_role("row", name="spare")).to_contain_text("weight 89.5 kg")
        assert violations(page) == []
    page.goto(f"/stations/{programme.programme.station_id}/devices")
    page.get_by_role("link", name="spare").click()
    page.get_by_label("Why").fill("plugged in for a test only")
    page.get_by_role("button", name="Take it out").click()
    expect(page.get_by_text("spare is taken out.")).to_be_visible()
