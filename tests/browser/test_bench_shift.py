"""A technician's whole shift with a keyboard-wedge scanner: three parcels, every outcome, a line that goes down."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page, expect

from biobank import db
from biobank.db import Databases
from biobank.demo.journey import tracking_number
from biobank.demo.rig import Rig
from biobank.specimens import actions
from biobank.specimens.models import ReceiptScan, ScanOutcome
from labels import Kind, mint
from tests.browser.conftest import violations
from tests.specimens.factories import make_desk, make_finalised

pytestmark = pytest.mark.browser
People = Callable[[str], Page]
# Where the pictures of this shift go, when somebody wants to look at them.
PICTURES = os.environ.get("BIOBANK_TEST_PICTURES")
COUNTER = "aside .counter"


@dataclass
class Parcel:
    """A parcel on its way: its courier's number, its tubes' codes."""

    tracking: str
    codes: list[str]


@dataclass
class Shift:
    """What lies at the dock this morning, with a tube that nobody sent."""

    parcels: list[Parcel]
    stray: str


@pytest.fixture
def databases(programme: Rig) -> Databases:
    return db.connect(programme.settings)


@pytest.fixture
def shift(databases: Databases) -> Shift:
    """Three parcels of six collections each; a participant of the first has withdrawn on the way."""
    with databases.transaction() as tx:
        desk = make_desk(tx)
        parcels = []
        for number in range(3):
            tubes = [tube for _ in range(6) for tube in make_finalised(tx, desk).tubes]
            box = actions.open_box(tx, desk.site.id)
            for tube in tubes:
                actions.pack(tx, box.id, tube.code)
            shipment = actions.ship(tx, desk.site.id, [box.id])
            tracking = tracking_number(7000 + number)
            actions.hand_over(tx, shipment.id, tracking=tracking, is_packed_by_p650=True)
            parcels.append(Parcel(tracking, [tube.code for tube in tubes]))
            if number == 0:
                actions.hold_donor(tx, tubes[0].donor_id, "withdrawal")
        stray = make_finalised(tx, desk).tubes[0].code
    return Shift(parcels, stray)


def scan(page: Page, *codes: str) -> None:
    """A wedge scanner: each code in a burst and Enter, wherever the focus is, as fast as the page can hear."""
    page.evaluate(
        """codes => { for (const code of codes) for (const key of [...code, "Enter"]) {
             const at = document.activeElement || document.body;
             at.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true})); } }""",
        list(codes),
    )


def comes_to(page: Page, code: str, tone: str, words: str) -> None:
    scan(page, code)
    expect(page.locator(f"#bench-live .band--{tone}")).to_contain_text(words, timeout=20_000)


def counts(page: Page, done: int, total: int) -> None:
    expect(page.locator(COUNTER)).to_have_text(re.compile(rf"\b{done} of {total}\b"), timeout=60_000)


def open_parcel(page: Page, parcel: Parcel) -> None:
    comes_to(page, parcel.tracking, "note", "has arrived")
    page.get_by_label("Degrees Celsius").fill("4.5")
    page.get_by_role("button", name="Record the temperature").click()
    expect(page.get_by_label("Degrees Celsius")).to_have_count(0)


def look(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def misread(code: str) -> str:
    return code[:-1] + str((int(code[-1]) + 1) % 10)


def test_a_shift_of_three_parcels_meets_every_outcome_and_loses_no_scan(
    person: People, window: BrowserContext, databases: Databases, shift: Shift, complaints: list[str]
) -> None:
    first, second, third = shift.parcels
    total = len(first.codes)
    page = person("ben")
    page.goto("/bench")

    comes_to(page, first.codes[9], "note", "has not arrived yet")
    look(page, "0-not-yet")
    # The first parcel: good and bad scans, conditions, one tube left out.
    open_parcel(page, first)
    look(page, "1-opened")
    comes_to(page, first.codes[0], "stop", "withdrawn")
    comes_to(page, first.codes[9], "good", "On the list")
    comes_to(page, first.codes[9], "again", "Scanned already")
    comes_to(page, misread(first.codes[10]), "again", "check digits")
    comes_to(page, mint(Kind.PLACE), "note", "place on a shelf")
    comes_to(page, mint(Kind.TUBE), "stop", "No tube has this code")
    look(page, "2-unknown")
    assert violations(page) == []
    comes_to(page, shift.stray, "care", "No shipment lists this tube")
    comes_to(page, first.codes[11], "good", "On the list")
    comes_to(page, "BENCH-HM", "note", "Haemolysis")
    scan(page, *first.codes[1:9], first.codes[10], *first.codes[12:-1])
    counts(page, total - 1, total)
    look(page, "3-one-left")
    comes_to(page, "BENCH-MISSING", "note", "Scan this card again")
    comes_to(page, "BENCH-MISSING", "note", "declared missing")
    comes_to(page, first.codes[-1], "care", "received late")

    # The second: a tube of the first again, one of the third, then the line goes down in the middle.
    open_parcel(page, second)
    comes_to(page, first.codes[9], "stop", "received before")
    comes_to(page, third.codes[0], "care", "on the list of shipment")
    page.wait_for_function("navigator.serviceWorker.ready.then(() => true)")
    now = datetime.now(UTC)
    window.clock.set_fixed_time(now - timedelta(minutes=20))
    window.set_offline(True)
    scan(page, *second.codes[:30])
    expect(page.locator("#bench-kept")).to_contain_text("30 not yet sent", timeout=20_000)
    look(page, "4-offline")
    page.reload()
    expect(page.get_by_role("heading", name="Bench without a line")).to_be_visible()
    scan(page, mint(Kind.TUBE), *second.codes[30:])
    expect(page.locator("[data-kept]")).to_have_text(str(total + 1))
    look(page, "5-offline-reloaded")
    window.clock.set_fixed_time(now)
    window.set_offline(False)
    page.goto("/bench")
    counts(page, total, total)
    expect(page.locator("#bench-kept")).to_be_hidden()
    page.get_by_role("link", name="1 scan sent later needs a look").click()
    expect(page.get_by_role("table")).to_contain_text("No tube has this code")
    look(page, "5-sent-later")
    assert violations(page) == []
    page.get_by_role("link", name="Back to the bench").click()
    expect(page.get_by_role("heading", name="Bench", exact=True)).to_be_visible()
    comes_to(page, "BENCH-CLOSE", "note", "complete and closed")
    look(page, "6-resumed")

    # The third: complete but for the tube that came with the second.
    open_parcel(page, third)
    scan(page, *third.codes[1:])
    counts(page, total, total)
    comes_to(page, "BENCH-CLOSE", "note", "complete and closed")
    # What the browser says while it has no line is no complaint of the page.
    complaints[:] = [words for words in complaints if "net::ERR_" not in words]
    _nothing_was_lost(databases, shift)


def _nothing_was_lost(databases: Databases, shift: Shift) -> None:
    with databases.transaction(read_only=True) as tx:
        outcomes = set(tx.session.scalars(sa.select(ReceiptScan.outcome)))
        assert outcomes == set(ScanOutcome)
        for parcel in shift.parcels:
            tubes = [actions.tube_by_code(tx, code) for code in parcel.codes]
            assert {str(tube.custodian) for tube in tubes} == {"biobank"}
        late = sa.select(sa.func.count()).select_from(ReceiptScan).where(ReceiptScan.scanned_at.is_not(None))
        assert tx.session.scalar(late) == len(shift.parcels[1].codes) + 1
        assert list(actions.differences(tx)) == []
    databases.dispose()
