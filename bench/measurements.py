"""Measurement records against the clock: assessing full ones, and writing them as FHIR documents, on one core."""

import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from bench.rows import ROUNDS, Row
from biobank.measurements import fhir
from biobank.measurements.changes import compose, kind_of
from biobank.measurements.models import (
    MeasurementEntry,
    MeasurementRecord,
    MeasurementVersion,
    RecordState,
    Source,
)
from biobank.measurements.protocol import Protocol, load
from biobank.measurements.rules import assess
from biobank.measurements.sheet import Sheet

_AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
_VALUES = {
    "systolic": ("118", "120", "122"), "diastolic": ("78", "79", "80"), "heart_rate": ("66", "64", "65"),
    "height": ("172.7",), "weight": ("72.8",), "hip": ("98.0", "98.5"), "waist": ("84.0", "85.2", "84.4"),
    "blood_pressure_location": ("right-arm",), "waist_location": ("umbilicus",),
}  # fmt: skip


def rows() -> list[Row]:
    """Full records assessed, and exported with their assessment, a second. The limit: writing the same as JSON."""
    protocol = load()
    sheet = _sheet(protocol)
    entry = compose(protocol, {key: row.value for key, row in sheet.current.items()})
    document = fhir.document(_fresh(sheet), clinic_code="P000000000000", site_code="CHI")
    return [
        _row("assess a full measurement record", "records/s", ">= 5000 a second",
             lambda: assess(protocol, entry), lambda: json.loads(json.dumps(entry))),
        _row("a full record as a FHIR R4 document, assessed", "documents/s", ">= 300 a second",
             lambda: json.dumps(fhir.document(_fresh(sheet), clinic_code="P000000000000", site_code="CHI")),
             lambda: json.dumps(document)),
    ]  # fmt: skip


def _row(name: str, unit: str, goal: str, ours: Callable[[], object], limit: Callable[[], object]) -> Row:
    runs = [{"ours": _per_second(ours), "limit": _per_second(limit)} for _ in range(ROUNDS)]
    mine, bare = (statistics.median(run[side] for run in runs) for side in ("ours", "limit"))
    return Row(name, mine, bare, mine / bare, unit, goal, runs=runs)


def _per_second(work: Callable[[], object], seconds: float = 0.5) -> float:
    count, began = 0, time.process_time()
    while (spent := time.process_time() - began) < seconds:
        for _ in range(20):
            work()
        count += 20
    return count / spent


def _fresh(sheet: Sheet) -> Sheet:
    """The same sheet with nothing computed yet."""
    return Sheet(sheet.record, sheet.entries, (), (), sheet.versions, (), sheet.version)


def _sheet(protocol: Protocol) -> Sheet:
    record = MeasurementRecord(id=uuid4(), visit_id=uuid4(), protocol_id=protocol.id, state=RecordState.FINAL)
    given = [(name, number if len(texts) > 1 else 0, text)
             for name, texts in _VALUES.items() for number, text in enumerate(texts, start=1)]  # fmt: skip
    entries = [_entry(protocol, record.id, seq, *place) for seq, place in enumerate(given, start=1)]
    version = MeasurementVersion(id=uuid4(), number=1, seq=len(entries), at=_AT, by="Carla")
    return Sheet(record, tuple(entries), (), (), (version,), (), version)


def _entry(protocol: Protocol, record_id: UUID, seq: int, *place: Any) -> MeasurementEntry:
    name, number, text = place
    return MeasurementEntry(
        record_id=record_id, seq=seq, kind=kind_of(protocol.fields[name]), field=name, replicate=number, value=text,
        source=Source.TYPED, taken_at=_AT, at=_AT, by="Carla",
    )  # fmt: skip
