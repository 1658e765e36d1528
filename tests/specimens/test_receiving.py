"""The bench: what each scan comes to, whatever is scanned."""

from decimal import Decimal

import pytest
import sqlalchemy as sa

from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import Conflict, Invalid
from biobank.specimens import actions
from biobank.specimens.case_models import Case
from biobank.specimens.custody import Custodian, ShipmentState, TubeStatus
from biobank.specimens.models import Container, CustodyEvent, ReceiptScan, ScanOutcome, ShipmentItem
from labels import Kind, mint
from tests.specimens.factories import (
    TRACKING,
    make_desk,
    make_finalised,
    make_opened,
    make_order,
    make_sent,
    make_store,
)


def outcome(tx: Tx, code: str) -> ScanOutcome:
    return actions.receive_scan(tx, code).outcome


def text(scan: ReceiptScan) -> str:
    return scan.message % scan.words


@pytest.mark.parametrize("typed", [TRACKING, "1z 999 aa1 01 2345 6784", "]C01Z999AA10123456784\r"])
def test_the_tracking_number_is_the_arrival_of_the_shipment(tx: Tx, typed: str) -> None:
    shipment, tubes = make_sent(tx)
    assert outcome(tx, typed) is ScanOutcome.OPENED
    assert shipment.state is ShipmentState.ARRIVED
    assert {tube.custodian for tube in tubes} == {Custodian.CARRIER}


def test_a_shipments_own_code_opens_it_as_well(tx: Tx) -> None:
    shipment, _tubes = make_sent(tx)
    assert text(actions.receive_scan(tx, shipment.code)).endswith("Record its temperature first.")


def test_no_tube_is_received_before_its_shipment_has_arrived(tx: Tx) -> None:
    _shipment, tubes = make_sent(tx)
    scan = actions.receive_scan(tx, tubes[0].code)
    assert (scan.outcome, tubes[0].custodian) == (ScanOutcome.NOT_YET, Custodian.CARRIER)
    assert "tracking number" in text(scan)


def _told(tx: Tx) -> list[object]:
    """All that the bench could have changed: events, cases, what lists say."""
    tx.session.flush()
    counted = [tx.session.scalar(sa.select(sa.func.count()).select_from(table)) for table in (CustodyEvent, Case)]
    items = tx.session.execute(sa.select(ShipmentItem.tube_id, ShipmentItem.state).order_by(ShipmentItem.tube_id)).all()
    return [*counted, *items]


@pytest.mark.parametrize("is_here", [False, True], ids=["on its way", "without its temperature"])
@pytest.mark.parametrize("part", ["tube", "box"])
def test_a_scan_that_comes_too_early_changes_nothing_but_is_kept(tx: Tx, part: str, is_here: bool) -> None:
    shipment, tubes = make_sent(tx)
    if is_here:
        actions.receive_scan(tx, shipment.code)
    box = tx.session.get_one(Container, tubes[0].container_id)
    before = _told(tx)
    scan = actions.receive_scan(tx, tubes[0].code if part == "tube" else box.code)
    assert scan.outcome is (ScanOutcome.OPENED if part == "box" and is_here else ScanOutcome.NOT_YET)
    assert _told(tx) == before


def test_no_tube_is_received_before_the_temperature_is_known(tx: Tx) -> None:
    shipment, tubes = make_sent(tx)
    actions.receive_scan(tx, shipment.code)
    scan = actions.receive_scan(tx, tubes[0].code)
    assert scan.outcome is ScanOutcome.NOT_YET
    assert "temperature" in text(scan)


def test_an_unknown_temperature_needs_its_reason(tx: Tx) -> None:
    shipment, _tubes = make_sent(tx)
    actions.receive_scan(tx, shipment.code)
    with pytest.raises(Invalid, match="say why"):
        actions.record_temperature(tx, shipment.id, celsius=None)


def test_the_temperature_is_asked_once(tx: Tx) -> None:
    shipment, _tubes = make_opened(tx)
    with pytest.raises(Conflict):
        actions.record_temperature(tx, shipment.id, celsius=Decimal("4.0"))


def test_a_listed_tube_is_received_into_the_biobanks_hands(tx: Tx) -> None:
    _shipment, tubes = make_opened(tx)
    assert outcome(tx, tubes[0].code) is ScanOutcome.OK
    assert (tubes[0].state, tubes[0].custodian) == (TubeStatus.RECEIVED, Custodian.BIOBANK)


def test_the_counter_follows_the_scans(tx: Tx) -> None:
    shipment, tubes = make_opened(tx)
    for tube in tubes[:4]:
        actions.receive_scan(tx, tube.code)
    progress = actions.progress_of(tx, shipment)
    assert (progress.done, progress.total, progress.left) == (4, 9, 5)
    assert progress.expected == {shipment.boxes[0].code: 5}


