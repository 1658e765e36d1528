"""Every main page: nothing that axe or the console complains of, in both languages, at a phone's width."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from biobank.demo.rig import Rig
from tests.browser.conftest import violations
from tests.browser.screens import SCREENS, Visit, sign_in

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("name", "username", "visit"), SCREENS, ids=[screen[0] for screen in SCREENS])
def test_a_page_can_be_used_by_everybody(
    name: str, username: str, visit: Visit, person: Callable[[str], Page], programme: Rig
) -> None:
    page = person(username)
    visit(page, programme)
    assert violations(page) == []


@pytest.mark.parametrize(("name", "username", "visit"), SCREENS, ids=[screen[0] for screen in SCREENS])
def test_a_page_fits_a_phone_and_speaks_spanish(
    name: str, username: str, visit: Visit, chromium: Browser, programme: Rig
) -> None:
    context = chromium.new_context(base_url=programme.address, locale="en-US", viewport={"width": 320, "height": 700})
    page = context.new_page()
    sign_in(page, username)
    visit(page, programme)
    page.get_by_role("button", name="Español").click()
    page.wait_for_load_state()  # a click waits until the next page begins; its style sheets may still be on the way
    assert page.locator("html").get_attribute("lang") == "es"
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()
