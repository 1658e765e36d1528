"""Labels of a collection: the design by the tube's sort, each label scanned on its tube, no loose label at the end."""

import pytest

from biobank.actor import Actor, Role
from biobank.db import Tx
from biobank.errors import Conflict, Forbidden, Invalid
from biobank.specimens import actions, log
from biobank.specimens.custody import EventType
from biobank.specimens.labelling import LabelAppliedTwice, alarms_of
from biobank.specimens.models import NotCollectedReason, SubjectKind
from biobank.stations import actions as stations
from biobank.stations.models import PrintState
from tests.specimens.factories import SWINGING, make_collected, make_labelled, make_order


def test_urine_has_a_cups_and_a_tubes_design(tx: Tx) -> None:
    jobs = actions.print_labels(tx, make_order(tx).id)
    assert [job.template for job in jobs][-3:] == ["tube-50x25", "urine-cup", "urine-tube"]
    assert len({job.batch_id for job in jobs}) == 1


def test_a_saliva_kit_has_its_own_design(tx: Tx) -> None:
    order = make_order(tx)
    for tube in [tube for tube in order.tubes if tube.kind in ("1ED04", "1ED10")]:
        actions.not_collected(tx, order.id, tube.id, reason=NotCollectedReason.REFUSAL)
    actions.offer_instead(tx, order.id)
    assert actions.print_labels(tx, order.id)[-1].template == "saliva-kit"


def test_a_second_label_of_a_specimen_is_scanned_too(tx: Tx) -> None:
    order = make_order(tx)
    actions.print_labels(tx, order.id)
    urine = order.tubes[-1]
    for left in (1, 0):
        actions.apply_label(tx, order.id, urine.code)
        assert len(stations.unapplied(tx, [urine.code])) == left
    with pytest.raises(LabelAppliedTwice):
        actions.apply_label(tx, order.id, urine.code)


def test_a_collection_with_a_loose_label_is_not_signed_off(tx: Tx) -> None:
    order = make_order(tx)
    actions.print_labels(tx, order.id)
    for tube in order.tubes:
        actions.apply_label(tx, order.id, tube.code)
    actions.collect(tx, order.id)
    actions.process(tx, order.id, spin=SWINGING)
    with pytest.raises(Invalid, match="label of urine"):
        actions.finalise_order(tx, order.id)
    actions.apply_label(tx, order.id, order.tubes[-1].code)
    assert actions.finalise_order(tx, order.id).finalised_at


def test_the_label_of_a_tube_that_is_not_filled_is_void(tx: Tx) -> None:
    order = make_labelled(tx)
    tube = order.tubes[0]
    actions.not_collected(tx, order.id, tube.id, reason=NotCollectedReason.REFUSAL, label_destroyed=True)
    assert stations.jobs_of(tx, [tube.code])[tube.code].state is PrintState.VOIDED


def test_a_cancelled_collection_leaves_no_label(tx: Tx) -> None:
    order = make_labelled(tx)
    actions.cancel_order(tx, order.id, "wrong participant")
    assert stations.unapplied(tx, [tube.code for tube in order.tubes]) == []


def test_a_second_scan_of_an_applied_label_is_kept_as_an_alarm(tx: Tx) -> None:
    order = make_collected(tx)
    tube = order.tubes[0]
    with pytest.raises(LabelAppliedTwice) as alarm:
        actions.apply_label(tx, order.id, tube.code)
    actions.raise_alarm(tx, alarm.value)
    assert log.story(tx, SubjectKind.TUBE, tube.id)[-1].type == EventType.LABEL_ALARM
    assert alarms_of(tx, order) == {tube.id: 1}


def test_the_void_copy_of_a_label_is_not_taken_for_the_new_one(tx: Tx) -> None:
    order = make_order(tx)
    actions.print_labels(tx, order.id)
    tube = order.tubes[0]
    actions.print_labels(tx, order.id, tube_ids=[tube.id], reason="smudged")
    with pytest.raises(Conflict, match="Destroy it"):
        actions.apply_label(tx, order.id, tube.code)


def test_a_fourth_reprint_is_a_supervisors(tx: Tx) -> None:
    order = make_order(tx)
    actions.print_labels(tx, order.id)
    tube = order.tubes[0]
    for reason in ("jam", "torn", "lost"):
        actions.print_labels(tx, order.id, tube_ids=[tube.id], reason=reason)
    with pytest.raises(Forbidden, match="3 times already"):
        actions.print_labels(tx, order.id, tube_ids=[tube.id], reason="jam")
    tx.actor = Actor(kind="staff", name="Ada", roles=frozenset({Role.ADMINISTRATOR}))
    job = stations.jobs_of(tx, [tube.code])[tube.code]
    assert stations.print_again(tx, job.id, "jam").copy_no == 5
