"""A record as it stands: its entries, the newest of each place, and what the protocol says of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import NotFound
from biobank.measurements import protocol as protocols
from biobank.measurements.changes import Change, Key, compose
from biobank.measurements.models import (
    EntryKind,
    EventKind,
    MeasurementAlert,
    MeasurementEntry,
    MeasurementEvent,
    MeasurementReading,
    MeasurementRecord,
    MeasurementVersion,
    RecordState,
)
from biobank.measurements.protocol import Protocol
from biobank.measurements.rules import Assessment, assess


@dataclass(frozen=True)
class Sheet:
    """A record with every entry, reading and alert, oldest first; of one finished version if `version` is given.

    `kept` are the entries that were read, `fresh` the rows of those just stored: look at `entries`.
    """

    record: MeasurementRecord
    kept: tuple[MeasurementEntry, ...]
    readings: tuple[MeasurementReading, ...]
    alerts: tuple[MeasurementAlert, ...]
    versions: tuple[MeasurementVersion, ...] = ()
    events: tuple[MeasurementEvent, ...] = ()
    version: MeasurementVersion | None = None
    fresh: tuple[Mapping[str, Any], ...] = ()

    @cached_property
    def entries(self) -> tuple[MeasurementEntry, ...]:
        """Every entry: those that were read, and those just stored, which are made only when somebody looks."""
        return (*self.kept, *(MeasurementEntry(**row) for row in self.fresh))

    @cached_property
    def protocol(self) -> Protocol:
        return protocols.named(self.record.protocol_id)

    @cached_property
    def current(self) -> Mapping[Key, MeasurementEntry]:
        """The newest entry of each kind, field and replicate that counts, whatever it says."""
        dropped = self.dropped
        counts = [e for e in self.entries if not any(e.seq in span for span in dropped)] if dropped else self.entries
        return {(entry.kind, entry.field, entry.replicate): entry for entry in counts}

    @property
    def dropped(self) -> list[range]:
        """The numbers of what was entered for amendments that were dropped."""
        spans, began = [], 0
        for event in self.events:
            if event.kind is EventKind.AMENDING:
                began = event.seq
            elif event.kind is EventKind.DROPPED:
                spans.append(range(began, event.seq))
        return spans

    @cached_property
    def answers(self) -> dict[Key, str | None]:
        return {key: entry.value for key, entry in self.current.items()}

    @cached_property
    def entry(self) -> dict[str, Any]:
        """The entry in the shape that `biobank measurements check` reads."""
        return compose(self.protocol, self.answers)

    @cached_property
    def assessment(self) -> Assessment:
        return assess(self.protocol, self.entry)

    def assess_with(self, changes: Iterable[Change]) -> Assessment:
        """What the protocol would say if these changes were made."""
        return assess(self.protocol, compose(self.protocol, self.answers | {c.key: c.value for c in changes}))

    def grown(self, rows: Iterable[Mapping[str, Any]], assessment: Assessment) -> "Sheet":
        """The same with entries that were just stored, and what the protocol says of it then."""
        return self._assessed(assessment, fresh=(*self.fresh, *rows))

    def alerted(self, alerts: Iterable[MeasurementAlert]) -> "Sheet":
        """The same with alerts that were just raised, and with the state of all as it is now."""
        return self._assessed(self.assessment, alerts=(*self.alerts, *alerts))

    def _assessed(self, assessment: Assessment, **changes: Any) -> "Sheet":
        made = replace(self, **changes)
        vars(made)["assessment"] = assessment
        return made

    def value_at(self, field: str, replicate: int) -> MeasurementEntry | None:
        """The value in force at a place; None when there is none or it was taken back."""
        entry = self.current.get((EntryKind.VALUE, field, replicate))
        return entry if entry is not None and entry.value is not None else None

    def replaced_at(self, field: str, replicate: int) -> list[MeasurementEntry]:
        """The values that stood at a place before, oldest first."""
        place = (EntryKind.VALUE, field, replicate)
        entries = [e for e in self.entries if (e.kind, e.field, e.replicate) == place and e.value is not None]
        return [entry for entry in entries if entry is not self.value_at(field, replicate)]

    @cached_property
    def unchecked(self) -> tuple[MeasurementEntry, ...]:
        """The values in force that nobody has compared with the device's display yet."""
        if not any(entry.unchecked for entry in self.kept) and not any(row["unchecked"] for row in self.fresh):
            return ()
        return tuple(entry for entry in self.current.values() if self._needs_a_look(entry))

    def _needs_a_look(self, entry: MeasurementEntry) -> bool:
        if entry.kind is not EntryKind.VALUE or entry.value is None or not entry.unchecked:
            return False
        seen = self.current.get((EntryKind.CONFIRMATION, entry.field, entry.replicate))
        return seen is None or seen.seq < entry.seq

    @cached_property
    def open_alerts(self) -> tuple[MeasurementAlert, ...]:
        """The alerts that nobody has acted on yet."""
        return tuple(alert for alert in self.alerts if alert.acknowledged_at is None and alert.ended_at is None)

    @cached_property
    def spare_readings(self) -> tuple[MeasurementReading, ...]:
        """The readings that no place was waiting for and that nobody has used since."""
        used = {(entry.reading_id, self._measure(entry)) for entry in self.entries if entry.reading_id}
        aside = (reading for reading in self.readings if reading.outcome == "aside")
        return tuple(reading for reading in aside if (reading.reading_id, reading.measure) not in used)

    @property
    def refused_readings(self) -> tuple[MeasurementReading, ...]:
        return tuple(reading for reading in self.readings if reading.outcome == "refused")

    @property
    def is_final(self) -> bool:
        return self.version is not None or self.record.state is RecordState.FINAL

    @property
    def is_amending(self) -> bool:
        """Whether a finished record is open again for a new version."""
        return not self.is_final and bool(self.versions)

    @property
    def is_cancelled(self) -> bool:
        turns = [event.kind for event in self.events if event.kind in (EventKind.CANCELLED, EventKind.RESTORED)]
        return bool(turns) and turns[-1] is EventKind.CANCELLED

    def as_of(self, version: MeasurementVersion) -> "Sheet":
        """The same record as that version left it."""
        return Sheet(
            self.record,
            tuple(entry for entry in self.entries if entry.seq <= version.seq),
            tuple(reading for reading in self.readings if reading.seq <= version.seq),
            tuple(alert for alert in self.alerts if alert.raised_at <= version.at),
            self.versions,
            self.events,
            version,
        )

    def _measure(self, entry: MeasurementEntry) -> str:
        row = self.protocol.fields.get(entry.field)
        return row.measure if row is not None else ""


