"""The books: accounts, the append-only ledger, statements as they came, and what was matched."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from biobank.columns import Base, Word, append_only, guarded, one_of, uuid_key
from biobank.payments.book_guards import MATCH_KEPT, in_open_period
from biobank.payments.matching import MatchRule
from biobank.payments.references import LENGTH


class TransferKind(StrEnum):
    """Why money moved between accounts; `ledger.POSTINGS` says from which to which."""

    ACCRUAL = "accrual"
    DECLINED = "declined"
    REVOKED = "revoked"
    PAYMENT = "payment"
    FEE = "fee"
    REFUNDED = "refunded"
    FEE_BACK = "fee-back"
    TOPUP_SENT = "topup-sent"
    TOPUP_CREDITED = "topup-credited"
    TOPUP_REVERSED = "topup-reversed"
    CARD_GIVEN = "card-given"
    CASH_GIVEN = "cash-given"
    CARDS_BOUGHT = "cards-bought"
    FLOAT_FILLED = "float-filled"
    FLOAT_BANKED = "float-banked"
    ACH_RELEASED = "ach-released"
    ACH_DEBITED = "ach-debited"
    ACH_RETURNED = "ach-returned"
    ACH_CREDITED = "ach-credited"
    CARDS_SHORT = "cards-short"
    CARDS_OVER = "cards-over"
    FLOAT_SHORT = "float-short"
    FLOAT_OVER = "float-over"
    DORMANT = "dormant"
    ESCHEATED = "escheated"
    BANK_FEE = "bank-fee"
    SUSPENSE_OUT = "suspense-out"
    SUSPENSE_IN = "suspense-in"
    BANK_SUSPENSE_OUT = "bank-suspense-out"
    BANK_SUSPENSE_IN = "bank-suspense-in"
    SUSPENSE_LOSS = "suspense-loss"
    SUSPENSE_GAIN = "suspense-gain"
    REVERSAL = "reversal"


class Account(Base):
    """An account of the books, by its number."""

    __tablename__ = "account"

    code: Mapped[str] = mapped_column(sa.String(4), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60))


_HAS_REFERENCE = sa.text("reference IS NOT NULL")
_OF_NO_PAYMENT = sa.text("disbursement_id IS NULL")


@append_only
class Transfer(Base):
    """One movement between two accounts, in cents. `uid` is "{disbursement}:{kind}": each happens once.

    `source` says what it came from where that is no payment (a statement line, a count); `reference` is what the bank
    or provider will call it, for a payment its own; `site_id` belongs to cards and floats, which are kept by site.
    """

    __tablename__ = "transfer"
    __table_args__ = (
        one_of("kind", TransferKind),
        sa.CheckConstraint("amount_cents > 0", name="amount_positive"),
        sa.CheckConstraint("debit <> credit", name="two_accounts"),
        sa.CheckConstraint("disbursement_id IS NOT NULL OR source IS NOT NULL", name="has_a_source"),
        sa.CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reversal_of_one"),
        sa.Index("ix_transfer_credit_kind", "credit", "kind", "amount_cents"),
        sa.Index("ix_transfer_debit_kind", "debit", "kind", "amount_cents"),
        sa.Index("ix_transfer_day", "posted_on"),
        sa.Index("ix_transfer_between", "debit", "credit", "amount_cents"),
        sa.Index(
            "ix_transfer_named",
            "reference",
            "kind",
            "credit",
            "amount_cents",
            "disbursement_id",
            "id",
            sqlite_where=_HAS_REFERENCE,
            postgresql_where=_HAS_REFERENCE,
        ),
        sa.Index(
            "ix_transfer_no_payment",
            "credit",
            "debit",
            "kind",
            sqlite_where=_OF_NO_PAYMENT,
            postgresql_where=_OF_NO_PAYMENT,
        ),
    )

    id: Mapped[uuid_key]
    uid: Mapped[str] = mapped_column(sa.String(80), unique=True)
    kind: Mapped[TransferKind] = mapped_column(Word(TransferKind))
    debit: Mapped[str] = mapped_column(sa.ForeignKey("account.code"))
    credit: Mapped[str] = mapped_column(sa.ForeignKey("account.code"))
    amount_cents: Mapped[int]
    posted_on: Mapped[date]
    posted_at: Mapped[datetime]
    disbursement_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("disbursement.id"), index=True)
    source: Mapped[str | None] = mapped_column(sa.String(120))
    reference: Mapped[str | None] = mapped_column(sa.String(120))
    note: Mapped[str | None] = mapped_column(sa.String(400))
    site_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("site.id"))
    reverses_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("transfer.id"), unique=True)
    posted_by: Mapped[str | None] = mapped_column(sa.String(120))


guarded(Transfer.__table__, in_open_period("transfer", "NEW.posted_on", "INSERT"))  # type: ignore[arg-type]


class StatementForm(StrEnum):
    """The form a statement came in."""

    CSV = "csv"
    MAPPED_CSV = "mapped-csv"
    BAI2 = "bai2"
    CAMT053 = "camt053"
    OFX = "ofx"
    TREMENDOUS = "tremendous"
    ACH_RETURNS = "ach-returns"


class CsvMap(Base):
    """How one source writes its CSV: which column is what, how days and amounts are written. Changed by version."""

    __tablename__ = "csv_map"

    id: Mapped[uuid_key]
    name: Mapped[str] = mapped_column(sa.String(60), unique=True)
    columns: Mapped[dict[str, Any]]
    made_by: Mapped[str] = mapped_column(sa.String(120))
    made_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


@append_only
class StatementFile(Base):
    """One statement as it came, known by the SHA-256 (hex) of its bytes; balances in cents."""

    __tablename__ = "statement_file"
    __table_args__ = (one_of("form", StatementForm), sa.Index("ix_statement_file_account", "account", "closed_on"))

    id: Mapped[uuid_key]
    sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    account: Mapped[str] = mapped_column(sa.ForeignKey("account.code"))
    form: Mapped[StatementForm] = mapped_column(Word(StatementForm), server_default="csv")
    bank_account: Mapped[str | None] = mapped_column(sa.String(40))
    opened_on: Mapped[date]
    closed_on: Mapped[date]
    opening_cents: Mapped[int] = mapped_column(sa.BigInteger)
    closing_cents: Mapped[int] = mapped_column(sa.BigInteger)
    line_count: Mapped[int]
    new_count: Mapped[int]
    imported_at: Mapped[datetime]
    imported_by: Mapped[str] = mapped_column(sa.String(120))


@append_only
class StatementLine(Base):
    """One movement as the bank or provider has it; an overlapping file brings the same line once.

    `mentions` counts the payment references in it; `named` is the reference where there is one and no other.
    """

    __tablename__ = "statement_line"
    __table_args__ = (
        sa.UniqueConstraint("account", "line_key"),
        sa.Index("ix_statement_line_day", "account", "booked_on"),
        sa.Index("ix_statement_line_named", "account", "mentions", "named", "booked_on", "amount_cents", "id"),
        sa.Index("ix_statement_line_file", "file_id", "mentions", "named", "booked_on", "amount_cents", "id"),
    )

    id: Mapped[uuid_key]
    file_id: Mapped[UUID] = mapped_column(sa.ForeignKey("statement_file.id"))
    account: Mapped[str] = mapped_column(sa.ForeignKey("account.code"))
    line_key: Mapped[str] = mapped_column(sa.String(64))
    number: Mapped[int]
    booked_on: Mapped[date]
    text: Mapped[str] = mapped_column(sa.Text)
    reference: Mapped[str] = mapped_column(sa.Text)
    amount_cents: Mapped[int] = mapped_column(sa.BigInteger)
    occurrence: Mapped[int]
    return_code: Mapped[str | None] = mapped_column(sa.String(10))
    mentions: Mapped[int] = mapped_column(default=0, server_default="0")
    named: Mapped[str | None] = mapped_column(sa.String(LENGTH))

    file: Mapped[StatementFile] = relationship()


guarded(StatementLine.__table__, in_open_period("statement_line", "NEW.booked_on", "INSERT"))  # type: ignore[arg-type]


class MatchState(StrEnum):
    """A suggestion waits for a person; a match may be taken back, with a reason."""

    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    UNDONE = "undone"


_IS_ACTIVE = sa.text("state = 'confirmed'")


class ReconMatch(Base):
    """One statement line and one transfer that are the same money, and why.

    Of each one confirmed match at most. In a basket a line has many transfers, or a transfer many lines: the rows are
    joined by `basket_id`, and the one that stands many times is counted on (`line_part` or `transfer_part` 1, 2, 3...),
    so that the database still refuses a second match of it.
    """

    __tablename__ = "recon_match"
    __table_args__ = (
        one_of("state", MatchState),
        one_of("rule", MatchRule),
        sa.CheckConstraint("line_part >= 1 AND transfer_part >= 1", name="parts_counted"),
        sa.CheckConstraint("basket_id IS NOT NULL OR (line_part = 1 AND transfer_part = 1)", name="parts_of_baskets"),
        sa.Index("uq_recon_match_line", "line_id", "line_part", unique=True,
                 sqlite_where=_IS_ACTIVE, postgresql_where=_IS_ACTIVE),
        sa.Index("uq_recon_match_transfer", "transfer_id", "transfer_part", unique=True,
                 sqlite_where=_IS_ACTIVE, postgresql_where=_IS_ACTIVE),
        sa.Index("ix_recon_match_line", "line_id"),
        sa.Index("ix_recon_match_transfer", "transfer_id"),
        sa.Index("ix_recon_match_basket", "basket_id"),
    )  # fmt: skip

    id: Mapped[uuid_key]
    line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("statement_line.id"))
    transfer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("transfer.id"))
    state: Mapped[MatchState] = mapped_column(Word(MatchState))
    rule: Mapped[MatchRule] = mapped_column(Word(MatchRule))
    why: Mapped[str] = mapped_column(sa.String(300))
    basket_id: Mapped[UUID | None]
    line_part: Mapped[int] = mapped_column(default=1, server_default="1")
    transfer_part: Mapped[int] = mapped_column(default=1, server_default="1")
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(120))

    line: Mapped[StatementLine] = relationship()
    transfer: Mapped[Transfer] = relationship()


guarded(
    ReconMatch.__table__,  # type: ignore[arg-type]
    in_open_period("recon_match", "(SELECT booked_on FROM statement_line WHERE id = NEW.line_id)", "INSERT", "UPDATE"),
)
guarded(ReconMatch.__table__, MATCH_KEPT)  # type: ignore[arg-type]
