"""The tubes in use at a site: said once, told of every tube drawn after, read by the sample code."""

from datetime import date, timedelta

import pytest

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound
from biobank.specimens import actions, supplies
from biobank.specimens.models import SubjectKind, Tube
from biobank.specimens.sprec import actions as sprec
from tests.pages import Browser
from tests.specimens.conftest import Clinic
from tests.specimens.factories import make_collected, make_desk


def drawn(tx: Tx, kind: str, *begun: str) -> Tube:
    """A tube of a kind, drawn after these products were begun one after another."""
    desk = make_desk(tx)
    for product in begun:
        supplies.use_supply(tx, desk.site.id, kind=kind, product=product, lot=f"lot of {product}")
    return next(tube for tube in make_collected(tx, desk).tubes if tube.kind == kind)


@pytest.mark.parametrize(
    ("kind", "begun", "codes"),
    [
        ("1CFD9", ["cfd-no-aldehyde"], {"2.0": "ADD", "3.0": "SCK"}),
        ("1CFD9", ["cfd-no-aldehyde", "cfd-aldehyde"], {"2.0": "ADD", "3.0": "CSV"}),
        ("1CFD9", [], {"2.0": "XXX", "3.0": "XXX"}),
        ("1UR10", ["urine-pp"], {"2.0": "PPS", "3.0": "PPS"}),
        ("1UR10", ["urine-pe"], {"2.0": "PET", "3.0": "PET"}),
    ],
)
def test_the_container_of_the_sample_code_is_the_makers_product(
    tx: Tx, kind: str, begun: list[str], codes: dict[str, str]
) -> None:
    tube = drawn(tx, kind, *begun)
    assert {version: sprec.sprec_of(tx, tube, version).elements[1].letter for version in codes} == codes


def test_the_lot_stands_in_the_story_of_each_tube(tx: Tx) -> None:
    tube = drawn(tx, "1CFD9", "cfd-aldehyde")
    detail = actions.story(tx, SubjectKind.TUBE, tube.id)[-1].detail
    assert detail == {"made": "cfd-aldehyde", "lot": "lot of cfd-aldehyde"}


def test_a_kind_made_in_several_ways_needs_its_product(tx: Tx) -> None:
    site = make_desk(tx).site
    with pytest.raises(Invalid, match="Choose which"):
        supplies.use_supply(tx, site.id, kind="1CFD9", lot="1")
    with pytest.raises(Invalid, match="Choose which"):
        supplies.use_supply(tx, site.id, kind="1ED04", product="urine-pp", lot="1")
    with pytest.raises(NotFound):
        supplies.use_supply(tx, site.id, kind="9XX99", lot="1")


def test_a_lot_past_its_day_is_not_begun(tx: Tx) -> None:
    site, today = make_desk(tx).site, clock.now().date()
    with pytest.raises(Conflict, match="past their day"):
        supplies.use_supply(tx, site.id, kind="1ED04", lot="1", expires_on=today - timedelta(days=2))
    begun = supplies.use_supply(tx, site.id, kind="1ED04", lot="1", expires_on=today + timedelta(days=2))
    assert not supplies.is_over(tx, begun)


def test_a_clerk_begins_a_lot(browser: Browser, clinic: Clinic) -> None:
    browser.get("/supplies")
    day = date(2031, 1, 31)
    page = browser.submit("In use from now", kind="1CFD9", product="cfd-no-aldehyde", lot="L-77", expires_on=f"{day}")
    assert "L-77" in page.text
    assert "Choose which" in browser.submit("In use from now", kind="1CFD9", product="", lot="L-78").text
