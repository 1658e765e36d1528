"""Who is paid, what for, and every attempt to pay: the rows that make a second payment impossible."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from biobank.access.models import Site
from biobank.columns import Base, Word, append_only, guarded, one_of, uuid_key
from biobank.payments.ach_models import AchBatch, AchEntry, LoadCard, PayeeBank
from biobank.payments.book_models import (
    Account,
    CsvMap,
    MatchState,
    ReconMatch,
    StatementFile,
    StatementForm,
    StatementLine,
    Transfer,
    TransferKind,
)
from biobank.payments.cap_models import CapChange, CapKind, PayTally
from biobank.payments.cash_models import CardItem, CardState, Count, Counted, FloatMove, FloatMoveKind, Means, SiteMeans
from biobank.payments.delivery_models import DeliveryChoice, DeliveryRoute, ErrandKind, RewardErrand
from biobank.payments.gate_models import GateEvent, GateStep, Hint, ProviderGate, ProviderStop, StopReason
from biobank.payments.period_models import (
    BookCheck,
    JournalExport,
    JournalVoid,
    Period,
    PeriodEvent,
    PeriodPack,
    PeriodState,
    PeriodStep,
)
from biobank.payments.providers.base import OutcomeKind
from biobank.payments.question_models import ExceptionKind, ExceptionNote, ReconException, ResolutionCode
from biobank.payments.sum_models import COUNTED, KeptSum, Topic, kept
from biobank.payments.view_models import SavedView

__all__ = [
    "DECIDED", "Account", "AchBatch", "AchEntry", "BookCheck", "CallPurpose", "CapChange", "CapKind", "CardItem",
    "CardState", "Count", "Counted", "CsvMap", "Decision", "DeliveryChoice", "DeliveryRoute", "Disbursement",
    "DisbursementEvent", "Entitlement", "ErrandKind", "ExceptionKind", "ExceptionNote", "FloatMove", "FloatMoveKind",
    "GateEvent", "GateStep", "Hint", "HoldReason", "JournalExport", "JournalVoid", "KeptSum", "LoadCard", "MatchState",
    "Means", "PayScheme", "PayTally", "Payee", "PayeeBank", "Period", "PeriodEvent", "PeriodPack", "PeriodState",
    "PeriodStep", "ProviderCall", "ProviderGate", "ProviderStop", "ReconException", "ReconMatch", "ResolutionCode",
    "RewardErrand", "SavedView", "SiteMeans", "State", "StatementFile", "StatementForm", "StatementLine", "StopReason",
    "Topic", "Transfer", "TransferKind",
]  # fmt: skip


class Decision(StrEnum):
    """Whether the payment is owed. The first three use the slot up: a person is asked about it once.

    DUPLICATE belongs to a registration whose person is paid as another one; INELIGIBLE and REVOKED leave the slot open,
    so that a later visit can still earn it.
    """

    ELIGIBLE = "eligible"
    DECLINED = "declined"
    DUPLICATE = "duplicate"
    INELIGIBLE = "ineligible"
    REVOKED = "revoked"


class State(StrEnum):
    """Where one attempt to pay stands. All but the dead ones count as live, also settled and unknown."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    SETTLED = "settled"
    FAILED = "failed"
    RETURNED = "returned"
    HELD = "held"
    VOIDED = "voided"
    RESERVED = "reserved"


class HoldReason(StrEnum):
    """Why an attempt waits for a person."""

    BY_FINANCE = "by-finance"
    PAY_AGAIN = "pay-again"
    CAP = "cap"


class CallPurpose(StrEnum):
    """What a call asked of the provider."""

    SUBMIT = "submit"
    LOOKUP = "lookup"


DECIDED = (Decision.ELIGIBLE, Decision.DECLINED, Decision.DUPLICATE)
_IS_DECIDED = sa.text("decision IN ('eligible', 'declined', 'duplicate')")
# The last two are reached by returns and expiries once a provider reports them; they must not block a new attempt.
_IS_LIVE = sa.text("state NOT IN ('failed', 'voided', 'returned', 'expired')")


class Payee(Base):
    """Somebody who can be paid, known to finance by an F code alone."""

    __tablename__ = "payee"

    id: Mapped[uuid_key]
    code: Mapped[str] = mapped_column(sa.String(13), unique=True)


class PayScheme(Base):
    """What is paid, for what. Another amount is another version, never a change of this one."""

    __tablename__ = "pay_scheme"
    __table_args__ = (
        sa.UniqueConstraint("code", "version"),
        sa.UniqueConstraint("id", "code"),
        sa.UniqueConstraint("id", "amount_cents"),
        sa.CheckConstraint("amount_cents > 0", name="amount_positive"),
    )

    id: Mapped[uuid_key]
    code: Mapped[str] = mapped_column(sa.String(20))
    version: Mapped[int]
    amount_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(sa.String(3))


