"""Measurements of made-up visits: typed values, claimed readings, whole entries."""

from itertools import count
from typing import Any
from uuid import UUID

from biobank import clock
from biobank.db import Tx
from biobank.measurements import actions
from biobank.measurements.sheet import Sheet
from biobank.stations.events import ReadingClaimed
from biobank.stations.models import InboxKind, InboxReading, InboxState
from biobank.visits.models import Visit

_numbers = count(1)
UNITS = {"weight": "kg", "height": "cm", "systolic": "mmHg", "diastolic": "mmHg", "heart_rate": "/min"}
MADE_BY = {
    "weight": ("scale", "tanita"),
    "height": ("scale", "healthometer"),
    "systolic": ("HBP-9030", "omron-hbp9030"),
}


def make_reading(tx: Tx, visit: Visit, *, flags: tuple[str, ...] = (), unit: str | None = "", **values: str) -> UUID:
    """A reading in the inbox of the visit's station; answers its id. `unit` overrides every measure's own."""
    device, protocol = MADE_BY[next(iter(values))]
    measures = [{"quantity": q, "value": v, "unit": UNITS.get(q) if unit == "" else unit} for q, v in values.items()]
    assert visit.station_id is not None
    row = InboxReading(
        station_id=visit.station_id, seq=next(_numbers), device=device, protocol=protocol, kind=InboxKind.READING,
        captured_at=clock.now(), happened_at=clock.now(), received_at=clock.now(), measures=measures, stable=None,
        flags=list(flags), raw="00", repeat=1, content_sha256="0" * 64, state=InboxState.CLAIMED, visit_id=visit.id,
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    return row.id


def claimed(tx: Tx, visit: Visit, reading_id: UUID, **changes: Any) -> ReadingClaimed:
    row = tx.session.get_one(InboxReading, reading_id)
    values: dict[str, Any] = {
        "reading_id": row.id, "visit_id": visit.id, "station_id": row.station_id, "device": row.device,
        "protocol": row.protocol, "captured_at": row.happened_at, "stable": row.stable, "flags": tuple(row.flags),
        "measures": tuple((m["quantity"], m["value"], m["unit"]) for m in row.measures), "raw": row.raw,
    }  # fmt: skip
    return ReadingClaimed(**values | changes)


def take(tx: Tx, visit: Visit, *, flags: tuple[str, ...] = (), unit: str | None = "", **values: str) -> Sheet:
    """A device measures during the visit."""
    reading_id = make_reading(tx, visit, flags=flags, unit=unit, **values)
    actions.record_reading(tx, claimed(tx, visit, reading_id))
    return actions.sheet_of(tx, visit.id)


def type_in(tx: Tx, visit: Visit, **values: str) -> Sheet:
    """A clerk types values in the fields' own units, such as `hip_2="98.5"`."""
    for name, text in values.items():
        field, _, number = name.rpartition("_")
        numbered = number.isdigit()
        actions.record_value(
            tx, visit.id, field=field if numbered else name, replicate=int(number) if numbered else None, text=text
        )
    return actions.sheet_of(tx, visit.id)


def measure_all(tx: Tx, visit: Visit) -> Sheet:
    """Everything the adult protocol asks for, typed, with nothing unusual in it."""
    pressures = {f"{field}_{n}": value for n in (1, 2, 3)
                 for field, value in (("systolic", "120"), ("diastolic", "79"), ("heart_rate", "64"))}  # fmt: skip
    return type_in(tx, visit, height="172.7", weight="72.8", **pressures, hip_1="98.0", hip_2="98.5",
                   waist_1="84.0", waist_2="84.4")  # fmt: skip
