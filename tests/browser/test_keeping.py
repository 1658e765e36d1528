"""A technician at the freezer: a rack put away by scanning, a tube divided, and two people at a withdrawal."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from biobank import db
from biobank.demo.rig import Rig
from biobank.specimens import actions as specimens
from biobank.specimens.models import PlaceKind, StoragePlace, Tube
from biobank.specimens.storage import actions as storage
from biobank.specimens.storage.shelving import CheckOut
from tests.browser.conftest import violations
from tests.browser.screens import sign_in

pytestmark = pytest.mark.browser
People = Callable[[str], Page]


def _scan(page: Page, code: str) -> None:
    """A code typed into the one field of the page."""
    field = page.locator("[data-scan-input]")
    field.fill(code)
    field.press("Enter")


def _prepare(programme: Rig) -> tuple[str, list[str], str]:
    """A fresh box, one donor's tubes out on the bench, and a second technician."""
    databases = db.connect(programme.settings)
    with databases.transaction(programme.programme.actor("ben")) as tx:
        rack = tx.session.scalars(
            sa.select(StoragePlace).filter_by(kind=PlaceKind.RACK).order_by(StoragePlace.id)
        ).all()
        box = storage.add_box(tx, rack[1].id, name="Journey", rows=9, columns=9)
        donor_id = tx.session.scalars(sa.select(Tube.donor_id).filter_by(state="stored")).first()
        tubes = tx.session.scalars(
            sa.select(Tube).filter_by(donor_id=donor_id, state="stored").order_by(Tube.position)
        ).all()
        for tube in tubes:
            storage.check_out(tx, tube.id, CheckOut.RELOCATION, kept_frozen=True)
        found = str(box.id), [tube.code for tube in tubes], str(donor_id)
    databases.dispose()
    return found


def _label(programme: Rig, code: str) -> str:
    """The sheet of labels comes out of an office printer; here is what stands on its first label."""
    databases = db.connect(programme.settings)
    with databases.transaction(programme.programme.actor("ben")) as tx:
        tube = specimens.tube_by_code(tx, code)
        storage.label_sheet(tx, tube.id)
        child = storage.derivatives(tx, tube.id)[0].code
    databases.dispose()
    return child


def _withdraw(programme: Rig, donor_id: str) -> None:
    databases = db.connect(programme.settings)
    with databases.transaction(programme.programme.actor("carla")) as tx:
        specimens.hold_donor(tx, UUID(donor_id), "withdrawal")
    databases.dispose()


def test_a_rack_is_put_away_divided_taken_out_and_destroyed_by_two(person: People, programme: Rig) -> None:
    box, codes, donor_id = _prepare(programme)
    page = person("ben")
    page.goto(f"/storage/{box}")
    for number, code in enumerate(codes[1:], start=1):
        _scan(page, code)
        expect(page.locator(".box__place.is-taken")).to_have_count(number, timeout=20_000)
    assert violations(page) == []
    page.goto("/tubes")
    _scan(page, codes[0])
    page.get_by_role("link", name="Take out, spin, divide").click()
    page.get_by_label("How many").fill("2")
    page.get_by_label("Volume of each").fill("500")
    page.get_by_label("Unit").select_option("mL")
    page.get_by_role("button", name="Plan the vessels").click()
    expect(page.get_by_role("alert")).to_contain_text("Did you mean microlitres")
    page.get_by_label("Unit").select_option("uL")
    page.get_by_role("button", name="Plan the vessels").click()
    expect(page.get_by_role("cell", name="500 µL")).to_have_count(2)
    child = _label(programme, codes[0])
    page.reload()
    _scan(page, child)
    expect(page.get_by_role("status")).to_contain_text("is filled: 500 µL", timeout=20_000)
    assert violations(page) == []
    _withdraw(programme, donor_id)
    page.goto(f"/withdrawals/{donor_id}")
    for code in [*codes, child]:
        left = page.get_by_text("is set apart")
        _scan(page, code)
        expect(left).to_contain_text(code, timeout=20_000)
    page.get_by_role("button", name="Ask a second person to approve").click()
    page.get_by_role("link", name="See what is to be approved").click()
    approval = page.url
    other = page.context.browser.new_context(base_url=programme.address)  # type: ignore[union-attr]
    second = other.new_page()
    sign_in(second, "bea")
    second.goto(approval)
    second.get_by_role("button", name=re.compile("Approve")).click()
    second.goto(f"/withdrawals/{donor_id}")
    second.get_by_role("link", name=re.compile("Certificate of destruction")).click()
    expect(second.get_by_role("heading", name="Certificate of destruction")).to_be_visible()
    expect(second.get_by_role("cell", name=re.compile("S"))).not_to_have_count(0)
    assert violations(second) == []
    other.close()
