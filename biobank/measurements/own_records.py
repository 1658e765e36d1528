"""What this slice keeps about one participant, for the file that is handed to them."""

from collections.abc import Iterator, Mapping
from uuid import UUID

import sqlalchemy as sa

from biobank.db import Tx
from biobank.measurements.models import EntryKind, MeasurementEntry, MeasurementRecord
from biobank.measurements.protocol import named
from biobank.participants.events import Record

_TOLD = (EntryKind.VALUE, EntryKind.FLAG)


def own_records(tx: Tx, participant_id: UUID) -> Iterator[Record]:
    """Every record with the values in force, each in the unit of its protocol."""
    query = sa.select(MeasurementRecord).filter_by(participant_id=participant_id).order_by(MeasurementRecord.id)
    for found in tx.session.scalars(query).all():
        at = found.finalised_at or found.opened_at
        says = {"at": at.isoformat(), "protocol": found.protocol_id, "state": str(found.state)}
        values = _values(tx, found.id)
        yield Record("measurements", found.id, says | {"values": values, "shown": _shown(found.protocol_id, values)})


def _values(tx: Tx, record_id: UUID) -> dict[str, str]:
    query = sa.select(MeasurementEntry).filter_by(record_id=record_id).where(MeasurementEntry.kind.in_(_TOLD))
    newest = {entry.ref: entry.value for entry in tx.session.scalars(query.order_by(MeasurementEntry.seq))}
    return {ref: value for ref, value in sorted(newest.items()) if value is not None}


def _shown(protocol_id: str, values: Mapping[str, str]) -> list[dict[str, str]]:
    """The same for people: what was measured in both languages, with its unit, in the protocol's order."""
    protocol = named(protocol_id)
    return [
        {"en": protocol.label(ref).en, "es": protocol.label(ref).es, "value": f"{values[ref]} {field.unit}".strip()}
        for field in protocol.fields.values()
        for ref in field.refs
        if ref in values
    ]