def test_a_tube_scanned_again_changes_nothing(tx: Tx) -> None:
    _shipment, tubes = make_opened(tx)
    actions.receive_scan(tx, tubes[0].code)
    before = tubes[0].seq
    assert outcome(tx, tubes[0].code) is ScanOutcome.AGAIN
    assert tubes[0].seq == before


def test_a_scan_sent_twice_is_one_scan_with_one_answer(tx: Tx) -> None:
    _shipment, tubes = make_opened(tx)
    key = new_id()
    first = actions.receive_scan(tx, tubes[0].code, key)
    assert actions.receive_scan(tx, tubes[0].code, key) is first
    assert first.outcome is ScanOutcome.OK


def test_a_tube_received_with_another_shipment_before_is_an_alarm(tx: Tx) -> None:
    desk = make_desk(tx)
    _first, tubes = make_opened(tx, desk)
    actions.receive_scan(tx, tubes[0].code)
    second, _others = make_sent(tx, desk, "794612345678")
    actions.receive_scan(tx, second.code)
    assert outcome(tx, tubes[0].code) is ScanOutcome.ELSEWHERE


def test_a_tube_on_another_list_is_received_and_closed_there(tx: Tx) -> None:
    desk = make_desk(tx)
    listed, tubes = make_sent(tx, desk, "794612345678")
    make_opened(tx, desk)
    scan = actions.receive_scan(tx, tubes[0].code)
    assert (scan.outcome, scan.words["other"]) == (ScanOutcome.OTHER_SHIPMENT, listed.code)
    assert actions.progress_of(tx, listed).done == 1


def test_a_tube_that_nobody_sent_is_received_and_held(tx: Tx) -> None:
    desk = make_desk(tx)
    stray = make_finalised(tx, desk).tubes[0]
    make_opened(tx, desk)
    assert outcome(tx, stray.code) is ScanOutcome.EXTRA
    assert (stray.state, stray.custodian) == (TubeStatus.HELD, Custodian.BIOBANK)


def test_a_withdrawn_participants_tube_is_received_and_held(tx: Tx) -> None:
    _shipment, tubes = make_opened(tx)
    actions.hold_donor(tx, tubes[0].donor_id, "withdrawal")
    scan = actions.receive_scan(tx, tubes[0].code)
    assert (scan.outcome, tubes[0].state) == (ScanOutcome.HOLD, TubeStatus.HELD)
    assert "withdrawn" in text(scan)


@pytest.mark.parametrize(
    ("celsius", "expected"),
    [("1.9", ScanOutcome.HOLD), ("2.0", ScanOutcome.OK), ("8.0", ScanOutcome.OK), ("8.1", ScanOutcome.HOLD)],
)
def test_tubes_of_a_parcel_that_was_not_kept_cold_are_held(tx: Tx, celsius: str, expected: ScanOutcome) -> None:
    _shipment, tubes = make_opened(tx, celsius=celsius)
    assert outcome(tx, tubes[0].code) is expected


def test_a_missing_tube_that_turns_up_is_received_late(tx: Tx) -> None:
    shipment, tubes = make_opened(tx)
    for tube in tubes[1:]:
        actions.receive_scan(tx, tube.code)
    actions.close_receipt(tx, shipment.id, missing=1)
    assert outcome(tx, tubes[0].code) is ScanOutcome.LATE
    assert (tubes[0].state, shipment.state) == (TubeStatus.RECEIVED, ShipmentState.CLOSED)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (mint(Kind.TUBE), ScanOutcome.UNKNOWN),
        (mint(Kind.BOX), ScanOutcome.UNKNOWN),
        (mint(Kind.SHIPMENT), ScanOutcome.UNKNOWN),
        ("794600000000", ScanOutcome.UNKNOWN),
        (mint(Kind.PARTICIPANT), ScanOutcome.WRONG_KIND),
        (mint(Kind.PLACE), ScanOutcome.WRONG_KIND),
        (mint(Kind.COLLECTION), ScanOutcome.WRONG_KIND),
        (mint(Kind.TUBE)[:-1], ScanOutcome.BAD_READ),
        ("S12345", ScanOutcome.BAD_READ),
        ("??", ScanOutcome.BAD_READ),
        ("UNDO", ScanOutcome.NOT_YET),
    ],
)
def test_whatever_is_scanned_is_kept_as_it_was_read(tx: Tx, code: str, expected: ScanOutcome) -> None:
    scan = actions.receive_scan(tx, code)
    assert (scan.outcome, scan.raw) == (expected, code)


def test_a_tube_that_was_never_filled_is_set_apart(tx: Tx) -> None:
    order = make_order(tx)
    assert outcome(tx, order.tubes[0].code) is ScanOutcome.UNKNOWN


