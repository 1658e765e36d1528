"""Bags, the checklist, the list on paper, and parcels that do not come."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pypdfium2 as pdfium
import pytest
from PIL import Image

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Invalid
from biobank.specimens import actions, bags, p650
from biobank.specimens.case_models import Case, CaseState, CaseType
from biobank.specimens.custody import ShipmentState
from biobank.specimens.manifest_paper import Head, pdf
from biobank.specimens.models import ContainerKind, ContainerState, ScanOutcome
from tests.specimens.factories import TRACKING, Desk, make_desk, make_finalised, make_sent


def make_bag(tx: Tx, desk: Desk) -> tuple[object, list[object]]:
    order = make_finalised(tx, desk)
    bag = actions.open_box(tx, desk.site.id, ContainerKind.BAG)
    return bag, [actions.pack(tx, bag.id, tube.code).tube for tube in order.tubes]


def test_a_bag_travels_in_a_box_and_its_tubes_are_received_one_by_one(tx: Tx) -> None:
    desk = make_desk(tx)
    bag, tubes = make_bag(tx, desk)
    box = actions.open_box(tx, desk.site.id)
    assert actions.pack(tx, box.id, bag.code).is_in
    shipment = actions.ship(tx, desk.site.id, [box.id])
    assert bag.state is ContainerState.CLOSED
    actions.hand_over(tx, shipment.id, tracking=TRACKING, is_packed_by_p650=True)
    assert (shipment.manifest or "").count(bag.code) == len(tubes)
    actions.receive_scan(tx, shipment.code)
    actions.record_temperature(tx, shipment.id, celsius=None, reason="no thermometer")
    for code in (box.code, bag.code):
        scan = actions.receive_scan(tx, code)
        assert (scan.outcome, scan.words["left"]) == (ScanOutcome.OPENED, str(len(tubes)))
    assert actions.receive_scan(tx, tubes[0].code).outcome is ScanOutcome.OK


def test_a_bag_scanned_again_is_out_of_the_box(tx: Tx) -> None:
    desk = make_desk(tx)
    bag, _tubes = make_bag(tx, desk)
    box = actions.open_box(tx, desk.site.id)
    assert [actions.pack(tx, box.id, bag.code).is_in for _ in range(2)] == [True, False]
    assert bags.bags_in(tx, box.id) == []


def test_what_cannot_go_into_a_box_says_why(tx: Tx) -> None:
    desk = make_desk(tx)
    bag, _tubes = make_bag(tx, desk)
    box, other = (actions.open_box(tx, desk.site.id) for _ in range(2))
    empty = actions.open_box(tx, desk.site.id, ContainerKind.BAG)
    actions.pack(tx, box.id, bag.code)
    for into, code, words in (
        (box, other.code, "box does not go"), (bag, empty.code, "bag does not go"), (box, empty.code, "empty"),
        (other, bag.code, "Take it out there"),
    ):  # fmt: skip
        with pytest.raises(Conflict, match=words):
            actions.pack(tx, into.id, code)


def test_every_line_of_the_checklist_is_asked_for_and_kept() -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    with pytest.raises(Invalid) as refusal:
        p650.checked([item for item in p650.ITEMS if item != "mark"], by="Carla", at=at)
    assert refusal.value.details == {"missing": ["mark"]}
    assert p650.checked(p650.ITEMS, by="Carla", at=at)["items"] == list(p650.ITEMS)


@pytest.mark.parametrize(
    ("carrier", "left", "expected"),
    [("FedEx", "2026-11-19T20:00", "2026-11-20T20:00"), ("FedEx", "2026-11-20T20:00", "2026-11-23T20:00"),
     ("USPS", "2026-11-20T20:00", "2026-11-25T20:00"), (None, "2026-11-16T20:00", "2026-11-19T20:00")],
)  # fmt: skip
def test_a_parcel_is_expected_by_its_couriers_working_days(carrier: str | None, left: str, expected: str) -> None:
    left_at = datetime.fromisoformat(left).replace(tzinfo=UTC)
    assert p650.expected_by(carrier, left_at) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_nothing_arrived_opens_one_case_which_the_arrival_closes(tx: Tx) -> None:
    shipment, _tubes = make_sent(tx)
    assert actions.open_overdue(tx) == 0
    with clock.at(clock.now() + timedelta(days=5)):
        assert [actions.open_overdue(tx) for _ in range(2)] == [1, 0]
        case = tx.session.query(Case).filter_by(shipment_id=shipment.id).one()
        assert (case.type, case.state, case.reported_at is None) == (CaseType.NOTHING_ARRIVED, CaseState.OPEN, False)
        actions.receive_scan(tx, TRACKING)
        assert case.state is CaseState.CLOSED


def test_a_lost_parcel_that_comes_after_all_is_received(tx: Tx) -> None:
    shipment, _tubes = make_sent(tx)
    assert actions.declare_lost(tx, shipment.id, "the courier cannot find it").state is ShipmentState.LOST
    assert actions.receive_scan(tx, TRACKING).outcome is ScanOutcome.OPENED
    assert shipment.state is ShipmentState.ARRIVED


def test_the_list_on_paper_holds_every_tube_and_the_same_list_gives_the_same_bytes() -> None:
    rows = "\n".join(f"H1,X1,S{number:012},1ED04,B1,C1,2026-11-20T12:00,".replace(" ", "") for number in range(90))
    manifest = f"shipment,box,tube,sample,donor,collection,collected_at,processed_at\n{rows}\n"
    head = Head("H123456789012", "CHI Lakeside", TRACKING, "2026-11-20 12:00 CST", "ab" * 32)
    paper = pdf(manifest, head)
    assert paper == pdf(manifest, head)
    document = pdfium.PdfDocument(BytesIO(paper))
    text = "".join(page.get_textpage().get_text_bounded() for page in document)
    assert all(f"S{number:012}" in text for number in range(90))
    assert ("ab" * 32 in text, len(document)) == (True, 3)
    assert isinstance(document[0].render(scale=1).to_pil(), Image.Image)
