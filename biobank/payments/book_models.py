"""The books: accounts, the append-only ledger, statements as they came, and what was matched or is in question."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from biobank.columns import Base, Word, append_only, one_of, uuid_key
from biobank.payments.matching import MatchRule


class TransferKind(StrEnum):
    """Why money moved between accounts."""

    ACCRUAL = "accrual"
    PAYMENT = "payment"
    FEE = "fee"
    DECLINED = "declined"


class Account(Base):
    """An account of the books, by its number."""

    __tablename__ = "account"

    code: Mapped[str] = mapped_column(sa.String(4), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60))


@append_only
class Transfer(Base):
    """One movement between two accounts, in cents. `uid` is "{disbursement}:{kind}": each happens once."""

    __tablename__ = "transfer"
    __table_args__ = (
        one_of("kind", TransferKind),
        sa.CheckConstraint("amount_cents > 0", name="amount_positive"),
        sa.CheckConstraint("debit <> credit", name="two_accounts"),
        sa.Index("ix_transfer_credit_kind", "credit", "kind"),
    )

    id: Mapped[uuid_key]
    uid: Mapped[str] = mapped_column(sa.String(80), unique=True)
    kind: Mapped[TransferKind] = mapped_column(Word(TransferKind))
    debit: Mapped[str] = mapped_column(sa.ForeignKey("account.code"))
    credit: Mapped[str] = mapped_column(sa.ForeignKey("account.code"))
    amount_cents: Mapped[int]
    posted_on: Mapped[date]
    posted_at: Mapped[datetime]
    disbursement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("disbursement.id"), index=True)


class StatementFile(Base):
    """One statement as it came, known by the SHA-256 (hex) of its bytes; balances in cents."""

    __tablename__ = "statement_file"

    id: Mapped[uuid_key]
    sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    account: Mapped[str] = mapped_column(sa.ForeignKey("account.code"))
    opened_on: Mapped[date]
    closed_on: Mapped[date]
    opening_cents: Mapped[int] = mapped_column(sa.BigInteger)
    closing_cents: Mapped[int] = mapped_column(sa.BigInteger)
    line_count: Mapped[int]
    new_count: Mapped[int]
    imported_at: Mapped[datetime]
    imported_by: Mapped[str] = mapped_column(sa.String(120))


class StatementLine(Base):
    """One movement as the bank or provider has it; an overlapping file brings the same line once."""

    __tablename__ = "statement_line"
    __table_args__ = (sa.UniqueConstraint("account", "line_key"),)

    id: Mapped[uuid_key]
    file_id: Mapped[UUID] = mapped_column(sa.ForeignKey("statement_file.id"), index=True)
    account: Mapped[str] = mapped_column(sa.ForeignKey("account.code"))
    line_key: Mapped[str] = mapped_column(sa.String(64))
    number: Mapped[int]
    booked_on: Mapped[date]
    text: Mapped[str] = mapped_column(sa.Text)
    reference: Mapped[str] = mapped_column(sa.Text)
    amount_cents: Mapped[int] = mapped_column(sa.BigInteger)
    occurrence: Mapped[int]

    file: Mapped[StatementFile] = relationship()


class MatchState(StrEnum):
    """A suggestion waits for a person; a match may be taken back, with a reason."""

    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    UNDONE = "undone"


_IS_ACTIVE = sa.text("state = 'confirmed'")


class ReconMatch(Base):
    """One statement line and one transfer that are the same money, and why; of each, one confirmed match at most."""

    __tablename__ = "recon_match"
    __table_args__ = (
        one_of("state", MatchState),
        one_of("rule", MatchRule),
        sa.Index("uq_recon_match_line", "line_id", unique=True, sqlite_where=_IS_ACTIVE, postgresql_where=_IS_ACTIVE),
        sa.Index("uq_recon_match_transfer", "transfer_id", unique=True,
                 sqlite_where=_IS_ACTIVE, postgresql_where=_IS_ACTIVE),
        sa.Index("ix_recon_match_line", "line_id"),
    )  # fmt: skip

    id: Mapped[uuid_key]
    line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("statement_line.id"))
    transfer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("transfer.id"))
    state: Mapped[MatchState] = mapped_column(Word(MatchState))
    rule: Mapped[MatchRule] = mapped_column(Word(MatchRule))
    why: Mapped[str] = mapped_column(sa.String(300))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(120))

    line: Mapped[StatementLine] = relationship()
    transfer: Mapped[Transfer] = relationship()


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
    STATEMENT_GAP = "STATEMENT_GAP"


class ReconException(Base):
    """Something a person must look into, opened once for each payment or line, closed with a note."""

    __tablename__ = "recon_exception"
    __table_args__ = (
        one_of("kind", ExceptionKind),
        sa.UniqueConstraint("kind", "line_id"),
        sa.UniqueConstraint("kind", "disbursement_id"),
        sa.UniqueConstraint("kind", "file_id"),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolution IS NULL) AND (resolved_at IS NULL) = (resolved_by IS NULL)",
            name="resolved_with_a_note",
        ),
    )

    id: Mapped[uuid_key]
    kind: Mapped[ExceptionKind] = mapped_column(Word(ExceptionKind))
    disbursement_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("disbursement.id"))
    line_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("statement_line.id"))
    transfer_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("transfer.id"))
    file_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("statement_file.id"))
    opened_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(sa.String(400))
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(sa.String(120))
    resolution: Mapped[str | None] = mapped_column(sa.String(400))

    line: Mapped[StatementLine | None] = relationship()
