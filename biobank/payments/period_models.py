"""The months of the books: open, locked, closed; what was signed, and every step with who took it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, Word, append_only, guarded, one_of, uuid_key
from biobank.payments.book_guards import PERIOD_KEPT, PERIOD_STEPS


class PeriodState(StrEnum):
    """Locked: nothing more is posted while figures are checked and signed. Closed: signed, and approved by another."""

    OPEN = "open"
    LOCKED = "locked"
    CLOSED = "closed"


class PeriodStep(StrEnum):
    """What was done to a month."""

    LOCKED = "locked"
    UNLOCKED = "unlocked"
    WAIVED = "waived"
    SIGNED = "signed"
    REFUSED = "refused"
    CLOSED = "closed"
    REOPENED = "reopened"


class Period(Base):
    """One month of the books, by its `code` such as 2026-11. Whoever closes it is another than who signed."""

    __tablename__ = "period"
    __table_args__ = (
        one_of("state", PeriodState),
        sa.CheckConstraint("opens_on <= closes_on", name="in_order"),
        sa.CheckConstraint("closed_by_id IS NULL OR closed_by_id <> signed_by_id", name="two_people"),
        sa.CheckConstraint(
            "state <> 'closed' OR (signed_by_id IS NOT NULL AND closed_by_id IS NOT NULL AND pack_sha256 IS NOT NULL)",
            name="closed_is_signed",
        ),
    )

    id: Mapped[uuid_key]
    code: Mapped[str] = mapped_column(sa.String(7), unique=True)
    opens_on: Mapped[date] = mapped_column(unique=True)
    closes_on: Mapped[date] = mapped_column(unique=True)
    state: Mapped[PeriodState] = mapped_column(Word(PeriodState))
    signed_by_id: Mapped[UUID | None]
    signed_by: Mapped[str | None] = mapped_column(sa.String(120))
    signed_at: Mapped[datetime | None]
    closed_by_id: Mapped[UUID | None]
    closed_by: Mapped[str | None] = mapped_column(sa.String(120))
    closed_at: Mapped[datetime | None]
    pack_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    version: Mapped[int] = mapped_column(default=1)


for guard in (PERIOD_KEPT, PERIOD_STEPS):
    guarded(Period.__table__, guard)  # type: ignore[arg-type]


@append_only
class PeriodEvent(Base):
    """One step of a month, with who took it and why; `item` is the point of the checklist that was waived."""

    __tablename__ = "period_event"
    __table_args__ = (one_of("step", PeriodStep),)

    id: Mapped[uuid_key]
    period_id: Mapped[UUID] = mapped_column(sa.ForeignKey("period.id"), index=True)
    step: Mapped[PeriodStep] = mapped_column(Word(PeriodStep))
    item: Mapped[str | None] = mapped_column(sa.String(40))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None]
    by: Mapped[str] = mapped_column(sa.String(120))
    note: Mapped[str] = mapped_column(sa.String(400))


@append_only
class PeriodPack(Base):
    """What was signed for a month: the figures themselves, and their SHA-256 (hex) as canonical JSON."""

    __tablename__ = "period_pack"

    id: Mapped[uuid_key]
    period_id: Mapped[UUID] = mapped_column(sa.ForeignKey("period.id"), index=True)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    content: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(sa.String(120))


@append_only
class BookCheck(Base):
    """One look at all equations; `differences` is how many did not hold, `content` what each came to, in cents."""

    __tablename__ = "book_check"

    id: Mapped[uuid_key]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(120))
    differences: Mapped[int]
    content: Mapped[list[Any]]


@append_only
class JournalExport(Base):
    """That a month's journal was given out, to which program; only a voided one is given out anew."""

    __tablename__ = "journal_export"

    id: Mapped[uuid_key]
    period_id: Mapped[UUID] = mapped_column(sa.ForeignKey("period.id"), index=True)
    target: Mapped[str] = mapped_column(sa.String(20))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    lines: Mapped[int]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(120))


@append_only
class JournalVoid(Base):
    """That an exported journal was taken back in the other program, and why."""

    __tablename__ = "journal_void"

    id: Mapped[uuid_key]
    export_id: Mapped[UUID] = mapped_column(sa.ForeignKey("journal_export.id"), unique=True)
    reason: Mapped[str] = mapped_column(sa.String(400))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(120))
