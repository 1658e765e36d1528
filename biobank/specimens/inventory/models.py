"""What the biobank's own inventory says is stored: files as they came, samples as they stand, and each change."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, Word, append_only, one_of, uuid_key


class SampleStatus(StrEnum):
    """The status of a stored sample (protocol, section 5.1); all but the first three are ways of disposal."""

    RECEIVED = "received"
    IN_PREPARATION = "in_preparation"
    CONSUMED = "consumed"
    NOT_RECEIVED = "sample_not_received"
    NOT_PROCESSED = "sample_not_processed"
    ACCESSIONING_ERROR = "accessioning_error"
    LAB_ACCIDENT = "lab_accident"
    NOT_SUFFICIENT = "quantity_not_sufficient"
    QUALITY_ISSUE = "quality_issue"
    UNKNOWN = "unknown"


@append_only
class InventoryFile(Base):
    """One file that was read whole. The same bytes are one file, however often they come."""

    __tablename__ = "inventory_file"

    id: Mapped[uuid_key]
    sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    rows: Mapped[int]
    added: Mapped[int]
    changed: Mapped[int]
    refused: Mapped[int]
    imported_at: Mapped[datetime]
    imported_by: Mapped[str] = mapped_column(sa.String(120))


@append_only
class InventoryRefusal(Base):
    """A row that could not be taken, by its number in the file, and why."""

    __tablename__ = "inventory_refusal"

    file_id: Mapped[UUID] = mapped_column(primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(sa.String(200))


class StoredSample(Base):
    """A sample as the newest file that spoke of it has it. Its id is the inventory's own, not one of our codes."""

    __tablename__ = "stored_sample"
    __table_args__ = (
        one_of("status", SampleStatus),
        sa.Index("ix_stored_sample_match", "external_id", "test", "order_code"),
    )

    sample_id: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    parent_id: Mapped[str | None] = mapped_column(sa.String(80))
    confirmed_at: Mapped[datetime | None]
    external_id: Mapped[str] = mapped_column(sa.String(40))
    order_code: Mapped[str | None] = mapped_column(sa.String(40))
    test: Mapped[str] = mapped_column(sa.String(20))
    created_at: Mapped[datetime | None]
    status: Mapped[SampleStatus] = mapped_column(Word(SampleStatus))
    disposed_at: Mapped[datetime | None]
    family_id: Mapped[str | None] = mapped_column(sa.String(80))
    more: Mapped[str | None] = mapped_column(sa.Text)
    file_id: Mapped[UUID]


@append_only
class SampleChange(Base):
    """What a later file said otherwise of a sample: nothing that was known is blanked."""

    __tablename__ = "sample_change"

    id: Mapped[uuid_key]
    sample_id: Mapped[str] = mapped_column(sa.String(80), index=True)
    file_id: Mapped[UUID]
    row: Mapped[int]
    at: Mapped[datetime]
    before: Mapped[dict[str, Any]]
