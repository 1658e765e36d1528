"""Tubes in positions: put away, moved, taken out and back, thawed, and never two in one place."""

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from biobank.db import Databases, Tx
from biobank.errors import Conflict, Invalid, NotFound, Refused
from biobank.specimens import actions
from biobank.specimens.custody import TubeStatus
from biobank.specimens.models import SubjectKind, Tube
from biobank.specimens.storage import actions as storage
from biobank.specimens.storage.shelving import CheckOut
from labels import Kind, mint
from tests.specimens.factories import make_received, make_store


def test_tube_after_tube_goes_into_the_next_free_position(tx: Tx) -> None:
    box, tubes = make_store(tx), make_received(tx)
    for tube in tubes[:3]:
        storage.put_away(tx, tube.id, box.code)
    assert [tube.slot for tube in tubes[:3]] == [1, 2, 3]
    assert storage.grid(tx, box).next == "A4"


def test_a_tube_goes_into_the_position_that_is_named(tx: Tx) -> None:
    box, tubes = make_store(tx), make_received(tx)
    tube = storage.put_away(tx, tubes[0].id, box.code, "C5")
    event = actions.story(tx, SubjectKind.TUBE, tube.id)[-1]
    assert (event.set_code, event.detail["position"], event.detail["cold"]) == ("S47", "C5", "ultra_low")


def test_a_position_holds_one_tube(tx: Tx) -> None:
    box, tubes = make_store(tx), make_received(tx)
    storage.put_away(tx, tubes[0].id, box.code, "A1")
    with pytest.raises(Conflict, match="Position A1 is taken"):
        storage.put_away(tx, tubes[1].id, box.code, "A1")


def test_the_database_itself_refuses_a_second_tube_in_a_position(databases: Databases) -> None:
    with databases.transaction() as tx:
        box, tubes = make_store(tx), make_received(tx)
        storage.put_away(tx, tubes[0].id, box.code, "A1")
        other, store, slot = tubes[1].id, tubes[0].store_id, tubes[0].slot
    with pytest.raises(sa.exc.IntegrityError), databases.transaction() as tx:
        tx.session.execute(sa.update(Tube).where(Tube.id == other).values(store_id=store, slot=slot))


def test_a_full_box_says_so(tx: Tx) -> None:
    box, tubes = make_store(tx, size=1), make_received(tx)
    storage.put_away(tx, tubes[0].id, box.code)
    with pytest.raises(Conflict, match="full"):
        storage.put_away(tx, tubes[1].id, box.code)


@pytest.mark.parametrize("code", [lambda: mint(Kind.PLACE), lambda: mint(Kind.TUBE), lambda: "L123"])
def test_what_is_no_place_is_refused(tx: Tx, code: Callable[[], str]) -> None:
    with pytest.raises((NotFound, Invalid)):
        storage.put_away(tx, make_received(tx)[0].id, code())


def test_a_rack_is_not_a_box(tx: Tx) -> None:
    box, tubes = make_store(tx), make_received(tx)
    rack = storage.way_to(tx, box)[-2]
    with pytest.raises(Invalid, match="not a box"):
        storage.put_away(tx, tubes[0].id, rack.code)


def test_a_stored_tube_is_moved_and_leaves_its_position_free(tx: Tx) -> None:
    first, second, tubes = make_store(tx), make_store(tx), make_received(tx)
    storage.put_away(tx, tubes[0].id, first.code)
    storage.put_away(tx, tubes[0].id, second.code, "B2")
    assert (tubes[0].place, tubes[0].state) == (second.code, TubeStatus.STORED)
    assert storage.grid(tx, first).fill.taken == 0


def test_taken_out_of_the_frost_a_tube_has_thawed_once(tx: Tx) -> None:
    box, tubes = make_store(tx), make_received(tx)
    storage.put_away(tx, tubes[0].id, box.code)
    storage.check_out(tx, tubes[0].id, CheckOut.ANALYSIS)
    assert (tubes[0].thaws, tubes[0].slot, tubes[0].state) == (1, None, TubeStatus.RECEIVED)
    assert list(storage.out_of_place(tx)) == [tubes[0]]


