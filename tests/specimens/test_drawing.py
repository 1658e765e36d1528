"""Filling tubes: what is collected, what is not and why, what is spun and when."""

from datetime import timedelta

import pytest

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Invalid
from biobank.specimens import actions
from biobank.specimens.custody import TubeStatus
from biobank.specimens.models import NotCollectedReason, TimeSource
from tests.specimens.factories import SWINGING, make_collected, make_desk, make_labelled, make_order


def test_all_labelled_tubes_are_collected_now(tx: Tx) -> None:
    order = make_labelled(tx)
    actions.collect(tx, order.id)
    assert {tube.state for tube in order.tubes} == {TubeStatus.COLLECTED}
    assert actions.story(tx, "tube", order.tubes[0].id)[-1].time_source is TimeSource.SERVER


def test_a_time_that_was_typed_is_known_as_typed(tx: Tx) -> None:
    order = make_collected(tx, ago=timedelta(minutes=40))
    event = actions.story(tx, "tube", order.tubes[0].id)[-1]
    assert event.time_source is TimeSource.ENTERED
    assert event.recorded_time > event.event_time


def test_a_collection_in_the_future_is_refused(tx: Tx) -> None:
    order = make_labelled(tx)
    with pytest.raises(Invalid, match="future"):
        actions.collect(tx, order.id, at=clock.now() + timedelta(minutes=6))


def test_a_tube_without_its_label_is_not_collected(tx: Tx) -> None:
    order = make_order(tx)
    with pytest.raises(Conflict, match="print its label"):
        actions.collect(tx, order.id, tube_ids=[order.tubes[0].id])


def test_a_tube_of_another_order_is_not_collected_with_this_one(tx: Tx) -> None:
    desk = make_desk(tx)
    order, other = make_labelled(tx, desk), make_labelled(tx, desk)
    with pytest.raises(Exception, match="does not belong"):
        actions.collect(tx, order.id, tube_ids=[other.tubes[0].id])


def test_a_tube_that_was_not_filled_keeps_the_reason(tx: Tx) -> None:
    order = make_labelled(tx)
    tube = actions.not_collected(
        tx, order.id, order.tubes[0].id, reason=NotCollectedReason.SHORT_DRAW, label_destroyed=True
    )
    assert (tube.state, tube.not_collected_reason) == (TubeStatus.NOT_COLLECTED, NotCollectedReason.SHORT_DRAW)


def test_a_printed_label_must_be_destroyed_when_its_tube_is_given_up(tx: Tx) -> None:
    order = make_labelled(tx)
    with pytest.raises(Invalid, match="Destroy the label"):
        actions.not_collected(tx, order.id, order.tubes[0].id, reason=NotCollectedReason.REFUSAL)


def test_another_reason_needs_words(tx: Tx) -> None:
    order = make_order(tx)
    with pytest.raises(Invalid, match="few words"):
        actions.not_collected(tx, order.id, order.tubes[0].id, reason=NotCollectedReason.OTHER, note=" ")


def test_a_spun_tube_gets_the_product_code_of_its_rotor(tx: Tx) -> None:
    order = make_collected(tx)
    assert actions.process(tx, order.id, tube_ids=[order.tubes[0].id], spin=SWINGING) == ()
    assert (order.tubes[0].product, order.tubes[0].state) == ("1SST8", TubeStatus.PROCESSED)


def test_a_tube_spun_too_soon_is_recorded_with_a_warning(tx: Tx) -> None:
    order = make_collected(tx, ago=timedelta(minutes=29))
    assert [finding.code for finding in actions.process(tx, order.id, tube_ids=[order.tubes[0].id], spin=SWINGING)] == [
        "spun-too-soon"
    ]


def test_a_spin_before_the_draw_is_refused(tx: Tx) -> None:
    order = make_collected(tx)
    with pytest.raises(Invalid, match="at or before its collection"):
        actions.process(tx, order.id, tube_ids=[order.tubes[0].id], spin=SWINGING, at=order.tubes[0].collected_at)


def test_a_tube_is_spun_once(tx: Tx) -> None:
    order = make_collected(tx)
    actions.process(tx, order.id, tube_ids=[order.tubes[0].id], spin=SWINGING)
    with pytest.raises(Conflict, match="spun already"):
        actions.process(tx, order.id, tube_ids=[order.tubes[0].id], spin=SWINGING)


def test_a_tube_that_is_not_spun_says_so(tx: Tx) -> None:
    order = make_collected(tx)
    with pytest.raises(Conflict, match="heparin is not spun"):
        actions.process(tx, order.id, tube_ids=[order.tubes[3].id], spin=SWINGING)


def test_an_empty_tube_is_not_spun(tx: Tx) -> None:
    order = make_labelled(tx)
    with pytest.raises(Conflict, match="not drawn yet"):
        actions.process(tx, order.id, tube_ids=[order.tubes[0].id], spin=SWINGING)
