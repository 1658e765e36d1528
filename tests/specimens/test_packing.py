"""Packing: in, out again, and the exact reason why not."""

import pytest

from biobank.db import Tx
from biobank.errors import Conflict, NotFound
from biobank.specimens import actions
from biobank.specimens.custody import TubeStatus
from labels import Kind, mint
from tests.specimens.factories import make_box, make_collected, make_desk, make_finalised, make_labelled, make_sent


def test_a_scanned_tube_is_in_the_box_and_scanned_again_it_is_out(tx: Tx) -> None:
    box, tubes = make_box(tx)
    assert tubes[0].container_id == box.id
    assert actions.pack(tx, box.id, tubes[0].code).is_in is False
    assert (tubes[0].container_id, tubes[0].state) == (None, TubeStatus.PROCESSED)


def test_a_tube_is_in_one_box_at_most(tx: Tx) -> None:
    desk = make_desk(tx)
    first, tubes = make_box(tx, desk)
    second = actions.open_box(tx, desk.site.id)
    with pytest.raises(Conflict, match=f"in box {first.code}"):
        actions.pack(tx, second.id, tubes[0].code)


def test_a_withdrawn_participants_tube_is_kept_out(tx: Tx) -> None:
    desk = make_desk(tx)
    order = make_finalised(tx, desk)
    actions.hold_donor(tx, order.donor_id, "withdrawal")
    with pytest.raises(Conflict, match="withdrawn"):
        actions.pack(tx, actions.open_box(tx, desk.site.id).id, order.tubes[0].code)


def test_a_tube_of_an_unfinished_collection_is_kept_out(tx: Tx) -> None:
    desk = make_desk(tx)
    order = make_collected(tx, desk)
    with pytest.raises(Conflict, match="not signed off"):
        actions.pack(tx, actions.open_box(tx, desk.site.id).id, order.tubes[0].code)


def test_an_empty_tube_is_kept_out(tx: Tx) -> None:
    desk = make_desk(tx)
    order = make_labelled(tx, desk)
    with pytest.raises(Conflict, match="not signed off"):
        actions.pack(tx, actions.open_box(tx, desk.site.id).id, order.tubes[0].code)


def test_another_sites_tube_is_kept_out(tx: Tx) -> None:
    order = make_finalised(tx)
    box = actions.open_box(tx, make_desk(tx).site.id)
    with pytest.raises(Conflict, match="another site"):
        actions.pack(tx, box.id, order.tubes[0].code)


def test_an_unknown_tube_is_put_aside(tx: Tx) -> None:
    box, _tubes = make_box(tx)
    with pytest.raises(NotFound, match="Put it aside"):
        actions.pack(tx, box.id, mint(Kind.TUBE))


def test_a_box_in_a_shipment_takes_no_more(tx: Tx) -> None:
    shipment, tubes = make_sent(tx)
    with pytest.raises(Conflict, match="box is closed"):
        actions.pack(tx, shipment.boxes[0].id, tubes[0].code)


def test_tubes_that_are_ready_wait_until_they_are_packed(tx: Tx) -> None:
    desk = make_desk(tx)
    order = make_finalised(tx, desk)
    assert len(actions.waiting(tx, desk.site.id)) == 9
    actions.pack(tx, actions.open_box(tx, desk.site.id).id, order.tubes[0].code)
    assert len(actions.waiting(tx, desk.site.id)) == 8
