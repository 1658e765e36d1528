"""A visit's measurements: its record, every entry ever made, the readings that came for it, and its alerts."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, Word, append_only, one_of, uuid_key


class RecordState(StrEnum):
    DRAFT = "draft"
    FINAL = "final"


class MeasurementRecord(Base):
    """One visit's measurements under one version of a protocol; `version` is the `seq` of the newest change."""

    __tablename__ = "measurement_record"
    __table_args__ = (
        one_of("state", RecordState),
        sa.CheckConstraint("(state = 'final') = (finalised_at IS NOT NULL)", name="final_has_time"),
    )

    id: Mapped[uuid_key]
    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visit.id"), unique=True)
    participant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("participant.id"), index=True)
    protocol_id: Mapped[str] = mapped_column(sa.String(40))
    state: Mapped[RecordState] = mapped_column(Word(RecordState), default=RecordState.DRAFT)
    version: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime]
    finalised_at: Mapped[datetime | None]
    finalised_by_id: Mapped[UUID | None]
    finalised_by: Mapped[str | None] = mapped_column(sa.String(120))

    def advance(self) -> int:
        """Number one more change to this record, which the caller has locked."""
        self.version += 1
        return self.version


@append_only
class MeasurementVersion(Base):
    """One finished version of a record: its entries are those up to `seq`. An amendment points at what it amends."""

    __tablename__ = "measurement_version"
    __table_args__ = (
        sa.UniqueConstraint("record_id", "number"),
        sa.CheckConstraint("(number = 1) = (amends_id IS NULL)", name="amendment_has_former"),
    )

    id: Mapped[uuid_key]
    record_id: Mapped[UUID] = mapped_column(sa.ForeignKey("measurement_record.id"))
    number: Mapped[int]
    seq: Mapped[int]
    amends_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("measurement_version.id"))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None]
    by: Mapped[str] = mapped_column(sa.String(120))


class EventKind(StrEnum):
    """What happened to a record as a whole."""

    FINALISED = "finalised"
    AMENDING = "amending"
    AMENDED = "amended"
    DROPPED = "dropped"
    CANCELLED = "cancelled"
    RESTORED = "restored"


class EventReason(StrEnum):
    """Why; which reason goes with which event stands in `history`."""

    WRONG_VALUE = "wrong-value"
    MISSING_VALUE = "missing-value"
    WRONG_PARTICIPANT = "wrong-participant"
    AMEND = "amend"
    NOT_NEEDED = "not-needed"
    OTHER = "other"


@append_only
class MeasurementEvent(Base):
    """Something that happened to a record as a whole: what, to which version, why, where, when and by whom."""

    __tablename__ = "measurement_event"
    __table_args__ = (
        one_of("kind", EventKind),
        one_of("reason", EventReason),
        sa.UniqueConstraint("record_id", "seq"),
        sa.CheckConstraint("reason <> 'other' OR note IS NOT NULL", name="other_has_note"),
        sa.CheckConstraint("(kind IN ('finalised', 'amended')) = (reason IS NULL)", name="change_has_reason"),
    )

    id: Mapped[uuid_key]
    record_id: Mapped[UUID] = mapped_column(sa.ForeignKey("measurement_record.id"))
    seq: Mapped[int]
    kind: Mapped[EventKind] = mapped_column(Word(EventKind))
    version_id: Mapped[UUID] = mapped_column(sa.ForeignKey("measurement_version.id"))
    reason: Mapped[EventReason | None] = mapped_column(Word(EventReason))
    note: Mapped[str | None] = mapped_column(sa.String(500))
    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None]
    by: Mapped[str] = mapped_column(sa.String(120))


@append_only
class MeasurementImport(Base):
    """A FHIR document that was taken into a record: what of it was taken, and what was not with the reason.

    `document` is its own identifier, `subject` the participant's id in it, `sha256` that of its bytes.
    """

    __tablename__ = "measurement_import"

    id: Mapped[uuid_key]
    record_id: Mapped[UUID] = mapped_column(sa.ForeignKey("measurement_record.id"), index=True)
    document: Mapped[str] = mapped_column(sa.String(200))
    subject: Mapped[str] = mapped_column(sa.String(60))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    dated: Mapped[datetime]
    taken: Mapped[list[Any]]
    not_taken: Mapped[list[Any]]
    at: Mapped[datetime]
    by_id: Mapped[UUID | None]
    by: Mapped[str] = mapped_column(sa.String(120))


class EntryKind(StrEnum):
    """What an entry says: a number or a choice, a tick, a coded deviation, free text, or "the display says so"."""

    VALUE = "value"
    FLAG = "flag"
    MODIFICATION = "modification"
    NOTE = "note"
    CONFIRMATION = "confirmation"


