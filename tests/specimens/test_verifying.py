"""Whatever kind of thing a row is about: when it says other than its story, it is found and named."""

from collections.abc import Callable
from typing import Any

import pytest

from biobank.columns import new_id
from biobank.db import Tx
from biobank.specimens import actions
from biobank.specimens.custody import ShipmentState
from biobank.specimens.models import ContainerKind, ContainerState, FoundObject, Shipment
from biobank.specimens.storage import actions as storage
from tests.specimens.factories import make_box, make_desk, make_finalised, make_opened, make_store
from tests.specimens.storage.test_moving import colder_rack


def _tube(tx: Tx) -> Any:
    tube = make_opened(tx)[1][0]
    tube.thaws = 3
    return tube


def _box(tx: Tx) -> Any:
    box, _tubes = make_box(tx)
    box.state = ContainerState.CLOSED
    return box


def _bag(tx: Tx) -> Any:
    desk = make_desk(tx)
    box = actions.open_box(tx, desk.site.id)
    bag = actions.open_box(tx, desk.site.id, ContainerKind.BAG)
    actions.pack(tx, bag.id, make_finalised(tx, desk).tubes[0].code)
    actions.pack(tx, box.id, bag.code)
    bag.parent_id = actions.open_box(tx, desk.site.id).id
    return bag


def _shipment(tx: Tx) -> Any:
    shipment, _tubes = make_opened(tx)
    shipment.state = ShipmentState.CLOSED
    return shipment


def _object(tx: Tx) -> Any:
    thing = FoundObject(id=new_id(), found_at=make_opened(tx)[0].created_at, actor_name="Ben", label="what?")
    tx.session.add(thing)
    return thing


def _place(tx: Tx) -> Any:
    box = make_store(tx)
    box.parent_id = colder_rack(tx, box).id
    return box


@pytest.mark.parametrize("change", [_tube, _box, _bag, _shipment, _object, _place])
def test_a_row_that_its_story_does_not_tell_is_found(tx: Tx, change: Callable[[Tx], Any]) -> None:
    changed = change(tx)
    tx.session.flush()
    assert [one.id for one in actions.differences(tx)] == [changed.id]


def test_what_went_its_way_through_packing_sending_and_moving_agrees(tx: Tx) -> None:
    shipment, _tubes = make_opened(tx)
    box = make_store(tx)
    storage.move_box(tx, box.id, colder_rack(tx, box).code)
    actions.receive_scan(tx, "no such code")
    assert isinstance(shipment, Shipment)
    assert list(actions.differences(tx)) == []
