"""What happens to a record that was finished: amended by a new version, cancelled, restored; nothing is overwritten."""

from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access.models import Site
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound
from biobank.events import emit
from biobank.measurements.changes import written
from biobank.measurements.events import MeasurementsCancelled, MeasurementsRestored
from biobank.measurements.identity import refuse_details
from biobank.measurements.models import (
    EventKind,
    EventReason,
    MeasurementEvent,
    MeasurementRecord,
    MeasurementVersion,
    RecordState,
)
from biobank.measurements.sheet import Sheet, read_sheet, record_of
from biobank.measurements.tables import Final
from biobank.participants.actions import participant_of, require_active
from biobank.visits.actions import visit_of
from biobank.visits.models import Visit

REASONS: Mapping[EventKind, tuple[EventReason, ...]] = {
    EventKind.AMENDING: (EventReason.WRONG_VALUE, EventReason.MISSING_VALUE, EventReason.OTHER),
    EventKind.DROPPED: (EventReason.NOT_NEEDED, EventReason.WRONG_PARTICIPANT, EventReason.OTHER),
    EventKind.CANCELLED: (EventReason.WRONG_PARTICIPANT, EventReason.OTHER),
    EventKind.RESTORED: (EventReason.WRONG_PARTICIPANT, EventReason.AMEND, EventReason.OTHER),
}
# The word that a clerk types before a record is cancelled, in either language.
CONFIRMATIONS = ("cancel", "cancelar")
LONGEST_NOTE = 500


def add_version(tx: Tx, sheet: Sheet, site_id: UUID) -> MeasurementVersion:
    """Keep a record that has just become final as its next version."""
    former = sheet.versions[-1] if sheet.versions else None
    version = MeasurementVersion(
        record_id=sheet.record.id, number=len(sheet.versions) + 1, seq=sheet.record.advance(),
        amends_id=former.id if former else None, at=clock.now(), by_id=tx.actor.id, by=tx.actor.name,
    )  # fmt: skip
    tx.session.add(version)
    tx.session.flush()
    kind = EventKind.AMENDED if former else EventKind.FINALISED
    _happened(tx, sheet, kind, version, site_id=site_id)
    return version


def amend(tx: Tx, visit_id: UUID, *, reason: str, note: str | None = None) -> Sheet:
    """Open a final record again; what is finished then is a new version that points at this one.

    Raises Conflict for a record that is not final or was cancelled, Invalid for the reason.
    """
    sheet = _finished(tx, visit_id)
    _refuse_cancelled(sheet)
    require_active(tx, sheet.record.participant_id)
    _tell(tx, sheet, EventKind.AMENDING, reason, note)
    record = sheet.record
    record.state, record.finalised_at = RecordState.DRAFT, None
    record.finalised_by_id = record.finalised_by = None
    tx.session.flush()
    return read_sheet(tx, record)


def drop(tx: Tx, visit_id: UUID, *, reason: str, note: str | None = None) -> Sheet:
    """Give up an amendment that is open: the version it was to replace stands as it was, what was entered since stays
    readable and counts for nothing.

    Raises Conflict when nothing is being amended or an alert waits for somebody to act, Invalid for the reason.
    """
    visit_of(tx, visit_id)
    sheet = read_sheet(tx, record_of(tx, visit_id, to_change=True))
    if not sheet.is_amending:
        raise Conflict("These measurements are not being amended. There is nothing to drop.", code="not-amending")
    if sheet.open_alerts:
        raise Conflict("Act on the alert first and write what was done. Then the amendment can be dropped.",
                       code="alert-open")  # fmt: skip
    _tell(tx, sheet, EventKind.DROPPED, reason, note)
    record, former = sheet.record, sheet.versions[-1]
    record.state, record.finalised_at = RecordState.FINAL, former.at
    record.finalised_by_id, record.finalised_by = former.by_id, former.by
    tx.session.flush()
    return read_sheet(tx, record)


def cancel(tx: Tx, visit_id: UUID, *, reason: str, note: str | None = None, confirmation: str) -> Sheet:
    """Take a final record out of use: every version stays readable, none is exported. Raises Conflict, Invalid."""
    sheet = _finished(tx, visit_id)
    _refuse_cancelled(sheet)
    if confirmation.strip().casefold() not in CONFIRMATIONS:
        raise Invalid("Type the word cancel to cancel these measurements.", code="not-confirmed")
    _tell(tx, sheet, EventKind.CANCELLED, reason, note)
    emit(tx, MeasurementsCancelled(visit_id, sheet.record.participant_id))
    return read_sheet(tx, sheet.record)


