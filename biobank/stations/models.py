"""A desk at a site: its credential and devices, the inbox of its readings."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from biobank.access.models import Site
from biobank.columns import Base, Word, one_of, uuid_key
from biobank.printing.models import Printer, PrinterLanguage
from biobank.stations.print_models import BatchState, PrintBatch, PrintJob, PrintState

__all__ = [
    "BatchState",
    "CaptureWindow",
    "InboxKind",
    "InboxReading",
    "InboxState",
    "PrintBatch",
    "PrintJob",
    "PrintState",
    "Printer",
    "PrinterLanguage",
    "Station",
]


class Station(Base):
    """A desk. `public_key` is its Ed25519 key in base64; `devices` is what its last heartbeat said of each.

    `clock_skew_ms` is the station's clock less ours, as its last heartbeat showed it.
    """

    __tablename__ = "station"
    __table_args__ = (sa.UniqueConstraint("site_id", "name"),)

    id: Mapped[uuid_key]
    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    public_key: Mapped[str] = mapped_column(sa.String(44), unique=True)
    active: Mapped[bool] = mapped_column(default=True)
    added_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
    clock_skew_ms: Mapped[int | None] = mapped_column(sa.BigInteger)
    spooled: Mapped[int] = mapped_column(default=0)
    devices: Mapped[list[Any]] = mapped_column(default=list)
    # What is plugged in, which of it is being listened to, and what was heard there: each as last told.
    ports: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    listening: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    heard: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")

    site: Mapped[Site] = relationship(lazy="joined", innerjoin=True)
    printers: Mapped[list[Printer]] = relationship(lazy="selectin", order_by=Printer.name)


class CaptureWindow(Base):
    """From when to when what is measured at a station belongs to one visit; one is open at a station at a time."""

    __tablename__ = "capture_window"
    __table_args__ = (
        sa.Index("ux_capture_window_open", "station_id", unique=True,
                 sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL")),
    )  # fmt: skip

    id: Mapped[uuid_key]
    station_id: Mapped[UUID] = mapped_column(sa.ForeignKey("station.id"))
    # Visits stand above stations: the visit is known here by its id alone.
    visit_id: Mapped[UUID] = mapped_column(index=True)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class QuarantinedVisit(Base):
    """A visit whose readings nobody may use any more: what is still on its way from a desk is kept, refused."""

    __tablename__ = "quarantined_visit"

    visit_id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    at: Mapped[datetime]


class InboxKind(StrEnum):
    READING = "reading"
    SCAN = "scan"


class InboxState(StrEnum):
    """Whose a reading is: nobody's yet, a visit's, or refused by the visit's record."""

    UNCLAIMED = "unclaimed"
    CLAIMED = "claimed"
    REFUSED = "refused"


class InboxReading(Base):
    """What a device said, as the station sent it, numbered by the station so that a resend is known.

    `captured_at` is the station's clock; `happened_at` is the same moment on ours. `raw` is hex.
    """

    __tablename__ = "inbox_reading"
    __table_args__ = (
        sa.UniqueConstraint("station_id", "seq"),
        one_of("kind", InboxKind),
        one_of("state", InboxState),
        sa.CheckConstraint("(state = 'claimed') = (visit_id IS NOT NULL)", name="claimed_by_a_visit"),
    )

    id: Mapped[uuid_key]
    station_id: Mapped[UUID] = mapped_column(sa.ForeignKey("station.id"))
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    device: Mapped[str] = mapped_column(sa.String(60))
    protocol: Mapped[str] = mapped_column(sa.String(40))
    kind: Mapped[InboxKind] = mapped_column(Word(InboxKind))
    captured_at: Mapped[datetime]
    happened_at: Mapped[datetime]
    received_at: Mapped[datetime]
    device_time: Mapped[str | None] = mapped_column(sa.String(40))
    measures: Mapped[list[Any]]
    stable: Mapped[bool | None]
    flags: Mapped[list[Any]]
    raw: Mapped[str] = mapped_column(sa.String(8192))
    repeat: Mapped[int]
    text: Mapped[str | None] = mapped_column(sa.String(200))
    content_sha256: Mapped[str] = mapped_column(sa.String(64))
    state: Mapped[InboxState] = mapped_column(Word(InboxState), default=InboxState.UNCLAIMED)
    visit_id: Mapped[UUID | None]
    refusal: Mapped[str | None] = mapped_column(sa.String(400))
