"""Where the values of one place came from: the clerk or the device, the frame as it was sent, and every time."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from biobank.db import Tx
from biobank.measurements.changes import kind_of
from biobank.measurements.models import MeasurementEntry, MeasurementImport
from biobank.measurements.protocol import Field, Text
from biobank.measurements.sheet import Sheet
from biobank.stations.device_models import Device
from biobank.stations.models import InboxReading, Station

_FEWEST = 0x20
_MOST = 0x7E


@dataclass(frozen=True, slots=True)
class ValueSource:
    """One entry of a place with what stands behind it. `in_force` says whether it is the one that counts."""

    entry: MeasurementEntry
    label: Text
    unit: str
    in_force: bool
    reading: InboxReading | None
    station: str
    device: Device | None
    document: MeasurementImport | None

    @property
    def frame(self) -> str:
        """The device's bytes as it sent them, those that print as they are and the others by number."""
        sent = bytes.fromhex(self.reading.raw) if self.reading is not None else b""
        return "".join(chr(byte) if _FEWEST <= byte <= _MOST else f"<{byte:02X}>" for byte in sent)


def sources_of(tx: Tx, sheet: Sheet, row: Field, number: int) -> list[ValueSource]:
    """Every entry that a reading ever had, newest first: of a place, and of what is measured with it."""
    fields = [other for other in sheet.protocol.numbers if row.measure and other.measure == row.measure] or [row]
    keys = {(kind_of(field), field.name, number) for field in fields}
    entries = [e for e in sheet.entries if (e.kind, e.field, e.replicate) in keys]
    ids = {entry.reading_id for entry in entries}
    query = sa.select(InboxReading, Station.name).join(Station, Station.id == InboxReading.station_id)
    found = tx.session.execute(query.where(InboxReading.id.in_(ids))).all()
    readings: dict[UUID | None, tuple[InboxReading, str]] = {reading.id: (reading, name) for reading, name in found}
    made = []
    for entry in reversed(entries):
        reading, station = readings.get(entry.reading_id) or (None, "")
        device = _device(tx, reading) if reading is not None else None
        document = tx.session.get(MeasurementImport, entry.import_id) if entry.import_id else None
        in_force = entry is sheet.current.get((entry.kind, entry.field, entry.replicate))
        label, unit = sheet.protocol.label(entry.ref), sheet.protocol.fields[entry.field].unit
        made.append(ValueSource(entry, label, unit, in_force, reading, station, device, document))
    return made


def _device(tx: Tx, reading: InboxReading) -> Device | None:
    """The device that had this name then, with its serial number and the physical port it stood on."""
    query = sa.select(Device).where(
        Device.station_id == reading.station_id, Device.name == reading.device, Device.bound_at <= reading.received_at
    )
    return tx.session.scalar(query.order_by(Device.bound_at.desc()).limit(1))
