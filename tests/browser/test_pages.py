"""Every main page: nothing that axe or the console complains of, in both languages, at a phone's width."""

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from playwright.sync_api import Browser, Page

from biobank.demo.rig import Rig
from tests.browser.conftest import listen, violations
from tests.browser.screens import SCREENS, Visit, sign_in

pytestmark = pytest.mark.browser


Desk = tuple[Page, list[str]]


@pytest.fixture(scope="module")
def desk_of(chromium: Browser, programme: Rig) -> Iterator[Callable[[str], Desk]]:
    """Everybody's page, and what its console complains of: each signs in once."""
    opened = []

    @cache
    def of(username: str) -> Desk:
        opened.append(chromium.new_context(base_url=programme.address, locale="en-US"))
        page, complaints = opened[-1].new_page(), list[str]()
        listen(page, complaints)
        sign_in(page, username)
        return page, complaints

    yield of
    for context in opened:
        context.close()


@pytest.mark.parametrize(("name", "username", "visit"), SCREENS, ids=[screen[0] for screen in SCREENS])
def test_a_page_can_be_used_by_everybody_on_a_phone_and_in_spanish(
    name: str, username: str, visit: Visit, desk_of: Callable[[str], Desk], programme: Rig
) -> None:
    page, complaints = desk_of(username)
    complaints.clear()
    page.set_viewport_size({"width": 1280, "height": 900})
    visit(page, programme)
    found = violations(page)
    page.set_viewport_size({"width": 320, "height": 700})
    _speak(page, "Español")
    spoken, width = page.locator("html").get_attribute("lang"), page.evaluate("document.documentElement.scrollWidth")
    _speak(page, "English")
    assert (found, complaints, spoken) == ([], [], "es")
    assert width <= 320


def _speak(page: Page, language: str) -> None:
    page.get_by_role("button", name=language).click()
    page.wait_for_load_state()  # a click waits until the next page begins; its style sheets may still be on the way
