"""Shipments: what leaves, under which number, with which list, and in whose hands it is then."""

import hashlib

import pytest

from biobank.db import Tx
from biobank.errors import Conflict, Invalid
from biobank.specimens import actions
from biobank.specimens.custody import Custodian, ShipmentState, TubeStatus
from biobank.specimens.models import ContainerState
from tests.specimens.factories import TRACKING, make_box, make_desk, make_finalised, make_sent


def test_the_carrier_holds_every_tube_from_the_hand_over_on(tx: Tx) -> None:
    shipment, tubes = make_sent(tx)
    assert shipment.state is ShipmentState.HANDED_OVER
    assert {(tube.custodian, tube.state) for tube in tubes} == {(Custodian.CARRIER, TubeStatus.IN_TRANSIT)}


def test_the_list_is_frozen_and_known_by_its_digest(tx: Tx) -> None:
    shipment, tubes = make_sent(tx)
    manifest = shipment.manifest or ""
    assert hashlib.sha256(manifest.encode()).hexdigest() == shipment.manifest_sha256
    assert sum(tube.code in manifest for tube in tubes) == 9


def test_nothing_personal_is_on_the_list(tx: Tx) -> None:
    shipment, _tubes = make_sent(tx)
    for personal in ("Rosa", "Parker", "1980", "@", "Elm"):
        assert personal not in (shipment.manifest or "")


def test_the_packing_must_be_confirmed(tx: Tx) -> None:
    box, _tubes = make_box(tx)
    shipment = actions.ship(tx, box.site_id, [box.id])
    with pytest.raises(Invalid, match="P650"):
        actions.hand_over(tx, shipment.id, tracking=TRACKING, is_packed_by_p650=False)


def test_a_typed_tracking_number_must_agree_with_its_second_entry(tx: Tx) -> None:
    box, _tubes = make_box(tx)
    shipment = actions.ship(tx, box.site_id, [box.id])
    with pytest.raises(Invalid, match="differ"):
        actions.hand_over(tx, shipment.id, tracking="794612345678", again="794612345687", is_packed_by_p650=True)


def test_two_live_shipments_never_share_a_tracking_number(tx: Tx) -> None:
    first, _tubes = make_sent(tx)
    with pytest.raises(Conflict, match=f"Shipment {first.code}"):
        make_sent(tx)


def test_an_empty_box_is_not_sent(tx: Tx) -> None:
    desk = make_desk(tx)
    box = actions.open_box(tx, desk.site.id)
    with pytest.raises(Conflict, match="empty"):
        actions.ship(tx, desk.site.id, [box.id])


def test_a_box_is_in_one_shipment(tx: Tx) -> None:
    box, _tubes = make_box(tx)
    actions.ship(tx, box.site_id, [box.id])
    with pytest.raises(Conflict, match="in a shipment already"):
        actions.ship(tx, box.site_id, [box.id])


def test_a_shipment_given_up_opens_its_boxes(tx: Tx) -> None:
    box, _tubes = make_box(tx)
    shipment = actions.ship(tx, box.site_id, [box.id])
    actions.void_shipment(tx, shipment.id, "courier did not come")
    assert (shipment.state, box.state, box.shipment_id) == (ShipmentState.VOID, ContainerState.OPEN, None)


def test_a_shipment_on_its_way_is_not_given_up(tx: Tx) -> None:
    shipment, _tubes = make_sent(tx)
    with pytest.raises(Conflict, match="with the carrier"):
        actions.void_shipment(tx, shipment.id, "mistake")


def test_a_box_with_a_withdrawn_participants_tube_does_not_leave(tx: Tx) -> None:
    desk = make_desk(tx)
    order = make_finalised(tx, desk)
    box = actions.open_box(tx, desk.site.id)
    actions.pack(tx, box.id, order.tubes[0].code)
    shipment = actions.ship(tx, desk.site.id, [box.id])
    actions.hold_donor(tx, order.donor_id, "withdrawal")
    with pytest.raises(Conflict, match="withdrawn"):
        actions.hand_over(tx, shipment.id, tracking=TRACKING, is_packed_by_p650=True)
