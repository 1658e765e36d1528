"""Aliquots: planned, labelled, filled by scan, with a lineage, and never more than there is."""

from decimal import Decimal

import pytest
from pypdfium2 import PdfDocument

from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound
from biobank.printing import actions as printing
from biobank.specimens import actions
from biobank.specimens.custody import Custodian, TubeStatus
from biobank.specimens.models import SubjectKind, Tube, Vessel
from biobank.specimens.storage import actions as storage
from biobank.specimens.storage.materials import Material
from biobank.specimens.storage.shelving import CheckOut
from labels import SheetOptions
from tests.specimens.factories import make_desk, make_received, make_store

SERUM = storage.Plan(material=Material.SERUM, vessel=Vessel.CRYOTUBE, count=3, volume_ul=Decimal(500))


def filled(tx: Tx, parent: Tube, plan: storage.Plan = SERUM) -> list[Tube]:
    """Vessels planned, labelled on a sheet, and each scanned when it was filled."""
    made = storage.plan_aliquots(tx, parent.id, plan)
    storage.label_sheet(tx, parent.id)
    return [storage.fill(tx, child.code) for child in made]


def test_an_aliquot_has_a_code_of_its_own_and_knows_its_parent(tx: Tx) -> None:
    sst = make_received(tx)[0]
    made = filled(tx, sst)
    assert [child.kind for child in made] == ["1SS08-01", "1SS08-02", "1SS08-03"]
    assert {(child.parent_id, child.state, child.custodian) for child in made} == {
        (sst.id, TubeStatus.RECEIVED, Custodian.BIOBANK)
    }


def test_both_the_parent_and_the_aliquot_tell_of_it(tx: Tx) -> None:
    sst = make_received(tx)[0]
    child = filled(tx, sst)[0]
    assert actions.story(tx, SubjectKind.TUBE, sst.id)[-3].set_code == "S50"
    told = actions.story(tx, SubjectKind.TUBE, child.id)[-1].detail
    assert (told["parent"], told["volume_ul"]) == (sst.code, "500")


def test_what_was_taken_is_not_there_any_more(tx: Tx) -> None:
    sst = make_received(tx)[0]
    filled(tx, sst)
    assert storage.left_in(sst) == Decimal(8000 - 1500)


def test_no_more_is_taken_than_there_is_with_what_is_planned(tx: Tx) -> None:
    sst = make_received(tx)[0]
    storage.plan_aliquots(tx, sst.id, storage.Plan(material=Material.SERUM, vessel=Vessel.CRYOTUBE, count=4,
                                                   volume_ul=Decimal(2000)))  # fmt: skip
    with pytest.raises(Invalid, match="more than is left"):
        storage.plan_aliquots(tx, sst.id, SERUM)


def test_a_vessel_given_up_gives_its_volume_back(tx: Tx) -> None:
    sst = make_received(tx)[0]
    whole = storage.Plan(material=Material.SERUM, vessel=Vessel.CRYOTUBE, count=4, volume_ul=Decimal(2000))
    for child in storage.plan_aliquots(tx, sst.id, whole):
        storage.give_up(tx, child.id, "too little serum")
    assert len(filled(tx, sst)) == 3


def test_serum_is_not_made_of_urine(tx: Tx) -> None:
    urine = next(tube for tube in make_received(tx) if tube.kind == "1UR10")
    with pytest.raises(Invalid, match="cannot be made of this tube"):
        storage.plan_aliquots(tx, urine.id, SERUM)


def test_plasma_comes_of_a_spun_tube_alone(tx: Tx) -> None:
    edta = next(tube for tube in make_received(tx) if tube.kind == "1ED10")
    plasma = storage.Plan(material=Material.PLASMA_SINGLE, vessel=Vessel.CRYOTUBE, count=1, volume_ul=Decimal(500))
    with pytest.raises(Invalid, match="Record the spin first"):
        storage.plan_aliquots(tx, edta.id, plasma)


def test_a_tube_on_its_shelf_is_not_divided(tx: Tx) -> None:
    sst = make_received(tx)[0]
    storage.put_away(tx, sst.id, make_store(tx).code)
    with pytest.raises(Conflict, match="Take it out of its box first"):
        storage.plan_aliquots(tx, sst.id, SERUM)


def test_a_vessel_without_its_label_is_not_filled(tx: Tx) -> None:
    child = storage.plan_aliquots(tx, make_received(tx)[0].id, SERUM)[0]
    with pytest.raises(Conflict, match="Print it first"):
        storage.fill(tx, child.code)


