"""What a person must look into: kinds, whose it is, by when, what was said and done about it."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from biobank.columns import Base, Word, append_only, one_of, uuid_key
from biobank.payments.book_models import StatementLine


class ExceptionKind(StrEnum):
    """What a person must look into."""

    UNKNOWN_OUTCOME = "UNKNOWN_OUTCOME"
    FAILED = "FAILED"
    REF_COLLISION = "REF_COLLISION"
    AMOUNT_DIFF = "AMOUNT_DIFF"
    AMBIGUOUS = "AMBIGUOUS"
    CHARGED_TWICE = "CHARGED_TWICE"
    PAID_AFTER_ALL = "PAID_AFTER_ALL"
    PROVIDER_NOT_OURS = "PROVIDER_NOT_OURS"
    OURS_NOT_PROVIDER = "OURS_NOT_PROVIDER"
    DUPLICATE_PERSON_PAID = "DUPLICATE_PERSON_PAID"
    RETURNED = "RETURNED"
    DELIVERY_FAILED = "DELIVERY_FAILED"
    FLAGGED = "FLAGGED"
    STALE_CLEARING = "STALE_CLEARING"
    STOCK_COUNT_DIFF = "STOCK_COUNT_DIFF"
    FLOAT_DIFF = "FLOAT_DIFF"
    FEE_UNEXPECTED = "FEE_UNEXPECTED"
    STATEMENT_GAP = "STATEMENT_GAP"
    BOOKS_DIFFER = "BOOKS_DIFFER"


class ResolutionCode(StrEnum):
    """How a question ended. Those that move money wait for a second person."""

    EXPLAINED = "explained"
    CORRECTED = "corrected"
    BOOKED_FEE = "booked-fee"
    BOOKED_TOPUP = "booked-topup"
    BOOKED_SUSPENSE = "booked-suspense"
    BOOKED_REFUND = "booked-refund"
    WRITTEN_OFF = "written-off"


class ReconException(Base):
    """Something a person must look into, opened once for each payment or line, closed with a note."""

    __tablename__ = "recon_exception"
    __table_args__ = (
        one_of("kind", ExceptionKind),
        one_of("resolution_code", ResolutionCode),
        sa.UniqueConstraint("kind", "line_id"),
        sa.UniqueConstraint("kind", "disbursement_id"),
        sa.UniqueConstraint("kind", "file_id"),
        sa.UniqueConstraint("kind", "item"),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolution IS NULL) AND (resolved_at IS NULL) = (resolved_by IS NULL)",
            name="resolved_with_a_note",
        ),
        sa.Index("ix_recon_exception_line", "line_id"),
        sa.Index("ix_recon_exception_open", "resolved_at", "id"),
    )

    id: Mapped[uuid_key]
    kind: Mapped[ExceptionKind] = mapped_column(Word(ExceptionKind))
    disbursement_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("disbursement.id"))
    line_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("statement_line.id"))
    transfer_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("transfer.id"))
    file_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("statement_file.id"))
    item: Mapped[str | None] = mapped_column(sa.String(120))
    opened_at: Mapped[datetime]
    due_on: Mapped[date | None]
    owner_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("staff.id"))
    owner: Mapped[str | None] = mapped_column(sa.String(120))
    note: Mapped[str] = mapped_column(sa.String(400))
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(sa.String(120))
    resolution: Mapped[str | None] = mapped_column(sa.String(400))
    resolution_code: Mapped[ResolutionCode | None] = mapped_column(Word(ResolutionCode))
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    line: Mapped[StatementLine | None] = relationship()


@append_only
class ExceptionNote(Base):
    """What somebody found or did about a question, while it was open."""

    __tablename__ = "recon_exception_note"

    id: Mapped[uuid_key]
    exception_id: Mapped[UUID] = mapped_column(sa.ForeignKey("recon_exception.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(120))
    text: Mapped[str] = mapped_column(sa.String(400))
