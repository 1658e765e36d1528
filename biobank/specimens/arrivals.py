"""What a scan of a shipment, a box or a tube means at the bench, and the receipt that follows from it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, Phrase
from biobank.specimens import consequences, log, parcels
from biobank.specimens.bench import AT_THE_BENCH, OUTSTANDING, Answer, Progress, progress_of, receipt_of, say
from biobank.specimens.custody import Custodian, EventType, ShipmentEvent, ShipmentState, TubeStatus
from biobank.specimens.models import (
    CollectionOrder,
    Completeness,
    Container,
    CustodyEvent,
    ItemState,
    OrderState,
    ScanOutcome,
    Shipment,
    ShipmentItem,
    Tube,
)
from biobank.specimens.packing import held_tube
from biobank.specimens.shipping import lock_shipment, step
from biobank.specimens.temperature_csv import is_cold

ORDER_CANCELLED = "order-cancelled"
WITHDRAWN, TEMPERATURE = "withdrawn", consequences.TEMPERATURE
_IS_CANCELLED = CollectionOrder.state == OrderState.CANCELLED
_ON_LIST = Phrase("On the list of this shipment.")
_NEVER_FILLED = frozenset({TubeStatus.ORDERED, TubeStatus.LABEL_PRINTED})
_AT_SEA = frozenset({ShipmentState.HANDED_OVER, ShipmentState.IN_TRANSIT, ShipmentState.LOST})


@dataclass(frozen=True, slots=True)
class Listed:
    """A tube in the carrier's hands with the line that lists it, and whether that parcel was warm."""

    tube: Tube
    item: ShipmentItem
    shipment: Shipment
    is_cancelled: bool
    is_warm: bool


def open_shipment(tx: Tx, shipment_id: UUID, raw: str) -> Answer:
    """A shipment at the dock: the first scan is its arrival, for all its boxes at once."""
    shipment = lock_shipment(tx, shipment_id)
    if shipment.state not in (*AT_THE_BENCH, ShipmentState.CLOSED, ShipmentState.CLOSED_WITH_DISCREPANCY):
        step(tx, shipment, ShipmentEvent.ARRIVED, site_id=tx.actor.site_id or shipment.site_id, raw_scan=raw)
        shipment.arrived_at = clock.now()
        parcels.settle_arrival(tx, shipment.id)
    return replace(_welcome(shipment, progress_of(tx, shipment)), code=shipment.code, shipment_id=shipment.id)


def _welcome(shipment: Shipment, progress: Progress) -> Answer:
    if shipment.state is ShipmentState.ARRIVED:
        return say(ScanOutcome.OPENED, "Shipment %(shipment)s has arrived. Tubes on its list: %(total)s. Record its "
                   "temperature first.", shipment=shipment.code, total=str(progress.total))  # fmt: skip
    if shipment.state is ShipmentState.RECEIVING:
        return say(ScanOutcome.OPENED, "Shipment %(shipment)s is open. Tubes still to scan: %(left)s.",
                   shipment=shipment.code, left=str(progress.left))  # fmt: skip
    return say(ScanOutcome.OPENED, "Shipment %(shipment)s is closed. A missing tube that turns up is still received.",
               shipment=shipment.code)  # fmt: skip


def open_box(tx: Tx, box: Container, shipment_id: UUID) -> Answer:
    """A box out of a shipment: what is still expected in it."""
    shipment = lock_shipment(tx, shipment_id)
    if shipment.state not in AT_THE_BENCH:
        raise Conflict("Scan the tracking number of this box's shipment first.", code="shipment-first")
    left = progress_of(tx, shipment).expected_in(box)
    said = say(ScanOutcome.OPENED, "Box %(box)s. Tubes still to scan: %(left)s.", box=box.code, left=str(left))
    return replace(said, code=box.code, shipment_id=shipment.id)


def record_temperature(tx: Tx, shipment_id: UUID, *, celsius: Decimal | None, reason: str = "") -> Shipment:
    """The temperature inside as the parcel was opened, or why it is not known; asked once, before the first tube."""
    shipment = lock_shipment(tx, shipment_id)
    if celsius is None and not reason.strip():
        raise Invalid("Enter the temperature in the parcel, or say why it is not known.", code="temperature-missing")
    answer = {"celsius": None if celsius is None else format(celsius, "f"), "reason": reason.strip()[:200]}
    step(tx, shipment, ShipmentEvent.RECEIVING_BEGUN, site_id=tx.actor.site_id or shipment.site_id, detail=answer)
    shipment.temperature = answer
    tx.session.flush()
    if celsius is not None and not is_cold(celsius):
        consequences.was_warm(tx, shipment, {"celsius": answer["celsius"]})
    return shipment


