"""What follows from a scan at the bench beside the receipt: the case that is opened, the thing that is recorded."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx
from biobank.specimens import cases, log
from biobank.specimens.bench import Answer
from biobank.specimens.case_models import Case, CaseState, CaseType, Resolution
from biobank.specimens.cases import About
from biobank.specimens.evidence_models import FoundObject
from biobank.specimens.models import CustodyEvent, Shipment, SubjectKind, Tube

# Why a tube of a parcel that was not kept cold is held, until two people decide.
TEMPERATURE = "temperature"


def nobody_knows(tx: Tx, said: Answer, label: str, shipment: Shipment | None) -> Answer:
    """Something without a known code is a record too: the thing, its first event, its case. Scanned again it is one."""
    shipment_id = shipment.id if shipment else None
    found = _found_before(tx, label, shipment_id)
    if found is None:
        found = FoundObject(id=new_id(), found_at=clock.now(), actor_name=tx.actor.name, site_id=tx.actor.site_id,
                            shipment_id=shipment_id, label=label[:200])  # fmt: skip
        tx.session.add(found)
        tx.session.flush()
        log.record_about(tx, SubjectKind.OBJECT, found.id, "found", site_id=tx.actor.site_id, raw_scan=label)
        sender = shipment.site_id if shipment else None
        cases.open_case(tx, CaseType.UNIDENTIFIED, About(sender, shipment_id, object_id=found.id), {"label": label})
    return replace(said, code=label[:80], shipment_id=shipment_id, object_id=found.id)


def not_listed(tx: Tx, tube: Tube, event: CustodyEvent, shipment: Shipment | None) -> None:
    """A known tube that nobody sent."""
    about = About(tube.order.site_id, shipment.id if shipment else None, tube.id, event_id=event.id)
    cases.open_case(tx, CaseType.EXTRA, about)


def two_alike(tx: Tx, tube: Tube, shipment: Shipment | None) -> None:
    """A tube that was received before in another receipt: are there two with one label?"""
    about = About(tube.order.site_id, shipment.id if shipment else None, tube.id)
    cases.open_case(tx, CaseType.TWO_ALIKE, about)


def declared_missing(tx: Tx, tube: Tube, event: CustodyEvent, shipment: Shipment) -> None:
    """A listed tube that was not in the parcel."""
    cases.open_case(tx, CaseType.MISSING, About(shipment.site_id, shipment.id, tube.id, event_id=event.id))


def found_after_all(tx: Tx, tube: Tube) -> None:
    """A missing tube has come."""
    cases.settle_tube(tx, tube.id, CaseType.MISSING, Resolution.FOUND)


def was_warm(tx: Tx, shipment: Shipment, detail: Mapping[str, Any]) -> Case:
    """The parcel was not kept cold: every tube of it is held from now on. The caller holds the shipment's row."""
    return cases.open_case(tx, CaseType.TEMPERATURE, About(shipment.site_id, shipment.id), detail)


def warm_case(tx: Tx, shipment_id: UUID) -> Case | None:
    """The open case of a parcel that was not kept cold."""
    return tx.session.scalar(warm_cases(shipment_id))


def warm_cases(shipment_id: UUID | sa.orm.InstrumentedAttribute[UUID]) -> sa.Select[Case]:
    """The query of it, also of the parcel that a row of another query names."""
    return sa.select(Case).where(Case.type == CaseType.TEMPERATURE, Case.shipment_id == shipment_id,
                                 Case.state == CaseState.OPEN)  # fmt: skip


def _found_before(tx: Tx, label: str, shipment_id: UUID | None) -> FoundObject | None:
    open_ones = sa.select(Case.object_id).filter_by(type=CaseType.UNIDENTIFIED, state=CaseState.OPEN)
    query = sa.select(FoundObject).filter_by(label=label[:200], shipment_id=shipment_id)
    return tx.session.scalar(query.where(FoundObject.id.in_(open_ones)).limit(1))
