"""Readings of devices: each measure fills the next place that waits for it, or is kept beside the record."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from biobank import clock
from biobank.db import Tx
from biobank.errors import Invalid, NotFound
from biobank.measurements.changes import Change, Sent, kind_of
from biobank.measurements.models import EntryKind, MeasurementReading, Outcome
from biobank.measurements.protocol import Field, Text
from biobank.measurements.rules_entry import read
from biobank.measurements.rules_findings import Place
from biobank.measurements.rules_modifications import is_closed
from biobank.measurements.sheet import Sheet, read_sheet
from biobank.measurements.storing import store
from biobank.measurements.typed import BadValue, read_sent
from biobank.stations.events import ReadingClaimed

# The station's word for a device whose line no checksum guards.
CONFIRM = "confirm"
_REASONS = {
    "no-place": Text("No place was waiting for it.", "Ningún lugar lo esperaba."),
    "final": Text("It came after the measurements were finished.", "Llegó después de terminar las medidas."),
    "moving": Text("The device says it was still moving. Measure again.",
                   "El aparato indica que aún se movía. Mida otra vez."),
    "flagged": Text("The device says it cannot be right. Measure again.",
                    "El aparato indica que no puede ser correcto. Mida otra vez."),
}  # fmt: skip
Measures = list[tuple[str, str, str | None]]


def take_reading(tx: Tx, sheet: Sheet, event: ReadingClaimed) -> Sheet:
    """Put each measure of a reading where it belongs; a reading taken before changes nothing."""
    if any(row.reading_id == event.reading_id for row in sheet.readings):
        return sheet
    for measure, measures in _by_measure(sheet, event).items():
        sheet = _take(tx, sheet, event, measure, measures)
    return sheet


def use_reading(tx: Tx, sheet: Sheet, *, reading_id: UUID, measure: str, replicate: int | None) -> Sheet:
    """Put a reading that was set aside where the clerk says; what stood there stays, struck through.

    Raises NotFound, BadValue for a value the protocol refuses, Invalid for a place the measure does not have.
    """
    spare = [row for row in sheet.spare_readings if (row.reading_id, row.measure) == (reading_id, measure)]
    if not spare:
        raise NotFound("That reading is not waiting to be used. Look at the page again.")
    row = spare[0]
    number = _number(sheet, measure, replicate)
    sent = Sent(row.reading_id, row.device, row.protocol, row.unchecked, row.captured_at)
    return store(tx, sheet, _changes(sheet, [(f, t, u) for f, t, u in row.measures], number, sent))


def _by_measure(sheet: Sheet, event: ReadingClaimed) -> dict[str, Measures]:
    groups: dict[str, Measures] = {}
    for quantity, text, unit in event.measures:
        row = sheet.protocol.fields.get(quantity)
        if row is not None and row.unit:
            groups.setdefault(row.measure, []).append((quantity, text, unit))
    return groups


def _take(tx: Tx, sheet: Sheet, event: ReadingClaimed, measure: str, measures: Measures) -> Sheet:
    outcome, reason = Outcome.PLACED, {}
    sent = Sent(event.reading_id, event.device, event.protocol, CONFIRM in event.flags, event.captured_at)
    number = next(_free(sheet, measure), None)
    hindrance = _hindrance(sheet, event, measure, number)
    if hindrance:
        outcome, reason = Outcome.ASIDE if hindrance != "flagged" else Outcome.REFUSED, _reason(hindrance)
    else:
        try:
            sheet = store(tx, sheet, _changes(sheet, measures, number or 0, sent))
        except BadValue as refusal:
            first = refusal.findings[0]
            outcome, reason = Outcome.REFUSED, {"code": first.code, "en": first.text.en, "es": first.text.es}
    tx.session.add(
        MeasurementReading(
            record_id=sheet.record.id, seq=sheet.record.advance(), reading_id=event.reading_id, measure=measure,
            measures=[list(item) for item in measures], device=event.device, protocol=event.protocol,
            unchecked=sent.unchecked, outcome=outcome, reason=reason, captured_at=event.captured_at, at=clock.now(),
        )
    )  # fmt: skip
    tx.session.flush()
    return read_sheet(tx, sheet.record)


def _hindrance(sheet: Sheet, event: ReadingClaimed, measure: str, number: int | None) -> str | None:
    if sheet.is_final:
        return "final"
    if event.stable is False:
        return "moving"
    if any(flag.startswith(f"{measure}-contradicts") for flag in event.flags):
        return "flagged"
    return "no-place" if number is None else None


def _reason(code: str) -> dict[str, Any]:
    return {"code": code, "en": _REASONS[code].en, "es": _REASONS[code].es}


def _rows(sheet: Sheet, measure: str) -> list[Field]:
    return [row for row in sheet.protocol.numbers if row.measure == measure and not row.only_if]


def _free(sheet: Sheet, measure: str) -> Iterator[int]:
    """The replicates of a measure that hold no value and are not closed; 0 for one measured once."""
    answers = read(sheet.protocol, sheet.entry)
    rows = _rows(sheet, measure)
    for number in range(1, rows[0].replicates + 1):
        held = [sheet.answers.get((EntryKind.VALUE, row.name, number if row.replicates > 1 else 0)) for row in rows]
        closed = any(is_closed(answers, Place(row, number)) for row in rows)
        if not closed and not any(held):
            yield number if rows[0].replicates > 1 else 0


def _number(sheet: Sheet, measure: str, replicate: int | None) -> int:
    count = _rows(sheet, measure)[0].replicates
    if count == 1:
        return 0
    if replicate is None or not 1 <= replicate <= count:
        raise Invalid("Choose which reading it is to be: 1 to %(count)s.", code="unknown-field", count=count)
    return replicate


def _changes(sheet: Sheet, measures: Measures, number: int, sent: Sent) -> list[Change]:
    """A change for each measure sent, and one that empties what the reading does not hold: a reading is one whole."""
    changes = [
        read_sent(sheet.protocol, field=field, replicate=number, text=text, unit=unit, sent=sent)
        for field, text, unit in measures
    ]
    rows: Mapping[str, Field] = {row.name: row for row in _rows(sheet, sheet.protocol.fields[measures[0][0]].measure)}
    absent = rows.keys() - {field for field, _, _ in measures}
    return changes + [Change(kind=kind_of(rows[name]), field=name, replicate=number, value=None) for name in absent]