def take_tube(tx: Tx, code: str, at_bench: Callable[[], Shipment | None]) -> Answer:
    """A tube: received, held, or what else its scan means. Its row is held before anything about it is read."""
    tube = held_tube(tx, code)
    if tube is None:
        said = say(ScanOutcome.UNKNOWN, "No tube has this code. Set it apart in a bag of its own and photograph it.")
        return consequences.nobody_knows(tx, said, code, at_bench())
    shipment = at_bench()
    answer = _of_tube(tx, tube, shipment)
    at = answer.shipment_id or (shipment.id if shipment else None)
    return replace(answer, code=code, tube_id=tube.id, shipment_id=at)


def ordinary(tx: Tx, codes: Collection[str], shipment: Shipment) -> dict[str, Listed]:
    """Those of these tubes that a parcel lists and that nothing stands against; their rows are held.

    Empty for a parcel that is not open for its tubes, or was warm.
    """
    if shipment.state is not ShipmentState.RECEIVING or consequences.warm_case(tx, shipment.id):
        return {}
    held = sa.select(Tube).where(Tube.code.in_(codes)).order_by(Tube.id).with_for_update()
    tubes = {tube.id: tube for tube in tx.session.scalars(held.execution_options(populate_existing=True))}
    query = (
        sa.select(ShipmentItem)
        .join(Tube, Tube.id == ShipmentItem.tube_id)
        .join(CollectionOrder, CollectionOrder.id == Tube.order_id)
        .where(ShipmentItem.shipment_id == shipment.id, ShipmentItem.tube_id.in_(tubes),
               ShipmentItem.state == ItemState.EXPECTED, ~_IS_CANCELLED, Tube.withdrawn.is_(False),
               Tube.state == TubeStatus.IN_TRANSIT)
    )  # fmt: skip
    items = tx.session.scalars(query.execution_options(populate_existing=True))
    found = [Listed(tubes[item.tube_id], item, shipment, is_cancelled=False, is_warm=False) for item in items]
    return {listed.tube.code: listed for listed in found}


def take_ordinary(tx: Tx, listed: Listed) -> Answer:
    """Receive a tube that is `ordinary`. Nothing is sent to the database yet."""
    listed.item.state = ItemState.RECEIVED
    event = _record(tx, listed.tube, EventType.RECEIVED, listed.shipment, None)
    return replace(_by(event, say(ScanOutcome.OK, _ON_LIST)), code=listed.tube.code, tube_id=listed.tube.id,
                   shipment_id=listed.shipment.id)  # fmt: skip


def _of_tube(tx: Tx, tube: Tube, at_bench: Shipment | None) -> Answer:
    if tube.state.is_over or tube.state in _NEVER_FILLED:
        said = say(ScanOutcome.UNKNOWN, "By its record this tube was never filled, or is gone. Set it apart and "
                   "photograph it.")  # fmt: skip
        return consequences.nobody_knows(tx, said, tube.code, at_bench)
    if tube.custodian is Custodian.BIOBANK:
        return _here_already(tx, tube, at_bench)
    if tube.custodian is Custodian.CARRIER:
        return _delivered(tx, tube, at_bench)
    event = _record(tx, tube, EventType.RECEIVED_UNANNOUNCED, None, "sent-without-list")
    tx.session.flush()
    consequences.not_listed(tx, tube, event, at_bench)
    return _by(event, say(ScanOutcome.EXTRA, "No shipment lists this tube. It is received and held: set it apart."))


def _here_already(tx: Tx, tube: Tube, at_bench: Shipment | None) -> Answer:
    before = receipt_of(tx, tube.id)
    who = before.actor_name if before else ""
    if before is not None and at_bench is not None and before.shipment_id == at_bench.id:
        return say(ScanOutcome.AGAIN, "Scanned already in this receipt, by %(who)s.", who=who)
    consequences.two_alike(tx, tube, at_bench)
    return say(ScanOutcome.ELSEWHERE, "Stop: this tube was received before, by %(who)s. Are there two with one label? "
               "Set it apart.", who=who)  # fmt: skip


def _delivered(tx: Tx, tube: Tube, at_bench: Shipment | None) -> Answer:
    listed = _listed(tx, tube)
    if listed.shipment.state in (ShipmentState.CLOSED, ShipmentState.CLOSED_WITH_DISCREPANCY):
        return _late(tx, listed)
    if at_bench is not None and at_bench.id != listed.shipment.id:
        return _with_another(tx, listed, at_bench)
    _require_ready(listed.shipment)
    event = _take_in(tx, listed, listed.shipment, ItemState.RECEIVED)
    return _by(event, _held(event) or say(ScanOutcome.OK, _ON_LIST))


