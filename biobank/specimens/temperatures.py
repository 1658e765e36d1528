"""A parcel's logger at the bench: readings are kept; an excursion holds every tube until two people release them."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access import approvals
from biobank.access.approval_models import Approval
from biobank.access.models import Site
from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import Conflict, Invalid
from biobank.specimens import cases, consequences, log, log_entry, temperature_csv
from biobank.specimens.case_models import Case, CaseState, CaseType, Resolution
from biobank.specimens.custody import EventType, TubeStatus
from biobank.specimens.models import ItemState, Shipment, ShipmentItem, SubjectKind, TemperatureLog, Tube
from biobank.specimens.shipping import lock_shipment

RELEASE = "specimens.release_excursion"


def import_logger(tx: Tx, shipment_id: UUID, content: bytes) -> TemperatureLog:
    """Keep a logger's readings of the time on the way; the same file twice is one record.

    An excursion opens a case and holds every tube received from this parcel, and those still to come.
    Raises Invalid for a file that cannot be read for certain, or that holds nothing of the time on the way.
    """
    shipment = lock_shipment(tx, shipment_id)
    if shipment.handed_over_at is None or shipment.arrived_at is None:
        raise Conflict("Scan the parcel's tracking number first: its logger is read once it has arrived.",
                       code="shipment-first")  # fmt: skip
    digest = hashlib.sha256(content).hexdigest()
    before = tx.session.scalar(sa.select(TemperatureLog).filter_by(shipment_id=shipment.id, sha256=digest))
    if before is not None:
        return before
    record = temperature_csv.read(content, tx.session.get_one(Site, shipment.site_id).zone)
    way = record.between(shipment.handed_over_at, shipment.arrived_at)
    if not way:
        raise Invalid("None of this logger's readings is from the time this parcel was on its way. Is it another "
                      "parcel's?", code="logger-other-time")  # fmt: skip
    kept = _kept(tx, shipment, digest, record.serial, way)
    detail = {"sha256": digest, "minimum": str(kept.minimum), "maximum": str(kept.maximum),
              "seconds_outside": kept.seconds_outside}  # fmt: skip
    log.record_about(tx, SubjectKind.SHIPMENT, shipment.id, "logger_imported",
                     site_id=tx.actor.site_id or shipment.site_id, detail=detail)  # fmt: skip
    if not all(temperature_csv.is_cold(reading.celsius) for reading in way):
        consequences.was_warm(tx, shipment, detail)
        _hold_received(tx, shipment)
    return kept


def logs_of(tx: Tx, shipment_id: UUID) -> Sequence[TemperatureLog]:
    """The loggers' records of a parcel, with their readings."""
    query = sa.select(TemperatureLog).filter_by(shipment_id=shipment_id).order_by(TemperatureLog.id)
    return tx.session.scalars(query.options(sa.orm.undefer(TemperatureLog.points))).all()


def ask_release(tx: Tx, case_id: UUID, reason: str) -> Approval:
    """Sign for the release of a parcel that was not kept cold; a second person must sign as well."""
    case = cases.lock_case(tx, case_id)
    if case.type is not CaseType.TEMPERATURE or case.state is not CaseState.OPEN or case.shipment_id is None:
        raise Conflict("Only an open case of temperature is released.", code="not-a-temperature")
    if not reason.strip():
        raise Invalid("Say why the tubes may be used all the same.", code="reason-missing")
    shipment = lock_shipment(tx, case.shipment_id)
    asked = approvals.ask(
        tx, kind=RELEASE, subject=case.id, payload={"shipment_id": str(shipment.id), "reason": reason.strip()[:200]},
        summary="Release the tubes of shipment %(shipment)s, which was not kept between 2 and 8 degrees: %(reason)s",
        words={"shipment": shipment.code, "reason": reason.strip()[:200]},
    )  # fmt: skip
    cases.note(tx, case.id, reason)
    return asked


def release_excursion(tx: Tx, case_id: UUID, payload: Mapping[str, Any], asked_by: str) -> int:
    """Release every tube that this excursion holds; the second person has signed. Answers how many."""
    case = cases.lock_case(tx, case_id)
    if case.state is not CaseState.OPEN:
        raise Conflict("This case is closed already.", code="case-closed")
    shipment = lock_shipment(tx, UUID(payload["shipment_id"]))
    signed = log_entry.Circumstances(on_behalf_of=asked_by[:60], signature="release-after-excursion")
    with log_entry.under(tx, signed):
        held = [tube for tube in _tubes(tx, shipment) if tube.state is TubeStatus.HELD and is_held_warm(tx, tube)]
        for tube in held:
            log.record(tx, tube, EventType.RELEASED, reason="excursion-released", note=str(payload["reason"]))
    cases.close(tx, case.id, Resolution.RELEASED, str(payload["reason"]))
    return len(held)


def is_held_warm(tx: Tx, tube: Tube) -> bool:
    """Whether the hold that a tube is on now is for its temperature."""
    events = log.story(tx, SubjectKind.TUBE, tube.id)
    held = [event for event in events if event.type == EventType.HELD]
    return not tube.withdrawn and bool(held) and held[-1].reason == consequences.TEMPERATURE


def require_no_excursion(tx: Tx, tube: Tube) -> None:
    """Raises Conflict for a tube whose parcel's excursion two people have not released yet."""
    query = sa.select(Case.id).join(ShipmentItem, ShipmentItem.shipment_id == Case.shipment_id)
    open_one = query.where(ShipmentItem.tube_id == tube.id, Case.type == CaseType.TEMPERATURE,
                           Case.state == CaseState.OPEN)  # fmt: skip
    if tx.session.scalar(open_one.limit(1)) is not None and is_held_warm(tx, tube):
        raise Conflict("Its parcel was not kept cold. Two people release the whole parcel, on the page of its case.",
                       code="excursion")  # fmt: skip


def _hold_received(tx: Tx, shipment: Shipment) -> None:
    for tube in _tubes(tx, shipment):
        if tube.state in (TubeStatus.RECEIVED, TubeStatus.STORED) and not tube.withdrawn:
            log.record(tx, tube, EventType.HELD, reason=consequences.TEMPERATURE, detail={"shipment": shipment.code})
    held = sa.update(ShipmentItem).filter_by(shipment_id=shipment.id, state=ItemState.RECEIVED)
    tx.session.execute(held.values(state=ItemState.HELD))


def _tubes(tx: Tx, shipment: Shipment) -> Sequence[Tube]:
    of_it = sa.select(ShipmentItem.tube_id).filter_by(shipment_id=shipment.id)
    query = sa.select(Tube).where(Tube.id.in_(of_it)).order_by(Tube.id).with_for_update()
    return tx.session.scalars(query.execution_options(populate_existing=True)).all()


def _kept(
    tx: Tx, shipment: Shipment, digest: str, serial: str | None, way: Sequence[temperature_csv.Reading]
) -> TemperatureLog:
    values = [reading.celsius for reading in way]
    kept = TemperatureLog(
        id=new_id(), shipment_id=shipment.id, sha256=digest, serial=serial, imported_at=clock.now(),
        actor_name=tx.actor.name, started_at=way[0].at, ended_at=way[-1].at, count=len(way), minimum=min(values),
        maximum=max(values), seconds_outside=temperature_csv.seconds_outside(way),
        points=[[reading.at.isoformat(), format(reading.celsius, "f")] for reading in way],
    )  # fmt: skip
    tx.session.add(kept)
    tx.session.flush()
    return kept
