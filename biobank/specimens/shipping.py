"""Shipments: boxes that leave together, handed to the carrier with a frozen list."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound, Phrase
from biobank.specimens import bags, codes, couriers, log, manifest, p650
from biobank.specimens.couriers import Tracking
from biobank.specimens.custody import EventType, ShipmentEvent, ShipmentState, advance_shipment, custodian_of
from biobank.specimens.models import (
    CollectionOrder,
    Container,
    ContainerKind,
    ContainerState,
    Donor,
    Shipment,
    ShipmentItem,
    SubjectKind,
    Tube,
)
from biobank.specimens.packing import lock_box
from biobank.specimens.sites import require_here
from labels import Kind

_NOT_HERE = Phrase("There is no such shipment at your site.")
_OVER = (ShipmentState.CLOSED, ShipmentState.CLOSED_WITH_DISCREPANCY, ShipmentState.VOID, ShipmentState.LOST)


def ship(tx: Tx, site_id: UUID, box_ids: Collection[UUID]) -> Shipment:
    """Close these boxes and put them into one new shipment. Raises Conflict for an empty or closed box."""
    if not box_ids:
        raise Invalid("Choose at least one box to send.", code="no-box")
    boxes = [lock_box(tx, box_id) for box_id in sorted(set(box_ids))]
    for box in boxes:
        _require_sendable(tx, box, site_id)
    shipment = Shipment(code=codes.draw(tx, Kind.SHIPMENT, Shipment.code), site_id=site_id, state=ShipmentState.DRAFT,
                        created_at=clock.now(), version=1)  # fmt: skip
    tx.session.add(shipment)
    tx.session.flush()
    for box in boxes:
        box.state, box.shipment_id, box.version = ContainerState.CLOSED, shipment.id, box.version + 1
        bags.close(tx, box, is_closed=True)
        log.record_about(tx, SubjectKind.BOX, box.id, "closed", site_id=site_id, detail={"shipment": shipment.code})
    step(tx, shipment, ShipmentEvent.PACKED, site_id=site_id)
    tx.session.refresh(shipment, ["boxes"])
    return shipment


def void_shipment(tx: Tx, shipment_id: UUID, reason: str) -> Shipment:
    """Give a shipment up before it leaves; its boxes are open again."""
    shipment = lock_shipment(tx, shipment_id)
    step(tx, shipment, ShipmentEvent.VOIDED, site_id=shipment.site_id, detail={"reason": reason[:200]})
    for box in list(shipment.boxes):
        box.state, box.shipment_id, box.version = ContainerState.OPEN, None, box.version + 1
        bags.close(tx, box, is_closed=False)
        log.record_about(tx, SubjectKind.BOX, box.id, "opened", site_id=box.site_id, detail={"after": shipment.code})
    tx.session.flush()
    return shipment


def hand_over(
    tx: Tx, shipment_id: UUID, *, tracking: str, again: str | None = None, is_packed_by_p650: bool,
    checklist: Collection[str] | None = None,
) -> Shipment:  # fmt: skip
    """Give a shipment to the carrier: its list is frozen, every tube is in the carrier's hands from this moment.

    `again` is the second entry of a typed number and must agree. `checklist` is what was ticked of P650, line by line;
    whoever confirms it as a whole (`is_packed_by_p650`) confirms every line. Raises Invalid, or Conflict for a
    tracking number that another live shipment has, and for a tube that may not travel.
    """
    shipment = lock_shipment(tx, shipment_id)
    found = _tracking(tx, shipment, tracking, again)
    if not is_packed_by_p650:
        raise Invalid("Confirm first that the parcel is packed by P650: three layers, absorbent, list inside, "
                      "UN3373 diamond outside.", code="p650-missing")  # fmt: skip
    step(tx, shipment, ShipmentEvent.HANDED_OVER, site_id=shipment.site_id, raw_scan=tracking,
         detail={"tracking": found.number})  # fmt: skip
    shipment.tracking, shipment.tracking_scan = found.number, tracking[:80]
    shipment.p650_by, shipment.handed_over_at = tx.actor.name, clock.now()
    shipment.p650 = p650.checked(p650.ITEMS if checklist is None else checklist, by=tx.actor.name,
                                 at=shipment.handed_over_at)  # fmt: skip
    shipment.carrier = found.carrier
    shipment.expected_by = p650.expected_by(found.carrier, shipment.handed_over_at)
    rows = _contents(tx, shipment)
    shipment.manifest = manifest.write(_line(shipment, *row) for row in rows)
    shipment.manifest_sha256 = manifest.digest(shipment.manifest)
    for tube, box, _order, _donor in rows:
        log.record(tx, tube, EventType.HANDED_OVER, container_id=box.id,
                   detail={"shipment": shipment.code, "manifest": shipment.manifest_sha256})  # fmt: skip
        tx.session.add(ShipmentItem(shipment_id=shipment.id, tube_id=tube.id, container_id=box.id))
    tx.session.flush()
    return shipment


def find_shipment(tx: Tx, shipment_id: UUID) -> Shipment:
    """The shipment, for reading."""
    shipment = tx.session.get(Shipment, shipment_id)
    if shipment is None:
        raise NotFound(_NOT_HERE)
    require_here(tx, shipment.site_id, _NOT_HERE)
    return shipment


def lock_shipment(tx: Tx, shipment_id: UUID) -> Shipment:
    """The shipment, held until the transaction ends."""
    query = sa.select(Shipment).filter_by(id=shipment_id).with_for_update().execution_options(populate_existing=True)
    shipment = tx.session.scalar(query)
    if shipment is None:
        raise NotFound(_NOT_HERE)
    require_here(tx, shipment.site_id, _NOT_HERE)
    return shipment


def by_tracking(tx: Tx, number: str) -> Shipment | None:
    """The newest shipment of a tracking number in its compared form; a live one before one that is done with."""
    query = sa.select(Shipment).filter_by(tracking=number)
    return tx.session.scalar(query.order_by(Shipment.state.in_(_OVER), Shipment.id.desc()).limit(1))


def recent(tx: Tx, site_id: UUID | None, limit: int = 20) -> list[Shipment]:
    """The newest shipments of a site, or of all."""
    query = sa.select(Shipment).order_by(Shipment.id.desc()).limit(limit)
    return list(tx.session.scalars(query.filter_by(site_id=site_id) if site_id else query))


def step(
    tx: Tx,
    shipment: Shipment,
    event: ShipmentEvent,
    *,
    site_id: UUID,
    detail: dict[str, Any] | None = None,
    raw_scan: str | None = None,
) -> None:
    """Take a shipment one step on and record it. Raises NotAllowed when the law does not let it."""
    before, after = shipment.state, advance_shipment(shipment.state, event)
    log.record_about(tx, SubjectKind.SHIPMENT, shipment.id, str(event), site_id=site_id, set_code=event.set_code,
                     custodians=(custodian_of(before), custodian_of(after)), detail=detail,
                     raw_scan=raw_scan)  # fmt: skip
    shipment.state, shipment.version = after, shipment.version + 1


def _require_sendable(tx: Tx, box: Container, site_id: UUID) -> None:
    if box.state is not ContainerState.OPEN:
        raise Conflict("Box %(box)s is in a shipment already.", code="box-closed", box=box.code)
    if box.site_id != site_id:
        raise Conflict("Box %(box)s belongs to another site.", code="other-site", box=box.code)
    if box.kind is ContainerKind.BAG:
        raise Conflict("%(box)s is a bag. Scan it into a box first.", code="bag-alone", box=box.code)
    within = sa.select(Container.id).where(sa.or_(Container.id == box.id, Container.parent_id == box.id))
    if tx.session.scalar(sa.select(Tube.id).where(Tube.container_id.in_(within)).limit(1)) is None:
        raise Conflict("Box %(box)s is empty. Scan tubes into it first.", code="box-empty", box=box.code)


def _tracking(tx: Tx, shipment: Shipment, tracking: str, again: str | None) -> Tracking:
    found = couriers.read(tracking)
    if again is not None and couriers.read(again) != found:
        raise Invalid("The two tracking numbers differ. Scan or type both again.", code="tracking-differs")
    taken = sa.select(Shipment.code).where(
        Shipment.tracking == found.number, Shipment.state.not_in(_OVER), Shipment.id != shipment.id
    )
    other = tx.session.scalar(taken)
    if other:
        raise Conflict("Shipment %(other)s is on its way under this tracking number. Scan this parcel's own number.",
                       code="tracking-taken", other=other)  # fmt: skip
    return found


def _contents(tx: Tx, shipment: Shipment) -> Sequence[sa.Row[Tube, Container, CollectionOrder, Donor]]:
    query = (
        sa.select(Tube, Container, CollectionOrder, Donor)
        .join(Container, Tube.container_id == Container.id)
        .join(CollectionOrder, Tube.order_id == CollectionOrder.id)
        .join(Donor, Tube.donor_id == Donor.id)
        .where(Container.id.in_(bags.inside(shipment.id)))
    )
    return tx.session.execute(query.order_by(Tube.id).with_for_update(of=Tube)).all()


def _line(shipment: Shipment, tube: Tube, box: Container, order: CollectionOrder, donor: Donor) -> manifest.Line:
    times = [at.isoformat() if at else "" for at in (tube.collected_at, tube.processed_at)]
    return manifest.Line(shipment.code, box.code, tube.code, tube.kind, donor.code, order.code, *times)