def _require_ready(shipment: Shipment) -> None:
    if shipment.state in _AT_SEA:
        raise Conflict("Scan the tracking number of this tube's shipment first: it has not arrived yet.",
                       code="shipment-first")  # fmt: skip
    if shipment.state is ShipmentState.ARRIVED:
        raise Conflict("Record the temperature of the shipment first, then scan this tube again.",
                       code="temperature-first")  # fmt: skip


def _with_another(tx: Tx, listed: Listed, at_bench: Shipment) -> Answer:
    _require_ready(at_bench)
    event = _take_in(tx, listed, at_bench, ItemState.ELSEWHERE)
    said = say(ScanOutcome.OTHER_SHIPMENT, "This tube is on the list of shipment %(other)s. It is received here; put "
               "it with the others.", other=listed.shipment.code)  # fmt: skip
    return replace(_by(event, _held(event) or said), shipment_id=at_bench.id)


def _late(tx: Tx, listed: Listed) -> Answer:
    event = _take_in(tx, listed, listed.shipment, ItemState.LATE_RECEIVED)
    tx.session.flush()
    consequences.found_after_all(tx, listed.tube)
    if progress_of(tx, listed.shipment).left == 0:
        locked = lock_shipment(tx, listed.shipment.id)
        if locked.state is ShipmentState.CLOSED_WITH_DISCREPANCY:
            step(tx, locked, ShipmentEvent.DISCREPANCY_RESOLVED, site_id=tx.actor.site_id or locked.site_id)
    said = say(ScanOutcome.LATE, "Found after all: this tube was missing from shipment %(shipment)s. It is received "
               "late.", shipment=listed.shipment.code)  # fmt: skip
    return _by(event, _held(event) or said)


def _take_in(tx: Tx, listed: Listed, parcel: Shipment, state: ItemState) -> CustodyEvent:
    """Receive a listed tube, or receive and hold it where its record or the parcel's temperature asks for that."""
    reason = _reason_to_hold(tx, listed, parcel)
    is_warm = reason is not None and not listed.tube.withdrawn
    event = _record(tx, listed.tube, EventType.HELD if is_warm else EventType.RECEIVED, parcel, reason)
    listed.item.state = ItemState.HELD if reason and state is ItemState.RECEIVED else state
    # The scan that is kept next points at this event.
    tx.session.flush()
    return event


def _reason_to_hold(tx: Tx, listed: Listed, parcel: Shipment) -> str | None:
    if listed.tube.withdrawn:
        return WITHDRAWN
    if listed.is_cancelled:
        return ORDER_CANCELLED
    is_its_own = parcel.id == listed.shipment.id
    is_warm = listed.is_warm if is_its_own else consequences.warm_case(tx, parcel.id) is not None
    return TEMPERATURE if is_warm else None


def _record(tx: Tx, tube: Tube, type: EventType, parcel: Shipment | None, reason: str | None) -> CustodyEvent:  # noqa: A002
    detail = {"shipment": parcel.code if parcel else None}
    return log.record(tx, tube, type, reason=reason, detail=detail, raw_scan=tube.code,
                      completeness=Completeness.VERIFIED)  # fmt: skip


def _held(event: CustodyEvent) -> Answer | None:
    if event.reason == WITHDRAWN:
        return say(ScanOutcome.HOLD, "Hold: the participant has withdrawn. Put it in the quarantine rack.")
    if event.reason == ORDER_CANCELLED:
        return say(ScanOutcome.HOLD, "Hold: its collection was cancelled. Put it in the quarantine rack.")
    if event.reason == TEMPERATURE:
        return say(ScanOutcome.HOLD, "Hold: the parcel was not kept between 2 and 8 degrees. Put it in the quarantine "
                   "rack.")  # fmt: skip
    return None


def _by(event: CustodyEvent, said: Answer) -> Answer:
    return replace(said, event_id=event.id)


def _listed(tx: Tx, tube: Tube) -> Listed:
    """All that a receipt has to know, asked for at once: a technician waits for it a thousand times a day."""
    found = tx.session.execute(_LISTED, {"tube_id": tube.id, "order_id": tube.order_id}).one_or_none()
    if found is None:
        raise Conflict("The carrier has this tube, but no list names it. Set it apart and call its sender.")
    return Listed(tube, found[0], found[1], is_cancelled=found[2], is_warm=found[3])


_LISTED = (
    sa.select(
        ShipmentItem,
        Shipment,
        sa.exists(sa.select(1).where(CollectionOrder.id == sa.bindparam("order_id"), _IS_CANCELLED)),
        sa.exists(consequences.warm_cases(ShipmentItem.shipment_id)),
    )
    .join(Shipment, ShipmentItem.shipment_id == Shipment.id)
    .where(ShipmentItem.tube_id == sa.bindparam("tube_id"), ShipmentItem.state.in_(OUTSTANDING))
    .order_by(Shipment.id.desc())
    .limit(1)
    .execution_options(populate_existing=True)
)
