"""Labels: printed in draw order with codes alone, and proven to be on the right tube."""

import pytest

from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound, Refused
from biobank.specimens import actions
from biobank.specimens.custody import TubeStatus
from biobank.specimens.models import OrderState
from biobank.stations import actions as stations
from labels import Kind, mint
from tests.specimens.factories import make_desk, make_labelled, make_order


def test_each_tube_gets_a_label_in_draw_order_and_urine_two(tx: Tx) -> None:
    order = make_order(tx)
    jobs = actions.print_labels(tx, order.id)
    assert [job.object_code for job in jobs] == [tube.code for tube in order.tubes] + [order.tubes[-1].code]
    assert [job.data["n_of_m"] for job in jobs][-3:] == ["8/9", "9/9 cup", "9/9 tube"]
    assert order.state is OrderState.LABELS_PRINTED


def test_a_label_names_the_person_by_the_biobanks_code_alone(tx: Tx) -> None:
    order = make_order(tx)
    label = actions.print_labels(tx, order.id)[0].data
    assert label["participant_code"] == order.donor.code
    assert label["tube_id"] == order.tubes[0].code
    assert label["collected_at"] == ""


def test_all_labels_are_printed_once(tx: Tx) -> None:
    order = make_order(tx)
    actions.print_labels(tx, order.id)
    with pytest.raises(Conflict, match="say why"):
        actions.print_labels(tx, order.id)


def test_a_label_is_printed_again_with_a_reason(tx: Tx) -> None:
    order = make_order(tx)
    actions.print_labels(tx, order.id)
    again = actions.print_labels(tx, order.id, tube_ids=[order.tubes[0].id], reason="smudged")
    assert [(job.copy_no, job.reason) for job in again] == [(2, "smudged")]


def test_a_label_is_not_printed_again_without_a_reason(tx: Tx) -> None:
    order = make_order(tx)
    actions.print_labels(tx, order.id)
    with pytest.raises(Invalid, match="Say why"):
        actions.print_labels(tx, order.id, tube_ids=[order.tubes[0].id])


def test_a_label_printed_anew_has_to_be_applied_anew(tx: Tx) -> None:
    order = make_labelled(tx)
    tube = order.tubes[0]
    (copy,) = actions.print_labels(tx, order.id, tube_ids=[tube.id], reason="torn")
    assert tube.applied_at is None
    stations.claim_print_jobs(tx, copy.station_id)
    assert actions.apply_label(tx, order.id, tube.code).state is TubeStatus.LABELLED


def test_a_scan_proves_that_a_label_is_on_its_tube(tx: Tx) -> None:
    order = make_order(tx)
    actions.print_labels(tx, order.id)
    tube = actions.apply_label(tx, order.id, f"]C0{order.tubes[0].code.lower()}\r", kind="1SS08")
    assert tube.state is TubeStatus.LABELLED


def test_a_label_scanned_as_applied_twice_is_an_alarm(tx: Tx) -> None:
    order = make_labelled(tx)
    with pytest.raises(Conflict, match="Two tubes must never bear one code"):
        actions.apply_label(tx, order.id, order.tubes[0].code)


def test_another_persons_label_stops_the_clerk(tx: Tx) -> None:
    desk = make_desk(tx)
    other, order = make_labelled(tx, desk), make_order(tx, desk)
    with pytest.raises(Conflict, match="another collection"):
        actions.apply_label(tx, order.id, other.tubes[0].code)


def test_another_tubes_label_stops_the_clerk(tx: Tx) -> None:
    order = make_order(tx)
    actions.print_labels(tx, order.id)
    with pytest.raises(Conflict, match=r"for the first PST \(light green cap\). You hold the SST"):
        actions.apply_label(tx, order.id, order.tubes[1].code, kind="1SS08")


@pytest.mark.parametrize(
    ("code", "refusal", "words"),
    [
        (mint(Kind.TUBE), NotFound, "No tube has this label"),
        (mint(Kind.BOX), Invalid, "This is a box code"),
        ("S1234567890", Invalid, "too few"),
    ],
)
def test_what_is_no_label_of_a_tube_is_refused(tx: Tx, code: str, refusal: type[Refused], words: str) -> None:
    order = make_order(tx)
    with pytest.raises(refusal, match=words):
        actions.apply_label(tx, order.id, code)


def test_a_label_that_was_not_printed_cannot_be_applied(tx: Tx) -> None:
    order = make_order(tx)
    with pytest.raises(Conflict, match="print its label"):
        actions.apply_label(tx, order.id, order.tubes[0].code)
