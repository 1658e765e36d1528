"""The seals over the append-only tables, and the alarms that the programme itself raises."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, Word, append_only, one_of, uuid_key


@append_only
class AuditSeal(Base):
    """A sealed batch of rows; see `chain.Seal`. Numbered without gaps by one sequencer."""

    __tablename__ = "audit_seal"
    __table_args__ = (
        sa.CheckConstraint("number >= 1", name="number_positive"),
        sa.Index("ix_audit_seal_high", "table_name", "high"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    epoch: Mapped[int]
    at: Mapped[datetime]
    table_name: Mapped[str] = mapped_column(sa.String(63))
    columns: Mapped[str] = mapped_column(sa.Text)
    count: Mapped[int]
    low: Mapped[UUID]
    high: Mapped[UUID]
    members: Mapped[bytes] = mapped_column(sa.LargeBinary)
    digest: Mapped[str] = mapped_column(sa.String(64))
    note: Mapped[str] = mapped_column(sa.String(300))
    previous: Mapped[str] = mapped_column(sa.String(64), unique=True)
    key: Mapped[str] = mapped_column(sa.String(16))
    link: Mapped[str] = mapped_column(sa.String(64), unique=True)
    signature: Mapped[bytes] = mapped_column(sa.LargeBinary(64))


class AlarmKind(StrEnum):
    """What the programme noticed about its own logs."""

    SEAL_BROKEN = "seal-broken"
    SEAL_LATE = "seal-late"


@append_only
class AuditAlarm(Base):
    """Something wrong with the logs themselves, told once for each kind and stretch of time."""

    __tablename__ = "audit_alarm"
    __table_args__ = (one_of("kind", AlarmKind), sa.UniqueConstraint("kind", "stretch"))

    id: Mapped[uuid_key]
    at: Mapped[datetime]
    kind: Mapped[AlarmKind] = mapped_column(Word(AlarmKind))
    stretch: Mapped[str] = mapped_column(sa.String(40))
    detail: Mapped[str] = mapped_column(sa.String(300))
