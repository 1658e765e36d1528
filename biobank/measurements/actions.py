"""What can be done to a visit's measurements: open, enter, mark, act on alerts, finish."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from biobank import clock
from biobank.access.models import Site
from biobank.columns import new_id
from biobank.db import Tx, insert_ignore
from biobank.events import emit
from biobank.measurements import history, readings, signing
from biobank.measurements.alerts import answer_alert, settle_alerts
from biobank.measurements.changes import Change
from biobank.measurements.edits import confirmations, filling, flag_change, modification_changes
from biobank.measurements.events import MeasurementsAmended, MeasurementsFinalised
from biobank.measurements.finishing import refuse_unfinished
from biobank.measurements.models import MeasurementRecord, RecordState
from biobank.measurements.rules import Assessment
from biobank.measurements.schedule import protocol_for
from biobank.measurements.sheet import Sheet, read_sheet, record_of
from biobank.measurements.storing import refuse_changed, refuse_final, store
from biobank.measurements.typed import read_typed
from biobank.participants.actions import participant_of
from biobank.participants.models import Participant, ParticipantStatus
from biobank.participants.standing import KEPT_ID, refuse_unless_active, standing_of
from biobank.stations.events import ReadingClaimed
from biobank.visits import actions as visits
from biobank.visits.models import Visit


def open_record(tx: Tx, visit_id: UUID, participant_id: UUID, at: datetime) -> MeasurementRecord:
    """Open a visit's record under the protocol in use at its site; one that is open already stays as it is."""
    site = tx.session.get_one(Site, visits.visit_of(tx, visit_id).site_id)
    protocol = protocol_for(site.code, at.astimezone(ZoneInfo(site.zone)).date())
    insert_ignore(
        tx.session, MeasurementRecord, id=new_id(), visit_id=visit_id, participant_id=participant_id,
        protocol_id=protocol.id, state=RecordState.DRAFT, version=0, opened_at=at,
    )  # fmt: skip
    return record_of(tx, visit_id)


def sheet_of(tx: Tx, visit_id: UUID) -> Sheet:
    """A visit's measurements as they stand. Raises NotFound, also for a visit at another site."""
    visits.visit_of(tx, visit_id)
    return read_sheet(tx, record_of(tx, visit_id))


def assessment(tx: Tx, visit_id: UUID) -> Assessment:
    """What the protocol says of a visit's measurements."""
    return sheet_of(tx, visit_id).assessment


def sheet_to_change(tx: Tx, visit_id: UUID) -> Sheet:
    """The same, locked until the transaction ends, of an open visit of an active participant and not final.

    A record that is being amended may be changed after its visit.
    """
    visit, record, participant, kept_id = _hold(tx, visit_id)
    sheet = read_sheet(tx, record)
    refuse_final(sheet)
    if not sheet.is_amending:
        visits.refuse_unless_open(visit)
    refuse_unless_active(tx, participant, kept_id)
    return sheet


def _hold(tx: Tx, visit_id: UUID) -> tuple[Visit, MeasurementRecord, Participant, UUID | None]:
    """All that a change rests on, locked by one question in place of four. Raises NotFound."""
    query = (
        sa.select(Visit, MeasurementRecord, Participant, KEPT_ID)
        .join(MeasurementRecord, MeasurementRecord.visit_id == Visit.id)
        .join(Participant, Participant.id == Visit.participant_id)
        .where(Visit.id == visit_id)
        .options(sa.orm.lazyload(Visit.steps))
        .with_for_update(key_share=True, of=(Visit, MeasurementRecord, Participant))
        .execution_options(populate_existing=True)
    )
    found = tx.session.execute(query).first()
    if found is None or tx.actor.site_id not in (None, found[0].site_id):
        visit = visits.visit_of(tx, visit_id)
        return visit, record_of(tx, visit_id, to_change=True), *standing_of(tx, visit.participant_id)
    return found[0], found[1], found[2], found[3]