class Source(StrEnum):
    """Where an entry came from: a person's keys, a device, or what a modification clears."""

    TYPED = "typed"
    DEVICE = "device"
    RULE = "rule"


@append_only
class MeasurementEntry(Base):
    """One entry; the newest of its kind, field and replicate is the one in force. No value: it was taken back.

    `replicate` counts from 1 and is 0 for what is recorded once. `value` is in the field's unit; `typed_text` and
    `typed_unit` are as typed or sent. `unchecked` marks a device's value that no checksum guarded. `import_id` is the
    document that an answer came in; `taken_at` and `device` are then as the document tells them.
    """

    __tablename__ = "measurement_entry"
    __table_args__ = (
        one_of("kind", EntryKind),
        one_of("source", Source),
        sa.UniqueConstraint("record_id", "seq"),
        sa.CheckConstraint("(source = 'device') = (reading_id IS NOT NULL)", name="device_has_reading"),
    )

    id: Mapped[uuid_key]
    record_id: Mapped[UUID] = mapped_column(sa.ForeignKey("measurement_record.id"))
    seq: Mapped[int]
    kind: Mapped[EntryKind] = mapped_column(Word(EntryKind))
    field: Mapped[str] = mapped_column(sa.String(40))
    replicate: Mapped[int] = mapped_column(default=0)
    value: Mapped[str | None] = mapped_column(sa.Text)
    typed_text: Mapped[str | None] = mapped_column(sa.String(80))
    typed_unit: Mapped[str | None] = mapped_column(sa.String(20))
    source: Mapped[Source] = mapped_column(Word(Source))
    reading_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("inbox_reading.id"))
    import_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("measurement_import.id"))
    device: Mapped[str | None] = mapped_column(sa.String(60))
    protocol: Mapped[str | None] = mapped_column(sa.String(60))
    unchecked: Mapped[bool] = mapped_column(default=False)
    taken_at: Mapped[datetime]
    at: Mapped[datetime]
    by_id: Mapped[UUID | None]
    by: Mapped[str] = mapped_column(sa.String(120))

    @property
    def origin(self) -> str:
        """Where it came from, a document among it: typed, device, rule, imported."""
        return "imported" if self.import_id is not None else str(self.source)

    @property
    def ref(self) -> str:
        """The place as the rules call it: `systolic.2`, `height`."""
        return f"{self.field}.{self.replicate}" if self.replicate else self.field


class Outcome(StrEnum):
    """What became of a reading: it filled a place, a rule refused it, or no place was waiting for it."""

    PLACED = "placed"
    REFUSED = "refused"
    ASIDE = "aside"


@append_only
class MeasurementReading(Base):
    """One measure of a reading claimed for the visit and what became of it when it came.

    `measures` is a list of `[field, text as sent, unit as sent]`; `reason` holds `code`, `en` and `es`.
    """

    __tablename__ = "measurement_reading"
    __table_args__ = (one_of("outcome", Outcome), sa.UniqueConstraint("reading_id", "measure"))

    id: Mapped[uuid_key]
    record_id: Mapped[UUID] = mapped_column(sa.ForeignKey("measurement_record.id"), index=True)
    seq: Mapped[int]
    reading_id: Mapped[UUID] = mapped_column(sa.ForeignKey("inbox_reading.id"))
    measure: Mapped[str] = mapped_column(sa.String(40))
    measures: Mapped[list[Any]]
    device: Mapped[str] = mapped_column(sa.String(60))
    protocol: Mapped[str] = mapped_column(sa.String(60))
    unchecked: Mapped[bool] = mapped_column(default=False)
    outcome: Mapped[Outcome] = mapped_column(Word(Outcome))
    reason: Mapped[dict[str, Any]]
    captured_at: Mapped[datetime]
    at: Mapped[datetime]


class MeasurementAlert(Base):
    """An alert that was raised: when, on what, who acted on it and how. It ends when its values no longer raise it.

    One that nobody has acted on ends only when a more severe one takes its place.
    """

    __tablename__ = "measurement_alert"
    __table_args__ = (
        sa.CheckConstraint("(acknowledged_at IS NULL) = (action IS NULL)", name="acknowledged_has_action"),
        sa.Index(
            "uq_measurement_alert_standing",
            "record_id",
            "code",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    id: Mapped[uuid_key]
    record_id: Mapped[UUID] = mapped_column(sa.ForeignKey("measurement_record.id"))
    code: Mapped[str] = mapped_column(sa.String(40))
    fields: Mapped[list[Any]]
    raised_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[UUID | None]
    acknowledged_by: Mapped[str | None] = mapped_column(sa.String(120))
    acknowledged_seq: Mapped[int | None]
    action: Mapped[str | None] = mapped_column(sa.String(500))
