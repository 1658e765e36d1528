"""Closing a receipt: what was not scanned is declared missing, in so many words."""

from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Invalid
from biobank.specimens import cases, consequences, log
from biobank.specimens.custody import EventType, ShipmentEvent
from biobank.specimens.models import ItemState, Shipment, ShipmentItem, Tube
from biobank.specimens.shipping import lock_shipment, step


def close_receipt(tx: Tx, shipment_id: UUID, *, missing: int) -> Shipment:
    """Close a shipment. `missing` is how many tubes the person declares missing; it must be what is outstanding.

    Raises Invalid, naming the number, when it is not: somebody may have scanned meanwhile.
    """
    shipment = lock_shipment(tx, shipment_id)
    lines = _outstanding(tx, shipment)
    if len(lines) != missing:
        raise Invalid("%(left)s tubes of this shipment are not scanned. Scan them, or declare that number missing.",
                      code="missing-differs", left=len(lines), details={"left": len(lines)})  # fmt: skip
    site_id = tx.actor.site_id or shipment.site_id
    for item, tube in lines:
        gone = log.record(tx, tube, EventType.DECLARED_MISSING, reason="not-in-parcel",
                          detail={"shipment": shipment.code})  # fmt: skip
        item.state = ItemState.MISSING
        tx.session.flush()
        consequences.declared_missing(tx, tube, gone, shipment)
    event = ShipmentEvent.CLOSED_WITH_DISCREPANCY if lines else ShipmentEvent.CLOSED
    step(tx, shipment, event, site_id=site_id, detail={"missing": len(lines)})
    shipment.closed_at = clock.now()
    tx.session.flush()
    cases.report_parcel(tx, shipment.id)
    return shipment


def _outstanding(tx: Tx, shipment: Shipment) -> list[tuple[ShipmentItem, Tube]]:
    """The lines nobody has scanned, with their tubes held, so that a scan in flight is either counted or waits."""
    expected = sa.select(ShipmentItem.tube_id).filter_by(shipment_id=shipment.id, state=ItemState.EXPECTED)
    locked = sa.select(Tube).where(Tube.id.in_(expected)).order_by(Tube.id).with_for_update()
    tubes = {tube.id: tube for tube in tx.session.scalars(locked.execution_options(populate_existing=True))}
    query = sa.select(ShipmentItem).filter_by(shipment_id=shipment.id, state=ItemState.EXPECTED)
    items = tx.session.scalars(query.execution_options(populate_existing=True))
    return [(item, tubes[item.tube_id]) for item in items]
