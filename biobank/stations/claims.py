"""Giving a reading to a visit: by itself inside the visit's window, by a person's word outside it."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound, Phrase, Refused
from biobank.events import emit
from biobank.stations.desk import require_station
from biobank.stations.devices import Registered, registered
from biobank.stations.events import ReadingClaimed
from biobank.stations.models import CaptureWindow, InboxKind, InboxReading, InboxState, Station

OLDEST = timedelta(minutes=10)


def offer(tx: Tx, reading_id: UUID, visit_id: UUID, known: Registered) -> None:
    """Give a reading to the visit whose window it fell into. If the visit's record refuses it, it is kept, refused."""
    reading = tx.session.get_one(InboxReading, reading_id)
    if why := known.refusal(reading.device, reading.protocol):
        reading.state, reading.refusal = InboxState.REFUSED, why
        tx.session.flush()
        return
    try:
        # Undoes what reactions did before one of them refused, and nothing else of the batch.
        with tx.session.begin_nested():
            _give(tx, reading, visit_id)
    except Refused as refusal:
        refuse(tx, reading_id, refusal.message)


def refuse(tx: Tx, reading_id: UUID, why: str) -> None:
    """Keep a reading that nobody may use, with the reason."""
    reading = tx.session.get_one(InboxReading, reading_id)
    reading.state, reading.visit_id, reading.refusal = InboxState.REFUSED, None, why[:400]
    tx.session.flush()


def claim_reading(tx: Tx, reading_id: UUID, visit_id: UUID) -> InboxReading:
    """Use an unclaimed reading for a visit, because a person says so: same site, open visit, at most 10 minutes old."""
    reading = tx.session.scalar(sa.select(InboxReading).filter_by(id=reading_id).with_for_update())
    if reading is None:
        raise NotFound("There is no such reading.")
    station = require_station(tx, reading.station_id)
    if reading.state is InboxState.CLAIMED and reading.visit_id == visit_id:
        return reading
    _refuse_unusable(reading)
    if refusal := registered(tx, station).refusal(reading.device, reading.protocol):
        raise Conflict(refusal, code="device-not-in-use")
    if not _is_open_at(tx, visit_id, station.site_id):
        raise Conflict("A reading can be used only for a visit that is open at this site. Check the participant in.",
                       code="visit-not-open")  # fmt: skip
    _give(tx, reading, visit_id)
    return reading


def _refuse_unusable(reading: InboxReading) -> None:
    if reading.kind is not InboxKind.READING:
        raise Invalid("This is a scan, not a reading.")
    if reading.state is InboxState.CLAIMED:
        raise Conflict("This reading was used for another visit. Measure again.", code="reading-taken")
    if reading.state is InboxState.REFUSED:
        raise Conflict(
            "This reading was refused: %(why)s Measure again.",
            code="reading-refused",
            why=Phrase(str(reading.refusal)),
        )
    if clock.now() - reading.happened_at > OLDEST:
        raise Conflict("This reading is more than 10 minutes old. Measure again.", code="reading-old")


def _is_open_at(tx: Tx, visit_id: UUID, site_id: UUID) -> bool:
    query = sa.select(CaptureWindow.id).join(Station, Station.id == CaptureWindow.station_id)
    query = query.where(CaptureWindow.visit_id == visit_id, CaptureWindow.closed_at.is_(None))
    held = query.where(Station.site_id == site_id).with_for_update(read=True, of=CaptureWindow)
    return tx.session.scalar(held) is not None


def _give(tx: Tx, reading: InboxReading, visit_id: UUID) -> None:
    reading.state, reading.visit_id = InboxState.CLAIMED, visit_id
    tx.session.flush()
    measures = tuple((item["quantity"], item["value"], item["unit"]) for item in reading.measures)
    emit(tx, ReadingClaimed(
        reading_id=reading.id, visit_id=visit_id, station_id=reading.station_id, device=reading.device,
        protocol=reading.protocol, captured_at=reading.happened_at, measures=measures, stable=reading.stable,
        flags=tuple(reading.flags), raw=reading.raw,
    ))  # fmt: skip
