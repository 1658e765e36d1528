"""Payments by file: whose account or card, sealed; files whose bytes never change; each entry with its trace."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, Word, one_of, uuid_key

_IS_LIVE = sa.text("is_live")


class PayeeBank(Base):
    """The bank account that a payee wants to be paid to: sealed, with its last four to be compared."""

    __tablename__ = "payee_bank"

    payee_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payee.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(deferred=True)
    last4: Mapped[str] = mapped_column(sa.String(4))
    change_code: Mapped[str | None] = mapped_column(sa.String(3))
    noted_at: Mapped[datetime]
    noted_by: Mapped[str] = mapped_column(sa.String(120))


class LoadCard(Base):
    """The reloadable card that a payee was given: its number sealed, its keyed hash so that nobody else gets it."""

    __tablename__ = "load_card"

    payee_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payee.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(deferred=True)
    number_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    last4: Mapped[str] = mapped_column(sa.String(4))
    noted_at: Mapped[datetime]
    noted_by: Mapped[str] = mapped_column(sa.String(120))


class FileForm(StrEnum):
    """Whom a file is for."""

    BANK = "nacha"
    CARDS = "card-load"


class AchBatch(Base):
    """One file for the bank, or for a programme of cards.

    Its bytes are sealed and known by their SHA-256 (hex); a second person releases them.
    """

    __tablename__ = "ach_batch"
    __table_args__ = (
        one_of("form", FileForm),
        sa.UniqueConstraint("made_on", "modifier"),
        sa.CheckConstraint("released_by_id IS NULL OR released_by_id <> prepared_by_id", name="two_people"),
        sa.CheckConstraint("(released_at IS NULL) = (released_by_id IS NULL)", name="released_by_somebody"),
    )

    id: Mapped[uuid_key]
    sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    sealed: Mapped[bytes] = mapped_column(deferred=True)
    form: Mapped[FileForm] = mapped_column(Word(FileForm), server_default=FileForm.BANK)
    made_on: Mapped[date]
    modifier: Mapped[str] = mapped_column(sa.String(1))
    effective_on: Mapped[date]
    entries: Mapped[int]
    cents: Mapped[int]
    prepared_at: Mapped[datetime]
    prepared_by_id: Mapped[UUID]
    prepared_by: Mapped[str] = mapped_column(sa.String(120))
    released_at: Mapped[datetime | None]
    released_by_id: Mapped[UUID | None]
    released_by: Mapped[str | None] = mapped_column(sa.String(120))
    dropped_at: Mapped[datetime | None]


class AchEntry(Base):
    """One payment in a file, by its trace. In one live file at most; a file that was dropped sets its entries free."""

    __tablename__ = "ach_entry"
    __table_args__ = (
        sa.Index("uq_ach_entry_live", "disbursement_id", unique=True, sqlite_where=_IS_LIVE,
                 postgresql_where=_IS_LIVE),
    )  # fmt: skip

    id: Mapped[uuid_key]
    batch_id: Mapped[UUID] = mapped_column(sa.ForeignKey("ach_batch.id"), index=True)
    disbursement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("disbursement.id"))
    trace: Mapped[str] = mapped_column(sa.String(15), unique=True)
    cents: Mapped[int]
    is_live: Mapped[bool]