class Entitlement(Base):
    """That somebody earned a payment, or wished none: once in a lifetime for each scheme, whatever its version."""

    __tablename__ = "entitlement"
    __table_args__ = (
        one_of("decision", Decision),
        sa.ForeignKeyConstraint(["scheme_id", "scheme_code"], ["pay_scheme.id", "pay_scheme.code"]),
        sa.UniqueConstraint("id", "scheme_id"),
        sa.Index(
            "uq_entitlement_once", "payee_id", "scheme_code", unique=True,
            sqlite_where=_IS_DECIDED, postgresql_where=_IS_DECIDED,
        ),
        sa.Index("ix_entitlement_payee", "payee_id"),
        sa.Index("ix_entitlement_earned", "earned_at", "site_id"),
        sa.Index("ix_entitlement_decided", "decision", "scheme_id"),
    )  # fmt: skip

    id: Mapped[uuid_key]
    payee_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payee.id"))
    scheme_id: Mapped[UUID]
    scheme_code: Mapped[str] = mapped_column(sa.String(20))
    decision: Mapped[Decision] = mapped_column(Word(Decision))
    earned_at: Mapped[datetime]
    decided_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(sa.String(120))
    decided_by_id: Mapped[UUID | None]
    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"))
    reasons: Mapped[list[Any]]
    policy_version: Mapped[int | None]

    payee: Mapped[Payee] = relationship(lazy="joined")
    site: Mapped[Site] = relationship(lazy="joined")
    disbursements: Mapped[list["Disbursement"]] = relationship(
        viewonly=True, order_by="Disbursement.seq", primaryjoin="Entitlement.id == Disbursement.entitlement_id"
    )


class Disbursement(Base):
    """One attempt to pay, with one key for ever; the row is also the worker's job. `sealed_link` is bearer money."""

    __tablename__ = "disbursement"
    __table_args__ = (
        one_of("state", State),
        one_of("hold_reason", HoldReason),
        sa.ForeignKeyConstraint(["entitlement_id", "scheme_id"], ["entitlement.id", "entitlement.scheme_id"]),
        sa.ForeignKeyConstraint(["scheme_id", "amount_cents"], ["pay_scheme.id", "pay_scheme.amount_cents"]),
        sa.UniqueConstraint("entitlement_id", "seq"),
        sa.UniqueConstraint("provider", "provider_ref"),
        sa.Index("uq_disbursement_live", "entitlement_id", unique=True,
                 sqlite_where=_IS_LIVE, postgresql_where=_IS_LIVE),
        sa.Index("ix_disbursement_due", "state", "next_at"),
        # A list of one state goes from the newest on, however many there are.
        sa.Index("ix_disbursement_listed", "state", "id"),
        # By what the provider calls it, which its webhooks and its statements do.
        sa.Index("ix_disbursement_order", "provider_ref"),
        # How long those of a state have waited.
        sa.Index("ix_disbursement_aged", "state", "created_at", "id"),
        sa.Index("ix_disbursement_reward", "reward_ref"),
        sa.CheckConstraint("(seq = 1) = (replaces_id IS NULL)", name="first_replaces_none"),
        sa.CheckConstraint("state <> 'sending' OR lease_token IS NOT NULL", name="sending_is_leased"),
        sa.CheckConstraint("state NOT IN ('sent', 'settled') OR provider_ref IS NOT NULL", name="sent_has_proof"),
        sa.CheckConstraint("(state = 'held') = (hold_reason IS NOT NULL)", name="held_for_a_reason"),
        sa.CheckConstraint("approved_by_id IS NULL OR approved_by_id <> requested_by_id", name="two_people"),
    )  # fmt: skip

    id: Mapped[uuid_key]
    entitlement_id: Mapped[UUID]
    scheme_id: Mapped[UUID]
    seq: Mapped[int]
    replaces_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("disbursement.id"), unique=True)
    external_id: Mapped[str] = mapped_column(sa.String(100), unique=True)
    amount_cents: Mapped[int]
    state: Mapped[State] = mapped_column(Word(State))
    hold_reason: Mapped[HoldReason | None] = mapped_column(Word(HoldReason))
    requested_by_id: Mapped[UUID | None]
    approved_by_id: Mapped[UUID | None]
    provider: Mapped[str | None] = mapped_column(sa.String(40))
    provider_ref: Mapped[str | None] = mapped_column(sa.String(200))
    reward_ref: Mapped[str | None] = mapped_column(sa.String(200))
    sealed_link: Mapped[bytes | None] = mapped_column(deferred=True)
    lease_token: Mapped[str | None] = mapped_column(sa.String(43))
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    entitlement: Mapped[Entitlement] = relationship(
        lazy="joined", viewonly=True, primaryjoin="Entitlement.id == Disbursement.entitlement_id"
    )


@append_only
class DisbursementEvent(Base):
    """One step of one attempt, with who or what took it. `attempt` counts the calls to the provider begun so far."""

    __tablename__ = "disbursement_event"

    id: Mapped[uuid_key]
    disbursement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("disbursement.id"), index=True)
    at: Mapped[datetime]
    came_from: Mapped[State | None] = mapped_column(Word(State))
    state: Mapped[State] = mapped_column(Word(State))
    attempt: Mapped[int]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(sa.String(120))
    note: Mapped[str] = mapped_column(sa.String(400))


@append_only
class ProviderCall(Base):
    """What one call to the provider told us. An attempt without its call was cut off: it may have paid."""

    __tablename__ = "provider_call"
    __table_args__ = (
        one_of("purpose", CallPurpose),
        one_of("outcome", OutcomeKind),
        sa.UniqueConstraint("disbursement_id", "attempt", "purpose"),
    )

    id: Mapped[uuid_key]
    disbursement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("disbursement.id"))
    attempt: Mapped[int]
    purpose: Mapped[CallPurpose] = mapped_column(Word(CallPurpose))
    at: Mapped[datetime]
    outcome: Mapped[OutcomeKind] = mapped_column(Word(OutcomeKind))
    http_status: Mapped[int | None]
    provider_ref: Mapped[str | None] = mapped_column(sa.String(200))
    status: Mapped[str | None] = mapped_column(sa.String(200))
    amount_cents: Mapped[int | None]
    detail: Mapped[str] = mapped_column(sa.String(600))
    raw_hash: Mapped[str | None] = mapped_column(sa.String(64))


for _counted in COUNTED:
    guarded(Base.metadata.tables[_counted.table], kept(_counted))