def test_a_vessel_is_filled_once(tx: Tx) -> None:
    child = filled(tx, make_received(tx)[0])[0]
    with pytest.raises(Conflict, match="filled before"):
        storage.fill(tx, child.code)


def test_a_tube_that_was_collected_is_no_aliquot(tx: Tx) -> None:
    with pytest.raises(NotFound, match="not of an aliquot"):
        storage.fill(tx, make_received(tx)[0].code)


def test_labels_come_out_of_a_station_where_there_is_one(tx: Tx) -> None:
    desk, sst = make_desk(tx), make_received(tx)[0]
    made = storage.plan_aliquots(tx, sst.id, SERUM, desk.station_id)
    assert {child.state for child in made} == {TubeStatus.LABEL_PRINTED}


def test_labels_are_laid_onto_the_sheet_an_administrator_measured(tx: Tx) -> None:
    sst, sizes = make_received(tx)[0], dict.fromkeys(("first_x_mm", "first_y_mm", "pitch_x_mm", "pitch_y_mm"), 40)
    page = {"paper_width_mm": 120, "paper_height_mm": 70, "width_mm": 40, "height_mm": 20, "across": 1, "down": 1}
    printing.add_sheet(tx, code="one", name="One by one", note="measured", **page, **sizes)
    storage.plan_aliquots(tx, sst.id, SERUM)
    assert len(PdfDocument(storage.label_sheet(tx, sst.id, "one"))) == 3
    again = PdfDocument(storage.label_sheet(tx, sst.id, "one", again="jam"))
    assert "R2" in again[0].get_textpage().get_text_range()
    child = storage.derivatives(tx, sst.id)[0]
    told = actions.story(tx, SubjectKind.TUBE, child.id)[-2:]
    assert [(one.detail, one.reason) for one in told] == [({}, None), ({"copy": 2}, "jam")]


def test_a_sheet_printed_again_needs_a_reason_and_is_limited(tx: Tx) -> None:
    sst = make_received(tx)[0]
    storage.plan_aliquots(tx, sst.id, SERUM)
    storage.label_sheet(tx, sst.id)
    with pytest.raises(Invalid, match="were printed before"):
        storage.label_sheet(tx, sst.id)
    for _ in range(3):
        storage.label_sheet(tx, sst.id, again="smudged")
    with pytest.raises(Conflict, match="again 3 times already"):
        storage.label_sheet(tx, sst.id, again="smudged")


def test_a_used_sheet_is_filled_where_it_is_free(tx: Tx) -> None:
    sst = make_received(tx)[0]
    storage.plan_aliquots(tx, sst.id, SERUM)
    options = SheetOptions(start=84, skip=[85], ruler=False)
    assert len(PdfDocument(storage.label_sheet(tx, sst.id, "lcry-1700", options))) == 2


def test_a_place_that_no_sheet_has_is_refused_and_no_label_counts_as_printed(tx: Tx) -> None:
    sst = make_received(tx)[0]
    made = storage.plan_aliquots(tx, sst.id, SERUM)
    with pytest.raises(Invalid, match="There is no place 86"), tx.session.begin_nested():
        storage.label_sheet(tx, sst.id, "lcry-1700", SheetOptions(start=86))
    tx.session.expire_all()
    assert {child.state for child in made} == {TubeStatus.ORDERED}


def test_an_aliquot_has_thawed_as_often_as_its_parent_had(tx: Tx) -> None:
    sst, box = make_received(tx)[0], make_store(tx)
    storage.put_away(tx, sst.id, box.code)
    storage.check_out(tx, sst.id, CheckOut.ALIQUOT)
    child = filled(tx, sst)[0]
    storage.put_away(tx, child.id, box.code)
    storage.check_out(tx, child.id, CheckOut.ANALYSIS)
    assert (sst.thaws, child.thaws) == (1, 2)


def test_aliquots_are_not_in_the_rack_of_the_collection(tx: Tx) -> None:
    sst = make_received(tx)[0]
    filled(tx, sst)
    tx.session.expire_all()
    assert all(tube.parent_id is None for tube in sst.order.tubes)


def test_a_withdrawal_holds_the_aliquots_too(tx: Tx) -> None:
    sst = make_received(tx)[0]
    child, box = filled(tx, sst)[0], make_store(tx)
    storage.put_away(tx, child.id, box.code)
    actions.hold_donor(tx, sst.donor_id, "withdrawal")
    assert child.withdrawn
    assert list(actions.differences(tx)) == []
