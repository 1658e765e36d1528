"""Boxes, shipments, what each shipment was said to hold, and every scan at the receiving bench."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from biobank.columns import Base, Word, append_only, one_of, uuid_key
from biobank.specimens.custody import ShipmentState
from biobank.specimens.entry import EnteredBy

CODE = 13


class ContainerState(StrEnum):
    """Whether tubes may still go in and out."""

    OPEN = "open"
    CLOSED = "closed"


class ContainerKind(StrEnum):
    """What tubes are packed into. A bag may lie in a box; the shipment is the outer parcel."""

    BAG = "bag"
    BOX = "box"


class Container(Base):
    """A bag or box that tubes are packed into; a tube is in one at most, by the one column that it has for it.

    A bag is in one box at most in the same way, and nothing lies in a bag but tubes.
    """

    __tablename__ = "container"
    __table_args__ = (
        one_of("state", ContainerState),
        one_of("kind", ContainerKind),
        sa.CheckConstraint("kind = 'bag' OR parent_id IS NULL", name="only_bags_lie_in_boxes"),
    )

    id: Mapped[uuid_key]
    code: Mapped[str] = mapped_column(sa.String(CODE), unique=True)
    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"), index=True)
    state: Mapped[ContainerState] = mapped_column(Word(ContainerState), default=ContainerState.OPEN)
    kind: Mapped[ContainerKind] = mapped_column(Word(ContainerKind), default=ContainerKind.BOX, server_default="box")
    parent_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("container.id"), index=True)
    shipment_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("shipment.id"), index=True)
    opened_at: Mapped[datetime]
    opened_by: Mapped[str] = mapped_column(sa.String(120))
    version: Mapped[int] = mapped_column(default=1)


# A tracking number may come round again once its parcel is done with.
_LIVE = sa.text("state NOT IN ('closed', 'closed_with_discrepancy', 'void', 'lost') AND tracking IS NOT NULL")


class Shipment(Base):
    """Boxes that travel together under one tracking number, with the list that was frozen when they left."""

    __tablename__ = "shipment"
    __table_args__ = (
        one_of("state", ShipmentState),
        sa.Index("uq_shipment_tracking_live", "tracking", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        # What is on its way or at the bench, without reading the lists of all that ever came.
        sa.Index("ix_shipment_state", "state", "handed_over_at"),
        # A clinic's newest, without sorting all that it ever sent.
        sa.Index("ix_shipment_site_id", "site_id", "id"),
    )

    id: Mapped[uuid_key]
    code: Mapped[str] = mapped_column(sa.String(CODE), unique=True)
    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"))
    state: Mapped[ShipmentState] = mapped_column(Word(ShipmentState), default=ShipmentState.DRAFT)
    tracking: Mapped[str | None] = mapped_column(sa.String(40))
    tracking_scan: Mapped[str | None] = mapped_column(sa.String(80))
    carrier: Mapped[str | None] = mapped_column(sa.String(12))
    expected_by: Mapped[datetime | None] = mapped_column(index=True)
    p650_by: Mapped[str | None] = mapped_column(sa.String(120))
    p650: Mapped[dict[str, Any] | None]
    # Long, and asked for by its own page alone: a scan at the bench reads the row twice.
    manifest: Mapped[str | None] = mapped_column(sa.Text, deferred=True)
    manifest_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]
    handed_over_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    temperature: Mapped[dict[str, Any] | None]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    boxes: Mapped[list[Container]] = relationship(order_by=Container.id)


class ItemState(StrEnum):
    """What became of one tube of a shipment."""

    EXPECTED = "expected"
    RECEIVED = "received"
    HELD = "held"
    MISSING = "missing"
    LATE_RECEIVED = "late_received"
    ELSEWHERE = "elsewhere"


class ShipmentItem(Base):
    """One line of a frozen list. `state` follows the tube's events and is set by the receiving scan alone."""

    __tablename__ = "shipment_item"
    __table_args__ = (one_of("state", ItemState), sa.Index("ix_shipment_item_tube", "tube_id"))

    shipment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("shipment.id"), primary_key=True)
    tube_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tube.id"), primary_key=True)
    container_id: Mapped[UUID] = mapped_column(sa.ForeignKey("container.id"), index=True)
    state: Mapped[ItemState] = mapped_column(Word(ItemState), default=ItemState.EXPECTED)


class ScanOutcome(StrEnum):
    """What a scan at the bench came to, with the two that open something."""

    OPENED = "OPENED"
    OK = "OK"
    AGAIN = "AGAIN"
    ELSEWHERE = "ELSEWHERE"
    EXTRA = "EXTRA"
    OTHER_SHIPMENT = "OTHER_SHIPMENT"
    LATE = "LATE"
    UNKNOWN = "UNKNOWN"
    WRONG_KIND = "WRONG_KIND"
    NOT_YET = "NOT_YET"
    HOLD = "HOLD"
    BAD_READ = "BAD_READ"
    COMMAND = "COMMAND"


@append_only
class ReceiptScan(Base):
    """One scan at the bench as it was read, and what it came to; saved at once, whatever the outcome.

    A scan that was kept in the page while the line was down has `scanned_at`, when it was made by the server's clock.
    """

    __tablename__ = "receipt_scan"
    __table_args__ = (
        one_of("outcome", ScanOutcome),
        one_of("entered_by", EnteredBy),
        sa.Index("ix_receipt_scan_actor_at", "actor_id", "at"),
        sa.Index("ix_receipt_scan_shipment_at", "shipment_id", "at"),
        sa.Index("ix_receipt_scan_at", "at"),
        sa.CheckConstraint("(scanned_at IS NULL) = (skew_ms IS NULL)", name="kept_scans_know_their_clock"),
    )

    id: Mapped[uuid_key]
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(sa.String(120))
    site_id: Mapped[UUID | None]
    raw: Mapped[str] = mapped_column(sa.String(200))
    code: Mapped[str | None] = mapped_column(sa.String(80))
    outcome: Mapped[ScanOutcome] = mapped_column(Word(ScanOutcome))
    message: Mapped[str] = mapped_column(sa.String(300))
    words: Mapped[dict[str, Any]]
    shipment_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("shipment.id"))
    scanned_at: Mapped[datetime | None]
    skew_ms: Mapped[int | None]
    device: Mapped[str | None] = mapped_column(sa.String(80))
    entered_by: Mapped[EnteredBy] = mapped_column(Word(EnteredBy), server_default=EnteredBy.UNKNOWN)
    object_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("found_object.id"), index=True)
    tube_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("tube.id"), index=True)
    event_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("custody_event.id"))