def record_of(tx: Tx, visit_id: UUID, *, to_change: bool = False) -> MeasurementRecord:
    """The record of a visit, locked when it is to be changed. Raises NotFound."""
    query = sa.select(MeasurementRecord).filter_by(visit_id=visit_id)
    if to_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    record = tx.session.scalar(query)
    if record is None:
        raise NotFound("This visit has no measurements yet. Check the participant in first.")
    return record


def read_sheet(tx: Tx, record: MeasurementRecord) -> Sheet:
    """Everything that is known of a record; nothing needs to be asked of one at version 0."""
    if not record.version:
        return Sheet(record, (), (), ())
    return Sheet(
        record,
        _rows(tx, MeasurementEntry, record.id, MeasurementEntry.seq),
        _rows(tx, MeasurementReading, record.id, MeasurementReading.id),
        _rows(tx, MeasurementAlert, record.id, MeasurementAlert.id),
        _rows(tx, MeasurementVersion, record.id, MeasurementVersion.number),
        _rows(tx, MeasurementEvent, record.id, MeasurementEvent.seq),
    )


def _rows(tx: Tx, model: Any, record_id: UUID, order: Any) -> tuple[Any, ...]:
    return tuple(tx.session.scalars(sa.select(model).filter_by(record_id=record_id).order_by(order)))