def test_a_box_says_what_is_still_expected_in_it(tx: Tx) -> None:
    shipment, tubes = make_opened(tx)
    actions.receive_scan(tx, tubes[0].code)
    scan = actions.receive_scan(tx, shipment.boxes[0].code)
    assert (scan.outcome, scan.words["left"]) == (ScanOutcome.OPENED, "8")


def test_the_undo_card_takes_the_last_receipt_back(tx: Tx) -> None:
    shipment, tubes = make_opened(tx)
    actions.receive_scan(tx, tubes[0].code)
    assert outcome(tx, "undo") is ScanOutcome.COMMAND
    assert (tubes[0].state, tubes[0].custodian) == (TubeStatus.IN_TRANSIT, Custodian.CARRIER)
    assert actions.progress_of(tx, shipment).done == 0


def test_undo_goes_back_one_receipt_at_a_time(tx: Tx) -> None:
    _shipment, tubes = make_opened(tx)
    for tube in tubes[:2]:
        actions.receive_scan(tx, tube.code)
    actions.receive_scan(tx, "UNDO")
    actions.receive_scan(tx, "UNDO")
    assert {tube.state for tube in tubes[:2]} == {TubeStatus.IN_TRANSIT}
    assert outcome(tx, "UNDO") is ScanOutcome.NOT_YET


def test_a_tube_taken_back_is_received_as_if_for_the_first_time(tx: Tx) -> None:
    _shipment, tubes = make_opened(tx)
    for code in (tubes[0].code, "UNDO"):
        actions.receive_scan(tx, code)
    assert outcome(tx, tubes[0].code) is ScanOutcome.OK


def test_closing_declares_what_was_not_scanned_missing(tx: Tx) -> None:
    shipment, tubes = make_opened(tx)
    actions.receive_scan(tx, tubes[0].code)
    actions.close_receipt(tx, shipment.id, missing=8)
    assert shipment.state is ShipmentState.CLOSED_WITH_DISCREPANCY
    assert {tube.state for tube in tubes[1:]} == {TubeStatus.MISSING}


def test_closing_asks_for_the_number_that_is_missing(tx: Tx) -> None:
    shipment, _tubes = make_opened(tx)
    with pytest.raises(Invalid, match="9 tubes of this shipment are not scanned"):
        actions.close_receipt(tx, shipment.id, missing=8)


def test_the_close_card_closes_a_complete_shipment(tx: Tx) -> None:
    shipment, tubes = make_opened(tx)
    for tube in tubes:
        actions.receive_scan(tx, tube.code)
    assert outcome(tx, "CLOSE") is ScanOutcome.COMMAND
    assert shipment.state is ShipmentState.CLOSED


def test_the_close_card_does_not_declare_tubes_missing(tx: Tx) -> None:
    shipment, _tubes = make_opened(tx)
    assert outcome(tx, "CLOSE") is ScanOutcome.NOT_YET
    assert shipment.state is ShipmentState.RECEIVING


def test_a_received_tube_is_put_on_its_shelf(tx: Tx) -> None:
    _shipment, tubes = make_opened(tx)
    actions.receive_scan(tx, tubes[0].code)
    place = make_store(tx).code
    assert actions.put_away(tx, tubes[0].id, place).state is TubeStatus.STORED
    assert tubes[0].place == place


def test_a_held_tube_is_never_put_to_stock(tx: Tx) -> None:
    _shipment, tubes = make_opened(tx, celsius="20.0")
    actions.receive_scan(tx, tubes[0].code)
    with pytest.raises(Conflict, match="on hold"):
        actions.put_away(tx, tubes[0].id, make_store(tx).code)


def test_a_held_tube_is_released_with_a_reason(tx: Tx) -> None:
    _shipment, tubes = make_opened(tx)
    for code in (tubes[0].code, "BENCH-WM"):
        actions.receive_scan(tx, code)
    assert actions.release(tx, tubes[0].id, "logger says it was cold").state is TubeStatus.RECEIVED


def test_a_withdrawn_participants_tube_is_never_released(tx: Tx) -> None:
    _shipment, tubes = make_opened(tx)
    actions.hold_donor(tx, tubes[0].donor_id, "withdrawal")
    actions.receive_scan(tx, tubes[0].code)
    with pytest.raises(Conflict, match="withdrawn"):
        actions.release(tx, tubes[0].id, "by mistake")


def test_a_tube_stored_meanwhile_is_still_known_as_scanned(tx: Tx) -> None:
    _shipment, tubes = make_opened(tx)
    actions.receive_scan(tx, tubes[0].code)
    actions.put_away(tx, tubes[0].id, make_store(tx).code)
    assert outcome(tx, tubes[0].code) is ScanOutcome.AGAIN
