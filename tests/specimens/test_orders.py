"""Collection orders: what is ordered, whose it is, when it may be signed off."""

from datetime import timedelta

import pytest

from biobank import clock
from biobank.actor import Actor
from biobank.db import Databases, Tx
from biobank.errors import Conflict, Invalid, NotFound
from biobank.specimens import actions
from biobank.specimens.custody import TubeStatus
from biobank.specimens.models import NotCollectedReason, OrderOutcome, OrderState
from biobank.specimens.orders import kind_of
from labels import parse
from tests.specimens.factories import (
    NO_TO_ALL,
    SWINGING,
    make_collected,
    make_desk,
    make_donor,
    make_finalised,
    make_labelled,
    make_order,
)


def test_an_order_has_a_tube_of_its_own_code_for_each_of_the_sites_set(tx: Tx) -> None:
    order = make_order(tx)
    assert [tube.kind for tube in order.tubes] == [
        "1SS08", "PS04A", "PS04B", "1HEP4", "1ED04", "1ED10", "1CFD9", "1PXR2", "1UR10",
    ]  # fmt: skip
    assert len({parse(tube.code).text for tube in order.tubes}) == 9
    assert parse(order.code).kind == "C"


@pytest.mark.parametrize(
    ("answer", "kinds"),
    [
        ("whole_blood", ["1UR10"]),
        ("red_cells", ["1UR10", "1SAL2"]),
        ("plasma", ["1UR10", "1SAL2"]),
        ("transfusion", ["1UR10", "1SAL2"]),
        ("fainted", ["1UR10", "1SAL2"]),
    ],
)
def test_an_answer_that_forbids_blood_leaves_the_other_tubes(tx: Tx, answer: str, kinds: list[str]) -> None:
    answers = actions.Answers(**(NO_TO_ALL.as_json() | {answer: True}))
    order = make_order(tx, answers=answers)
    assert [tube.kind for tube in order.tubes] == kinds
    assert order.withheld is not None
    assert order.answers[answer] is True


def test_a_second_order_of_one_visit_is_refused(tx: Tx) -> None:
    order = make_order(tx)
    with pytest.raises(Conflict, match="open already"):
        actions.start_order(
            tx, donor_id=order.donor_id, site_id=order.site_id, answers=NO_TO_ALL, collection_station_id=None
        )


def test_an_empty_order_of_an_earlier_visit_makes_way(tx: Tx) -> None:
    order = make_order(tx)
    later = clock.now() + timedelta(seconds=1)
    with clock.at(later):
        actions.start_order(tx, donor_id=order.donor_id, site_id=order.site_id, answers=NO_TO_ALL,
                            collection_station_id=None, since=later)  # fmt: skip
    assert order.state is OrderState.CANCELLED
    assert {tube.state for tube in order.tubes} == {TubeStatus.VOIDED}


def test_the_order_of_a_visit_is_the_newest_since_its_check_in(tx: Tx) -> None:
    order = make_order(tx)
    assert actions.order_for(tx, order.donor_id, order.created_at) is order
    assert actions.order_for(tx, order.donor_id, order.created_at + timedelta(seconds=1)) is None


def test_an_order_with_tubes_left_is_not_signed_off(tx: Tx) -> None:
    order = make_labelled(tx)
    with pytest.raises(Invalid, match="Still to collect, or to record as not collected: SST"):
        actions.finalise_order(tx, order.id)


def test_an_order_with_tubes_to_spin_is_not_signed_off(tx: Tx) -> None:
    order = make_collected(tx)
    with pytest.raises(Invalid, match="Still to spin: SST, first PST, second PST"):
        actions.finalise_order(tx, order.id)


def test_a_signed_order_is_collected(tx: Tx) -> None:
    order = make_finalised(tx)
    assert (order.state, order.outcome) == (OrderState.FINALISED, OrderOutcome.COLLECTED)


def test_an_order_of_which_nothing_was_filled_is_an_attempt(tx: Tx) -> None:
    order = make_order(tx)
    for tube in order.tubes:
        actions.not_collected(tx, order.id, tube.id, reason=NotCollectedReason.REFUSAL)
    assert actions.finalise_order(tx, order.id).outcome is OrderOutcome.ATTEMPTED


def test_nothing_is_recorded_on_a_signed_order(tx: Tx) -> None:
    order = make_finalised(tx)
    with pytest.raises(Conflict, match="signed off"):
        actions.collect(tx, order.id)


def test_the_order_follows_its_tubes(tx: Tx) -> None:
    order = make_order(tx)
    seen = [order.state]
    actions.print_labels(tx, order.id)
    seen.append(order.state)
    for tube in order.tubes:
        actions.apply_label(tx, order.id, tube.code)
    actions.collect(tx, order.id, at=clock.now() - timedelta(hours=1))
    seen.append(order.state)
    actions.process(tx, order.id, spin=SWINGING)
    assert [*seen, order.state] == [
        OrderState.CREATED, OrderState.LABELS_PRINTED, OrderState.COLLECTED, OrderState.PROCESSED,
    ]  # fmt: skip


def test_an_order_with_drawn_tubes_is_not_cancelled(tx: Tx) -> None:
    order = make_collected(tx)
    with pytest.raises(Conflict, match="drawn already"):
        actions.cancel_order(tx, order.id, "error")


def test_saliva_is_offered_where_neither_edta_tube_was_filled(tx: Tx) -> None:
    order = make_order(tx)
    for tube in order.tubes:
        if kind_of(order, tube).is_dna:
            actions.not_collected(tx, order.id, tube.id, reason=NotCollectedReason.SHORT_DRAW)
    assert [tube.kind for tube in actions.offer_instead(tx, order.id)] == ["1SAL2"]


def test_saliva_is_not_offered_beside_an_edta_tube(tx: Tx) -> None:
    order = make_order(tx)
    with pytest.raises(Conflict, match="neither EDTA"):
        actions.offer_instead(tx, order.id)


def test_a_withdrawn_donor_keeps_no_open_order_and_every_tube_is_held(tx: Tx) -> None:
    desk = make_desk(tx)
    collected = make_collected(tx, desk)
    assert actions.hold_donor(tx, collected.donor_id, "withdrawal") == 9
    assert collected.state is OrderState.CANCELLED
    with pytest.raises(Conflict, match="withdrawn"):
        actions.start_order(tx, donor_id=collected.donor_id, site_id=desk.site.id, answers=NO_TO_ALL,
                            collection_station_id=None)  # fmt: skip


def test_holding_a_donor_twice_changes_nothing(tx: Tx) -> None:
    order = make_collected(tx)
    actions.hold_donor(tx, order.donor_id, "withdrawal")
    before = order.tubes[0].seq
    assert actions.hold_donor(tx, order.donor_id, "withdrawal") == 0
    assert order.tubes[0].seq == before


def test_an_unknown_order_is_not_found(tx: Tx) -> None:
    with pytest.raises(NotFound):
        actions.finalise_order(tx, make_donor(tx).id)


def test_what_one_clerk_did_stands_for_the_next(databases: Databases, clerk: Actor) -> None:
    with databases.transaction(clerk) as tx:
        order_id = make_labelled(tx).id
    with databases.transaction(clerk) as tx:
        assert actions.collect(tx, order_id, at=clock.now() - timedelta(minutes=31)) == ()
