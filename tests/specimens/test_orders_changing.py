"""Orders of every sort, and what happens to them after their sign-off."""

from datetime import timedelta

import pytest

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Invalid
from biobank.specimens import actions
from biobank.specimens.custody import TubeStatus
from biobank.specimens.models import CollectionOrder, OrderSort, OrderState, SubjectKind
from biobank.specimens.order_sorts import read_kit
from biobank.specimens.orders_changing import AmendReason, CancelReason, RestoreReason, Times
from tests.specimens.factories import (
    NO_TO_ALL,
    make_box,
    make_desk,
    make_donor,
    make_finalised,
    make_received,
    make_sent,
)

DONATED = actions.Answers(whole_blood=True, red_cells=False, plasma=False, transfusion=False, fainted=False)
MINUTE = timedelta(minutes=1)


def started(
    tx: Tx, sort: OrderSort, chosen: tuple[str, ...] = (), answers: actions.Answers = NO_TO_ALL, kit: str | None = None
) -> CollectionOrder:
    desk = make_desk(tx)
    return actions.start_order(tx, donor_id=make_donor(tx, desk.site.id).id, site_id=desk.site.id, answers=answers,
                               collection_station_id=desk.station_id, sort=sort, chosen=chosen, kit=kit)  # fmt: skip


@pytest.mark.parametrize(
    ("sort", "chosen", "kinds"),
    [(OrderSort.BLOOD, (), 8), (OrderSort.URINE, (), 1), (OrderSort.SALIVA, (), 1), (OrderSort.FULL, (), 9),
     (OrderSort.CUSTOM, ("1UR10", "1SS08"), 2)],
)  # fmt: skip
def test_an_order_has_the_tubes_of_its_sort(tx: Tx, sort: OrderSort, chosen: tuple[str, ...], kinds: int) -> None:
    order = started(tx, sort, chosen)
    assert (order.sort, len(order.tubes)) == (sort, kinds)


def test_chosen_tubes_stand_in_draw_order(tx: Tx) -> None:
    assert [tube.kind for tube in started(tx, OrderSort.CUSTOM, ("1UR10", "1SS08")).tubes] == ["1SS08", "1UR10"]


def test_blood_is_not_ordered_where_the_answers_forbid_it(tx: Tx) -> None:
    with pytest.raises(Invalid, match="allow no blood"):
        started(tx, OrderSort.BLOOD, answers=DONATED)


@pytest.mark.parametrize("chosen", [("1ED10",), ("1SAL2",)])
def test_a_choice_is_bound_by_the_answers_too(tx: Tx, chosen: tuple[str, ...]) -> None:
    if chosen == ("1SAL2",):
        chosen = ("1SAL2", "1ED04")
    with pytest.raises(Invalid, match="cannot be ordered"):
        started(tx, OrderSort.CUSTOM, chosen, DONATED if "1ED10" in chosen else NO_TO_ALL)


def test_a_kits_number_is_kept_and_used_once(tx: Tx) -> None:
    assert started(tx, OrderSort.SALIVA, kit="KIT-12345678").kit == "KIT-12345678"
    with pytest.raises(Conflict, match="kit"):
        started(tx, OrderSort.SALIVA, kit="KIT-12345678")


@pytest.mark.parametrize(("first", "again"), [("KIT-1234567", "KIT-1234567"), ("KIT-12345678", "KIT-12345679")])
def test_a_kits_number_is_entered_twice_alike(first: str, again: str) -> None:
    with pytest.raises(Invalid):
        read_kit(first, again)


def test_a_time_is_amended_and_the_first_one_stays_in_the_story(tx: Tx) -> None:
    order = make_finalised(tx)
    urine, right = order.tubes[-1], clock.now() - timedelta(hours=2)
    was = urine.collected_at
    actions.amend(tx, order.id, reason=AmendReason.TIMESTAMPS, note="read off the sheet",
                  times=[Times(tube_id=urine.id, collected_at=right)])  # fmt: skip
    told = [event.event_time for event in actions.story(tx, SubjectKind.TUBE, urine.id) if event.type == "collected"]
    assert (urine.collected_at, told) == (right, [was])
    assert (order.state, [event.step for event in actions.order_history(tx, order.id)]) == ("finalised", ["amended"])


def test_an_impossible_time_is_not_amended(tx: Tx) -> None:
    order = make_finalised(tx)
    with pytest.raises(Invalid, match="future"):
        actions.amend(tx, order.id, reason=AmendReason.TIMESTAMPS, note="typed",
                      times=[Times(tube_id=order.tubes[0].id, collected_at=clock.now() + 6 * MINUTE)])  # fmt: skip


def test_a_cancelled_order_holds_its_tubes_and_a_restored_one_releases_them(tx: Tx) -> None:
    order = make_finalised(tx)
    actions.cancel_final(tx, order.id, reason=CancelReason.WRONG_PARTICIPANT)
    assert {tube.state for tube in order.tubes} == {TubeStatus.HELD}
    actions.restore(tx, order.id, reason=RestoreReason.WRONG_PARTICIPANT)
    assert order.state is OrderState.FINALISED
    assert {tube.state for tube in order.tubes} == {TubeStatus.COLLECTED, TubeStatus.PROCESSED}


def test_packed_tubes_are_taken_out_before_their_order_is_cancelled(tx: Tx) -> None:
    _box, tubes = make_box(tx)
    with pytest.raises(Conflict, match="Take them out first"):
        actions.cancel_final(tx, tubes[0].order_id, reason=CancelReason.ERROR)


def test_a_tube_of_a_cancelled_order_is_held_when_it_arrives(tx: Tx) -> None:
    shipment, tubes = make_sent(tx)
    actions.cancel_final(tx, tubes[0].order_id, reason=CancelReason.LABEL_ERROR)
    actions.receive_scan(tx, shipment.code)
    actions.record_temperature(tx, shipment.id, celsius=None, reason="no thermometer")
    assert actions.receive_scan(tx, tubes[0].code).outcome == "HOLD"


def test_other_reasons_need_their_words(tx: Tx) -> None:
    order = make_finalised(tx)
    with pytest.raises(Invalid, match="Say in a few words"):
        actions.cancel_final(tx, order.id, reason=CancelReason.OTHER)


def test_only_what_is_signed_off_is_amended(tx: Tx) -> None:
    order = started(tx, OrderSort.FULL)
    with pytest.raises(Conflict, match="signed off"):
        actions.amend(tx, order.id, reason=AmendReason.OTHER, note="too early")


def test_aliquots_are_held_with_their_order(tx: Tx) -> None:
    tubes = make_received(tx)
    actions.cancel_final(tx, tubes[0].order_id, reason=CancelReason.ERROR)
    assert list(actions.differences(tx)) == []
