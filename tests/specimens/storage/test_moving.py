"""Boxes moved with all that stands in them, and corrections that would put two tubes in one position."""

from decimal import Decimal

import pytest

from biobank.db import Tx
from biobank.errors import Conflict
from biobank.specimens import actions, corrections
from biobank.specimens.custody import Correction, TubeStatus
from biobank.specimens.models import Completeness, StoragePlace, SubjectKind
from biobank.specimens.sprec import actions as sprec
from biobank.specimens.storage import actions as storage
from biobank.specimens.storage.cold import Cold
from tests.specimens.factories import make_received, make_store


def rack_of(tx: Tx, box: StoragePlace) -> StoragePlace:
    return tx.session.get_one(StoragePlace, box.parent_id)


def colder_rack(tx: Tx, box: StoragePlace) -> StoragePlace:
    """A rack of another freezer at the same site."""
    layout = storage.Layout(shelves=1, racks=1, boxes=1)
    freezer = storage.add_freezer(tx, site_id=box.site_id, name="Tank", cold=Cold.LIQUID_NITROGEN, layout=layout)
    shelf = storage.draw(tx, freezer).slots[0]
    assert shelf
    assert shelf.slots[0]
    return shelf.slots[0].place


def test_a_box_takes_its_tubes_along_and_each_says_so(tx: Tx) -> None:
    box, tubes = make_store(tx), make_received(tx)
    for tube in tubes[:2]:
        storage.put_away(tx, tube.id, box.code)
    storage.move_box(tx, box.id, colder_rack(tx, box).code)
    event = actions.story(tx, SubjectKind.TUBE, tubes[0].id)[-1]
    assert (event.type, event.completeness, event.detail["cold"]) == ("moved", Completeness.INFERRED, "liquid_nitrogen")
    assert (tubes[0].store_id, tubes[0].slot, tubes[0].state) == (box.id, 1, TubeStatus.STORED)
    assert list(actions.differences(tx)) == []


def test_the_sample_code_follows_the_box(tx: Tx) -> None:
    box, tubes = make_store(tx), make_received(tx)
    storage.put_away(tx, tubes[0].id, box.code)
    before = sprec.codes_of(tx, tubes[0].id)[0].code
    storage.move_box(tx, box.id, colder_rack(tx, box).code)
    assert sprec.codes_of(tx, tubes[0].id)[0].code != before


@pytest.mark.parametrize("where", ["same", "full", "other site"])
def test_a_rack_that_cannot_take_the_box_says_why(tx: Tx, where: str) -> None:
    box = make_store(tx)
    rack = rack_of(tx, box) if where == "same" else colder_rack(tx, box)
    if where == "full":
        storage.add_box(tx, rack.id, name="There", rows=9, columns=9)
    if where == "other site":
        rack = rack_of(tx, make_store(tx))
    with pytest.raises(
        Conflict, match={"same": "already", "full": "no free slot", "other site": "another site"}[where]
    ):
        storage.move_box(tx, box.id, rack.code)


def test_a_position_taken_since_is_not_given_back(tx: Tx) -> None:
    """A tube was moved, another took its place; that the move did not happen cannot be declared any more."""
    box, tubes = make_store(tx), make_received(tx)
    storage.put_away(tx, tubes[0].id, box.code, "B4")
    storage.put_away(tx, tubes[0].id, box.code, "C1")
    storage.put_away(tx, tubes[1].id, box.code, "B4")
    moved = actions.story(tx, SubjectKind.TUBE, tubes[0].id)[-1]
    with pytest.raises(Conflict, match="position B4") as refusal:
        corrections.declare(tx, tubes[0].id, moved.id, Correction.DID_NOT_OCCUR, note="wrong tube")
    assert refusal.value.words["other"] == tubes[1].code


def test_a_position_still_free_is_given_back(tx: Tx) -> None:
    box, tubes = make_store(tx), make_received(tx)
    storage.put_away(tx, tubes[0].id, box.code, "B4")
    storage.put_away(tx, tubes[0].id, box.code, "C1")
    moved = actions.story(tx, SubjectKind.TUBE, tubes[0].id)[-1]
    corrections.declare(tx, tubes[0].id, moved.id, Correction.DID_NOT_OCCUR, note="wrong tube")
    assert storage.grid(tx, box).fill.taken == 1
    assert tubes[0].slot == 13
    assert tubes[0].volume_ul in (None, Decimal(0))
