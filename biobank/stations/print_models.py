"""The outbox of a station's labels: batches, and every copy of every label with how far it has come."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, Word, one_of, uuid_key


class PrintState(StrEnum):
    """How far one copy of a label has come; `print_states.FOLLOWS` says what may follow."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    PRINTED = "printed"
    APPLIED = "applied"
    UNKNOWN = "unknown"
    FAILED = "failed"
    VOIDED = "voided"


class BatchState(StrEnum):
    """Whether the labels of a batch may be fetched by the station."""

    OPEN = "open"
    PAUSED = "paused"
    CANCELLED = "cancelled"


class PrintBatch(Base):
    """Labels asked for together, such as those of one collection in draw order. `subject_code` is a code of ours."""

    __tablename__ = "print_batch"
    __table_args__ = (one_of("state", BatchState), sa.Index("ix_print_batch_station", "station_id", "requested_at"))

    id: Mapped[uuid_key]
    station_id: Mapped[UUID] = mapped_column(sa.ForeignKey("station.id"))
    subject_code: Mapped[str] = mapped_column(sa.String(20))
    state: Mapped[BatchState] = mapped_column(Word(BatchState), default=BatchState.OPEN)
    requested_at: Mapped[datetime]
    requested_by: Mapped[str] = mapped_column(sa.String(120))


class PrintJob(Base):
    """One copy of one label. `lease` is the claim that holds it, so that no other may send it or tell of it."""

    __tablename__ = "print_job"
    __table_args__ = (
        one_of("state", PrintState),
        sa.UniqueConstraint("object_code", "template", "part", "copy_no"),
        sa.Index("ix_print_job_station_state", "station_id", "state"),
    )

    id: Mapped[uuid_key]
    station_id: Mapped[UUID] = mapped_column(sa.ForeignKey("station.id"))
    batch_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("print_batch.id"), index=True)
    printer: Mapped[str] = mapped_column(sa.String(60))
    template: Mapped[str] = mapped_column(sa.String(40))
    template_version: Mapped[int] = mapped_column(default=1)
    data: Mapped[dict[str, Any]]
    object_kind: Mapped[str] = mapped_column(sa.String(24))
    object_code: Mapped[str] = mapped_column(sa.String(20))
    # An object may bear several labels ("1/2" and "2/2"): each part counts its own copies.
    part: Mapped[str] = mapped_column(sa.String(20), default="")
    copy_no: Mapped[int]
    reason: Mapped[str | None] = mapped_column(sa.String(200))
    state: Mapped[PrintState] = mapped_column(Word(PrintState), default=PrintState.QUEUED)
    state_at: Mapped[datetime]
    content_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    lease: Mapped[str | None] = mapped_column(sa.String(32))
    attempts: Mapped[int] = mapped_column(default=0)
    detail: Mapped[str] = mapped_column(sa.String(400), default="")
    requested_at: Mapped[datetime]
    requested_by: Mapped[str] = mapped_column(sa.String(120))