def record_value(
    tx: Tx, visit_id: UUID, *, field: str, replicate: int | None, text: str | None, unit: str | None = None
) -> Sheet:
    """Record what a clerk typed, kept as typed beside its canonical value; empty text takes the value back.

    Raises BadValue for what the protocol refuses, Conflict for a final record.
    """
    sheet = sheet_to_change(tx, visit_id)
    return store(tx, sheet, [read_typed(sheet.protocol, field=field, replicate=replicate, text=text, unit=unit)])


def record_reading(tx: Tx, event: ReadingClaimed) -> None:
    """Put a reading that was claimed for a visit where it belongs.

    Nothing happens for a visit without a record, or for a participant who has withdrawn since the check-in.
    """
    query = sa.select(MeasurementRecord).filter_by(visit_id=event.visit_id).with_for_update()
    record = tx.session.scalar(query.execution_options(populate_existing=True))
    if record is not None and participant_of(tx, record.participant_id).status is ParticipantStatus.ACTIVE:
        readings.take_reading(tx, read_sheet(tx, record), event)


def use_reading(tx: Tx, visit_id: UUID, *, reading_id: UUID, measure: str, replicate: int | None) -> Sheet:
    """Put a reading that was set aside where the clerk says."""
    sheet = sheet_to_change(tx, visit_id)
    return readings.use_reading(tx, sheet, reading_id=reading_id, measure=measure, replicate=replicate)


def set_flag(tx: Tx, visit_id: UUID, field: str, value: bool | None) -> Sheet:
    """Answer yes or no, such as `pregnant` or `irregular_rhythm.2`; None takes the answer back."""
    sheet = sheet_to_change(tx, visit_id)
    return store(tx, sheet, [flag_change(sheet, field, value)])


def set_modification(
    tx: Tx, visit_id: UUID, *, measure: str, replicate: int | None, code: str | None, note: str | None = None
) -> Sheet:
    """Mark a place with a coded deviation, and its note; one that closes the place takes its values back."""
    sheet = sheet_to_change(tx, visit_id)
    return store(tx, sheet, modification_changes(sheet, measure, replicate, code, note))


def confirm_value(tx: Tx, visit_id: UUID, refs: Iterable[str]) -> Sheet:
    """Say that the device's display shows the same as these values."""
    sheet = sheet_to_change(tx, visit_id)
    return store(tx, sheet, confirmations(sheet, refs))


def change(tx: Tx, sheet: Sheet, changes: Iterable[Change], *, fill_rest: str | None = None) -> Sheet:
    """Store changes to a sheet that `sheet_to_change` gave, then mark what is still missing if a code is given.

    All or nothing: raises BadValue for anything the protocol refuses.
    """
    stored = store(tx, sheet, changes)
    return store(tx, stored, filling(stored, fill_rest)) if fill_rest else stored


def fill_rest(tx: Tx, visit_id: UUID, code: str) -> Sheet:
    """Mark everything that is still missing with one code: refusal or emergency."""
    sheet = sheet_to_change(tx, visit_id)
    return store(tx, sheet, filling(sheet, code))


def acknowledge_alert(tx: Tx, visit_id: UUID, code: str, action: str) -> Sheet:
    """Record what was done about an alert. Raises NotFound, Invalid without words, Conflict when it was done."""
    sheet = sheet_to_change(tx, visit_id)
    answer_alert(tx, sheet, code, action)
    return settle_alerts(tx, read_sheet(tx, sheet.record))


def finalise(tx: Tx, visit_id: UUID, version: int) -> Sheet:
    """Close the record as its next version. Raises Conflict: not at `version`, or something is missing."""
    sheet = sheet_to_change(tx, visit_id)
    refuse_changed(sheet, version)
    refuse_unfinished(sheet)
    record = sheet.record
    record.state, record.finalised_at = RecordState.FINAL, clock.now()
    record.finalised_by_id, record.finalised_by = tx.actor.id, tx.actor.name
    made = history.add_version(tx, sheet, visits.visit_of(tx, visit_id).site_id)
    signing.sign(tx, sheet, made)
    if made.number == 1:
        emit(tx, MeasurementsFinalised(visit_id, record.participant_id))
    else:
        emit(tx, MeasurementsAmended(visit_id, record.participant_id, made.number))
    return read_sheet(tx, record)
