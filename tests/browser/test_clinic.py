"""A clerk at the screen: a whole visit by devices, keyboard and scanner, and what happens without JavaScript."""

import re
from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import Browser, Page, expect

from biobank.demo import seed
from biobank.demo.rig import Rig
from tests.browser.conftest import act, violations

pytestmark = pytest.mark.browser
People = Callable[[str], Page]
_numbers = count(1)


def _answer(page: Page, no: str = "Are you in jail") -> None:
    """Say yes to every question but those that ask for a reason against."""
    for group in page.get_by_role("group").all():
        radios = group.get_by_role("radio")
        if radios.count() == 2:
            word = "No" if no and no in group.inner_text() else "Yes"
            group.locator("label", has_text=re.compile(f"^{word}$")).click()


def enrol(page: Page) -> None:
    page.goto("/participants/enrol")
    _answer(page)
    number = next(_numbers)
    page.get_by_label("First name").fill("Nora")
    page.get_by_label("Last name").fill(f"Quill {number}")
    page.get_by_label("Birth date").fill("1979-05-17")
    page.get_by_label("E-mail").fill(f"nora.{number}@example.org")
    page.get_by_role("button", name="Enrol this person").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def check_in(page: Page, desk: str = "Desk 1") -> None:
    page.get_by_role("link", name="Check in").first.click()
    page.get_by_role("link", name="Show name and birth date").click()
    for fact in ("Name", "Birth date"):
        page.locator("label", has_text=re.compile(f"^{fact}$")).first.click()
    _answer(page)
    page.get_by_label("Station").select_option(label=desk)
    page.get_by_role("button", name="Check in").click()
    page.get_by_role("link", name="Measure", exact=True).click()


def _box(page: Page, ref: str) -> str:
    return page.locator(f'[id="box-{ref}"]').input_value()


def _arrives(page: Page, ref: str, value: str) -> None:
    expect(page.locator(f'[id="box-{ref}"]')).to_have_value(value, timeout=20_000)


def test_a_whole_visit_by_devices_keyboard_and_scanner(person: People, programme: Rig) -> None:
    page = person("carla")
    enrol(page)
    check_in(page)
    act(programme, "scale", weight="72.8", height="172.7")
    _arrives(page, "weight", "72.8")
    _arrives(page, "height", "172.7")
    for number, (systolic, diastolic, pulse) in enumerate(
        (("128", "82", "71"), ("124", "80", "70"), ("122", "78", "68")), 1
    ):
        act(programme, "kiosk", systolic=systolic, diastolic=diastolic, heart_rate=pulse)
        _arrives(page, f"systolic.{number}", systolic)
    assert violations(page) == []
    for measure, values in (("waist", ("84.0", "84.6")), ("hip", ("98.0", "98.4"))):
        for number, text in enumerate(values, 1):
            page.locator(f'[id="box-{measure}.{number}"]').fill(text)
        page.keyboard.press("Enter")
        expect(page.locator(f"#row-{measure} .mean")).to_be_visible()
    while page.get_by_role("button", name=re.compile("same as|compared|Confirm", re.I)).count():
        page.get_by_role("button", name=re.compile("same as|compared|Confirm", re.I)).first.click()
        page.wait_for_timeout(300)
    page.get_by_role("button", name="Finish measurements").click()
    expect(page.locator("#box-weight")).to_have_count(0)
    _samples(page, programme)
    page.get_by_role("link", name="Finish").first.click()
    page.get_by_role("button", name="Complete the visit").click()
    expect(page.get_by_text("This visit is complete.")).to_be_visible()
    assert violations(page) == []


def _spin(page: Page) -> None:
    page.get_by_label("Force (g)").fill("1300")
    page.get_by_label("Minutes").fill("15")
    page.get_by_label("Temperature").fill("20")
    page.get_by_role("button", name="They are spun").click()


def _samples(page: Page, programme: Rig) -> None:
    page.get_by_role("link", name="Take samples").click()
    for group in page.get_by_role("group").all():
        # The question what to take has other answers.
        if group.locator("label", has_text=re.compile("^No$")).count():
            group.locator("label", has_text=re.compile("^No$")).click()
    page.get_by_role("button", name="Order the tubes").click()
    page.get_by_role("button", name="Print the labels").click()
    codes = [text.replace(" ", "") for text in page.locator("#rack .code").all_inner_texts()]
    assert violations(page) == []
    for code in codes:
        expect(page.locator("[data-scan-input]")).to_be_visible()
        act(programme, "scanner", code=code)
        tube = page.locator("#rack li", has_text=f"{code[:1]} {code[1:6]} {code[6:11]} {code[11:]}")
        expect(tube).to_contain_text("label is on", timeout=20_000)
    page.locator("[data-scan-input]").fill(codes[-1])  # the second label of urine, on its tube
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Tubes are filled now").click()
    _spin(page)
    page.locator("label", has_text="8 mL SST").click()  # it should clot for half an hour; spinning it now only warns
    _spin(page)
    page.get_by_role("button", name="Finish the collection").click()
    expect(page.get_by_role("link", name="Finish").first).to_be_visible()


def test_a_wedge_scanner_works_wherever_the_focus_is(person: People) -> None:
    page = person("carla")
    code = page.locator("table .code").first.inner_text().replace(" ", "")
    page.locator("h1").click()
    page.keyboard.type(code, delay=4)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/(visits|participants)/"))
    expect(page.locator(".code").first).to_have_text(re.compile(code[1:6]))


def test_without_javascript_a_value_is_typed_and_kept(chromium: Browser, programme: Rig) -> None:
    context = chromium.new_context(base_url=programme.address, java_script_enabled=False, locale="en-US")
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("Name", exact=True).fill("carla")
    page.get_by_label("Password").fill(seed.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Continue").first.click()
    page.get_by_role("link", name="Measure", exact=True).click()
    page.locator('[id="box-waist.1"]').fill("91.2")
    page.get_by_role("button", name="Save waist").click()
    assert _box(page, "waist.1") == "91.2"
    context.close()
