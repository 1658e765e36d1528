"""What holds a provider back, in the database so that all workers share it: its rate, its breaker, a person's hold."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, Word, append_only, one_of, uuid_key


class StopReason(StrEnum):
    """Why nothing is sent to a provider for now."""

    NO_FUNDS = "no-funds"
    REFUSED = "refused"


class ProviderStop(Base):
    """A provider that nothing is sent to until it answers that it will pay again."""

    __tablename__ = "provider_stop"
    __table_args__ = (one_of("reason", StopReason),)

    provider: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    reason: Mapped[StopReason] = mapped_column(Word(StopReason))
    needed_cents: Mapped[int]
    since: Mapped[datetime]
    next_at: Mapped[datetime]
    detail: Mapped[str] = mapped_column(sa.String(600))


class ProviderGate(Base):
    """One provider's gate. `free_at` is when the next call may go by its rate, `quiet_until` by its own word or ours.

    `recent` holds the last 20 calls, `x` for each without a usable answer. `openings` is more than 0 while the
    breaker is open: one call is let through after the pause, and the pause doubles when that one fails too.
    """

    __tablename__ = "provider_gate"
    __table_args__ = (
        sa.CheckConstraint("(held_since IS NULL) = (held_reason IS NULL)", name="held_for_a_reason"),
        sa.CheckConstraint("openings >= 0", name="openings_not_negative"),
    )

    provider: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    free_at: Mapped[datetime]
    quiet_until: Mapped[datetime | None]
    recent: Mapped[str] = mapped_column(sa.String(20))
    openings: Mapped[int]
    held_since: Mapped[datetime | None]
    held_by: Mapped[str | None] = mapped_column(sa.String(120))
    held_reason: Mapped[str | None] = mapped_column(sa.String(400))
    swept_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class GateStep(StrEnum):
    """What happened at a provider's gate."""

    HELD = "held"
    RESUMED = "resumed"
    STOPPED = "stopped"
    GOES_ON = "goes-on"
    BREAKER_OPENED = "breaker-opened"
    BREAKER_CLOSED = "breaker-closed"
    SWEPT = "swept"


@append_only
class GateEvent(Base):
    """One thing that happened at a provider's gate, with who or what did it."""

    __tablename__ = "provider_gate_event"
    __table_args__ = (one_of("step", GateStep), sa.Index("ix_provider_gate_event_provider", "provider", "id"))

    id: Mapped[uuid_key]
    provider: Mapped[str] = mapped_column(sa.String(40))
    at: Mapped[datetime]
    step: Mapped[GateStep] = mapped_column(Word(GateStep))
    actor_name: Mapped[str] = mapped_column(sa.String(120))
    note: Mapped[str] = mapped_column(sa.String(400))


class Hint(Base):
    """A webhook that a provider sent and signed: it says only that it is worth asking; known by the provider's uuid."""

    __tablename__ = "webhook_inbox"
    __table_args__ = (
        sa.UniqueConstraint("provider", "event_uuid"),
        sa.Index("ix_webhook_inbox_open", "provider", "done_at", "next_at"),
    )

    id: Mapped[uuid_key]
    provider: Mapped[str] = mapped_column(sa.String(40))
    event_uuid: Mapped[str] = mapped_column(sa.String(100))
    event: Mapped[str] = mapped_column(sa.String(100))
    resource_type: Mapped[str] = mapped_column(sa.String(40))
    resource_ref: Mapped[str] = mapped_column(sa.String(200))
    raw_hash: Mapped[str] = mapped_column(sa.String(64))
    received_at: Mapped[datetime]
    next_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    came_of_it: Mapped[str | None] = mapped_column(sa.String(200))