def test_on_dry_ice_a_tube_does_not_thaw(tx: Tx) -> None:
    box, tubes = make_store(tx), make_received(tx)
    storage.put_away(tx, tubes[0].id, box.code)
    storage.check_out(tx, tubes[0].id, CheckOut.RELOCATION, kept_frozen=True)
    storage.put_away(tx, tubes[0].id, box.code)
    assert (tubes[0].thaws, storage.out_of_place(tx)) == (0, [])


def test_taking_out_for_another_reason_needs_its_words(tx: Tx) -> None:
    box, tubes = make_store(tx), make_received(tx)
    storage.put_away(tx, tubes[0].id, box.code)
    with pytest.raises(Invalid, match="Say in a few words"):
        storage.check_out(tx, tubes[0].id, CheckOut.OTHER)


def test_a_tube_on_hold_goes_to_quarantine_and_to_no_other_box(tx: Tx) -> None:
    tubes = make_received(tx)
    actions.hold_donor(tx, tubes[0].donor_id, "withdrawal")
    with pytest.raises(Conflict, match="quarantine box"):
        storage.put_away(tx, tubes[0].id, make_store(tx).code)
    storage.put_away(tx, tubes[0].id, make_store(tx, quarantine=True).code)
    assert tubes[0].slot == 1


def test_a_quarantine_box_takes_nothing_else(tx: Tx) -> None:
    with pytest.raises(Conflict, match="only tubes on hold"):
        storage.put_away(tx, make_received(tx)[0].id, make_store(tx, quarantine=True).code)


def test_what_is_used_up_leaves_its_position(tx: Tx) -> None:
    box, tubes = make_store(tx), make_received(tx)
    storage.put_away(tx, tubes[0].id, box.code)
    storage.use_up(tx, tubes[0].id, "analysis 12")
    assert (tubes[0].state, storage.grid(tx, box).fill.taken) == (TubeStatus.CONSUMED, 0)


def test_every_row_follows_from_its_story_after_storage(tx: Tx) -> None:
    box, tubes = make_store(tx), make_received(tx)
    for tube in tubes:
        storage.put_away(tx, tube.id, box.code)
    storage.check_out(tx, tubes[0].id, CheckOut.QUALITY)
    assert list(actions.differences(tx)) == []


def test_two_people_putting_away_into_one_box_never_share_a_position(databases: Databases) -> None:
    with databases.transaction() as tx:
        code, tubes = make_store(tx).code, [tube.id for tube in make_received(tx)]
    barrier = threading.Barrier(2)

    def put(tube_ids: list[object]) -> None:
        barrier.wait()
        for tube_id in tube_ids:
            with databases.transaction() as tx:
                storage.put_away(tx, tube_id, code)  # type: ignore[arg-type]

    hands = [threading.Thread(target=put, args=(part,)) for part in (tubes[0::2], tubes[1::2])]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    with databases.transaction() as tx:
        slots = tx.session.scalars(sa.select(Tube.slot).where(Tube.id.in_(tubes))).all()
    assert sorted(slots) == list(range(1, len(tubes) + 1))  # type: ignore[type-var]


def test_two_freezers_of_a_site_never_share_a_name(tx: Tx) -> None:
    box = make_store(tx)
    with pytest.raises(Refused, match="of that name already"):
        storage.add_freezer(
            tx, site_id=box.site_id, name="Ultra", cold=box.cold, layout=storage.Layout(shelves=1, racks=1, boxes=1)
        )


def test_a_rack_takes_as_many_boxes_as_it_has_slots(tx: Tx) -> None:
    rack = storage.way_to(tx, make_store(tx))[-2]
    storage.add_box(tx, rack.id, name="Second", rows=9, columns=9)
    with pytest.raises(Conflict, match="no free slot"):
        storage.add_box(tx, rack.id, name="Third", rows=9, columns=9)