def restore(tx: Tx, visit_id: UUID, *, reason: str, note: str | None = None) -> Sheet:
    """Put a cancelled record into use again. Raises Conflict when it is not cancelled, Invalid for the reason."""
    sheet = _finished(tx, visit_id)
    if not sheet.is_cancelled:
        raise Conflict("These measurements are not cancelled. Nothing needs to be restored.", code="not-cancelled")
    _tell(tx, sheet, EventKind.RESTORED, reason, note)
    emit(tx, MeasurementsRestored(visit_id, sheet.record.participant_id))
    return read_sheet(tx, sheet.record)


def version_of(tx: Tx, visit_id: UUID, number: int | None = None) -> Sheet:
    """A finished version of a visit's measurements as it was left, the newest unless one is named. Raises NotFound."""
    visit_of(tx, visit_id)
    sheet = read_sheet(tx, record_of(tx, visit_id))
    found = [version for version in sheet.versions if number in (None, version.number)]
    if not found:
        raise NotFound("There is no such finished version of these measurements. Go back to the visit.")
    return sheet.as_of(found[-1])


def final_version(tx: Tx, visit_id: UUID) -> Sheet:
    """The version that counts: the newest finished one. Raises NotFound, Conflict when the record was cancelled."""
    sheet = version_of(tx, visit_id)
    _refuse_cancelled(sheet)
    return sheet


def finished_records(tx: Tx) -> sa.Select[MeasurementRecord]:
    """The records at the actor's site (at every site for one without) that count: finished once, not cancelled now."""
    turns = (
        sa.select(MeasurementEvent.record_id, sa.func.max(MeasurementEvent.seq).label("seq"))
        .where(MeasurementEvent.kind.in_([EventKind.CANCELLED, EventKind.RESTORED]))
        .group_by(MeasurementEvent.record_id)
    )
    last = turns.subquery()
    cancelled = sa.select(MeasurementEvent.record_id).join(
        last, (last.c.record_id == MeasurementEvent.record_id) & (last.c.seq == MeasurementEvent.seq)
    ).where(MeasurementEvent.kind == EventKind.CANCELLED)  # fmt: skip
    query = sa.select(MeasurementRecord).where(
        MeasurementRecord.id.in_(sa.select(MeasurementVersion.record_id)), MeasurementRecord.id.not_in(cancelled)
    )
    at_site = sa.select(Visit.id).where(Visit.site_id == tx.actor.site_id)
    return query if tx.actor.site_id is None else query.where(MeasurementRecord.visit_id.in_(at_site))


def final_of(tx: Tx, record: MeasurementRecord) -> Final:
    """The version of a record that counts, with the codes that name it outside."""
    sheet = read_sheet(tx, record)
    site = tx.session.get_one(Site, visit_of(tx, record.visit_id).site_id)
    return Final(participant_of(tx, record.participant_id).clinic_code, site.code, sheet.as_of(sheet.versions[-1]))


def _finished(tx: Tx, visit_id: UUID) -> Sheet:
    visit_of(tx, visit_id)
    sheet = read_sheet(tx, record_of(tx, visit_id, to_change=True))
    if not sheet.is_final or not sheet.versions:
        raise Conflict("These measurements are not finished. Finish them first.", code="not-final")
    return sheet


def _refuse_cancelled(sheet: Sheet) -> None:
    if sheet.is_cancelled:
        raise Conflict("These measurements were cancelled. Restore them before anything is changed.", code="cancelled")


def _tell(tx: Tx, sheet: Sheet, kind: EventKind, reason: str, note: str | None) -> None:
    text = written(note)
    if reason not in list(REASONS[kind]):
        raise Invalid("Choose a reason from the list.", code="unknown-reason")
    if reason == EventReason.OTHER and text is None:
        raise Invalid("Write a note that says why.", code="note-required")
    if text is not None and len(text) > LONGEST_NOTE:
        raise Invalid("The note is longer than %(limit)s characters. Shorten it.", code="above-limit",
                      limit=LONGEST_NOTE)  # fmt: skip
    if text is not None:
        refuse_details(tx, sheet, "note", text)
    site_id = visit_of(tx, sheet.record.visit_id).site_id
    _happened(tx, sheet, kind, sheet.versions[-1], site_id=site_id, reason=EventReason(reason), note=text)


def _happened(
    tx: Tx,
    sheet: Sheet,
    kind: EventKind,
    version: MeasurementVersion,
    *,
    site_id: UUID,
    reason: EventReason | None = None,
    note: str | None = None,
) -> None:
    tx.session.add(
        MeasurementEvent(
            record_id=sheet.record.id, seq=sheet.record.advance(), kind=kind, version_id=version.id, reason=reason,
            note=note, site_id=tx.actor.site_id or site_id, at=clock.now(), by_id=tx.actor.id, by=tx.actor.name,
        )
    )  # fmt: skip
    tx.session.flush()
