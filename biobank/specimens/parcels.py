"""Parcels on their way: those that nobody has seen by their day, those declared lost."""

from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Invalid
from biobank.specimens import cases
from biobank.specimens.case_models import Case, CaseState, CaseType, Resolution
from biobank.specimens.cases import About
from biobank.specimens.custody import ShipmentEvent, ShipmentState
from biobank.specimens.models import Shipment
from biobank.specimens.shipping import lock_shipment, step

_ON_THE_WAY = (ShipmentState.HANDED_OVER, ShipmentState.IN_TRANSIT)


def open_overdue(tx: Tx) -> int:
    """Open a case for each parcel that has not arrived by its day. Answers how many are new."""
    has_case = sa.exists().where(Case.shipment_id == Shipment.id, Case.type == CaseType.NOTHING_ARRIVED)
    query = sa.select(Shipment).where(
        Shipment.state.in_(_ON_THE_WAY), Shipment.expected_by < clock.now(), ~has_case
    )  # fmt: skip
    late = tx.session.scalars(query.order_by(Shipment.id).with_for_update(of=Shipment)).unique().all()
    for shipment in late:
        case = cases.open_case(tx, CaseType.NOTHING_ARRIVED, About(shipment.site_id, shipment.id))
        cases.report(tx, case.id)
    return len(late)


def settle_arrival(tx: Tx, shipment_id: UUID) -> None:
    """A parcel has come after all."""
    query = sa.select(Case).filter_by(shipment_id=shipment_id, type=CaseType.NOTHING_ARRIVED, state=CaseState.OPEN)
    for case in tx.session.scalars(query.with_for_update()).all():
        cases.close(tx, case.id, Resolution.FOUND)


def declare_lost(tx: Tx, shipment_id: UUID, reason: str) -> Shipment:
    """The courier has lost it. It may still arrive: its tracking number opens it as before."""
    if not reason.strip():
        raise Invalid("Say what the courier told you.", code="reason-missing")
    shipment = lock_shipment(tx, shipment_id)
    step(tx, shipment, ShipmentEvent.DECLARED_LOST, site_id=tx.actor.site_id or shipment.site_id,
         detail={"reason": reason.strip()[:200]})  # fmt: skip
    case = cases.open_case(tx, CaseType.NOTHING_ARRIVED, About(shipment.site_id, shipment.id))
    cases.note(tx, case.id, reason)
    tx.session.flush()
    return shipment


def carrier_scanned(tx: Tx, shipment_id: UUID, where: str = "") -> Shipment:
    """The courier's own site shows a scan on the way; `where` is the place that it names."""
    shipment = lock_shipment(tx, shipment_id)
    step(tx, shipment, ShipmentEvent.CARRIER_SCANNED, site_id=tx.actor.site_id or shipment.site_id,
         detail={"where": where.strip()[:120]})  # fmt: skip
    tx.session.flush()
    return shipment
