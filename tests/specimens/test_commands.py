"""The command cards: what each does to the open shipment and to the tube scanned last."""

import pytest

from biobank.actor import Actor, Role
from biobank.columns import new_id
from biobank.db import Tx
from biobank.specimens import actions, cases
from biobank.specimens.case_lists import rows
from biobank.specimens.case_models import CaseType
from biobank.specimens.case_words import said
from biobank.specimens.commands import command_of
from biobank.specimens.conditions import CONDITIONS, Scope, Severity
from biobank.specimens.custody import ShipmentState, TubeStatus
from biobank.specimens.models import ScanOutcome, SubjectKind
from tests.specimens.factories import make_opened


@pytest.fixture
def clerk() -> Actor:
    """Somebody at the bench."""
    return Actor(kind="staff", name="Ben Bench", id=new_id(), roles=frozenset({Role.BIOBANK}))


def scan(tx: Tx, *codes: str) -> ScanOutcome:
    return [actions.receive_scan(tx, code).outcome for code in codes][-1]


@pytest.mark.parametrize("text", ["UNDO", "undo", "*BENCH-UNDO*", " bench-undo\r", "HM", "BENCH-hm"])
def test_a_command_is_known_however_it_is_sent(text: str) -> None:
    assert command_of(text) is not None


@pytest.mark.parametrize("text", ["", "BENCH-", "ZZ", "S123456789012", "UNDONE"])
def test_what_is_no_command_is_none(text: str) -> None:
    assert command_of(text) is None


def test_every_condition_says_what_to_do_and_what_its_sender_reads() -> None:
    assert all(len(code) == 2 and item.name and item.action for code, item in CONDITIONS.items())
    assert [code for code, item in CONDITIONS.items() if not item.notice and item.severity is not Severity.ACCEPT] == []
    assert {item.scope for item in CONDITIONS.values()} == set(Scope)


@pytest.mark.parametrize(
    ("card", "outcome", "state"),
    [
        ("BENCH-HM", ScanOutcome.COMMAND, TubeStatus.RECEIVED),
        ("BENCH-WM", ScanOutcome.HOLD, TubeStatus.HELD),
        ("BENCH-BR", ScanOutcome.HOLD, TubeStatus.REJECTED),
    ],
)
def test_a_condition_goes_to_the_last_tube_and_opens_a_case_for_its_sender(
    tx: Tx, card: str, outcome: ScanOutcome, state: TubeStatus
) -> None:
    shipment, tubes = make_opened(tx)
    assert scan(tx, tubes[0].code, card) is outcome
    assert tubes[0].state is state
    (row,) = rows(tx)
    assert (row.case.type, row.case.condition, row.case.site_id) == (CaseType.CONDITION, card[-2:], shipment.site_id)
    assert said(row.case).notice == CONDITIONS[card[-2:]].notice


def test_a_condition_of_the_parcel_goes_to_the_open_shipment(tx: Tx) -> None:
    shipment, _tubes = make_opened(tx)
    assert scan(tx, "PC") is ScanOutcome.COMMAND
    assert actions.story(tx, SubjectKind.SHIPMENT, shipment.id)[-1].detail["condition"] == "PC"
    assert [row.case.tube_id for row in rows(tx)] == [None]


def test_a_parcel_in_good_order_is_no_case(tx: Tx) -> None:
    make_opened(tx)
    scan(tx, "PG")
    assert rows(tx) == []


def test_a_condition_before_any_tube_says_to_scan_one(tx: Tx) -> None:
    make_opened(tx)
    assert scan(tx, "BENCH-HM") is ScanOutcome.NOT_YET


def test_undo_takes_a_condition_back_before_the_receipt_and_closes_its_case(tx: Tx) -> None:
    _shipment, tubes = make_opened(tx)
    scan(tx, tubes[0].code, "BENCH-WM", "BENCH-UNDO")
    assert (tubes[0].state, rows(tx)) == (TubeStatus.RECEIVED, [])
    scan(tx, "BENCH-UNDO")
    assert tubes[0].state is TubeStatus.IN_TRANSIT


def test_the_next_box_is_named_with_what_is_left_in_it(tx: Tx) -> None:
    shipment, tubes = make_opened(tx)
    scan(tx, tubes[0].code)
    said_ = actions.receive_scan(tx, "NEXT")
    assert (said_.code, said_.words["left"]) == (shipment.boxes[0].code, "8")


def test_the_missing_card_asks_first_and_declares_at_the_second_scan(tx: Tx) -> None:
    shipment, tubes = make_opened(tx)
    scan(tx, tubes[0].code, "MISSING")
    assert shipment.state is ShipmentState.RECEIVING
    scan(tx, "MISSING")
    assert (shipment.state, tubes[1].state) == (ShipmentState.CLOSED_WITH_DISCREPANCY, TubeStatus.MISSING)


def test_a_scan_between_the_two_asks_anew(tx: Tx) -> None:
    shipment, tubes = make_opened(tx)
    scan(tx, "MISSING", tubes[0].code, "MISSING")
    assert shipment.state is ShipmentState.RECEIVING


def test_closing_with_tubes_missing_opens_a_reported_case_for_each(tx: Tx) -> None:
    _shipment, tubes = make_opened(tx)
    scan(tx, *[tube.code for tube in tubes[2:]], "MISSING", "MISSING")
    found = rows(tx)
    assert {row.case.tube_id for row in found} == {tube.id for tube in tubes[:2]}
    assert all(row.case.reported_at for row in found)


def test_a_late_tube_closes_its_case_and_undo_opens_it_again(tx: Tx) -> None:
    shipment, tubes = make_opened(tx)
    scan(tx, *[tube.code for tube in tubes[2:]], "MISSING", "MISSING")
    scan(tx, shipment.code, tubes[0].code)
    assert [row.tube for row in rows(tx)] == [tubes[1].code]
    cases_of_it = [row.case for row in rows(tx)]
    assert cases.history(tx, cases_of_it[0].id)[0].step == "opened"
