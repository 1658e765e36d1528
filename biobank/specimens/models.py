"""Donors, collection orders and tubes, and the append-only log of custody that says what happened to them."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from biobank.columns import Base, Word, append_only, one_of, uuid_key
from biobank.specimens.case_models import Case, CaseEvent, CaseState, CaseType, Resolution
from biobank.specimens.custody import Custodian, TubeStatus
from biobank.specimens.evidence_models import FoundObject, Photo, TemperatureLog
from biobank.specimens.inventory.models import InventoryFile, StoredSample
from biobank.specimens.order_models import (
    CollectionOrder,
    Donor,
    OrderEvent,
    OrderOutcome,
    OrderSort,
    OrderState,
    OrderStep,
)
from biobank.specimens.shipping_models import (
    Container,
    ContainerKind,
    ContainerState,
    ItemState,
    ReceiptScan,
    ScanOutcome,
    Shipment,
    ShipmentItem,
)
from biobank.specimens.sprec.models import SprecCode
from biobank.specimens.storage.models import PlaceKind, StoragePlace
from biobank.specimens.storage.volumes import Vessel
from biobank.specimens.supply_models import TubeSupply
from biobank.specimens.withdrawal.models import DestructionCertificate

CODE = 13

__all__ = [
    "ENDED",
    "UNDRAWN",
    "Case",
    "CaseEvent",
    "CaseState",
    "CaseType",
    "CollectionOrder",
    "Completeness",
    "Container",
    "ContainerKind",
    "ContainerState",
    "CustodyEvent",
    "CustodyNote",
    "DestructionCertificate",
    "Donor",
    "FoundObject",
    "InventoryFile",
    "ItemState",
    "NotCollectedReason",
    "OrderEvent",
    "OrderOutcome",
    "OrderSort",
    "OrderState",
    "OrderStep",
    "Photo",
    "PlaceKind",
    "ReceiptScan",
    "Resolution",
    "Rotor",
    "ScanOutcome",
    "Shipment",
    "ShipmentItem",
    "SprecCode",
    "StoragePlace",
    "StoredSample",
    "SubjectKind",
    "TemperatureLog",
    "TimeSource",
    "Tube",
    "TubeSupply",
    "Vessel",
]


# Orders that nothing more happens to, and tubes with nothing in them yet.
ENDED = frozenset({OrderState.FINALISED, OrderState.CANCELLED})
UNDRAWN = frozenset({TubeStatus.ORDERED, TubeStatus.LABEL_PRINTED, TubeStatus.LABELLED})


class NotCollectedReason(StrEnum):
    """Why a tube was not filled."""

    SHORT_DRAW = "short_draw"
    REFUSAL = "refusal"
    ATTEMPTED = "attempted"
    SUPPLY_UNAVAILABLE = "supply_unavailable"
    OTHER = "other"


class Rotor(StrEnum):
    """The head of a centrifuge; it decides the code of the product."""

    SWINGING = "swinging"
    FIXED = "fixed"


class Tube(Base):
    """One tube with a code of its own: one that was collected, or a derivative that was filled from it, its parent.

    The kind of a derivative is its origin's with a number, `1ED10-03`. A position of a box holds one tube at most.
    Everything below `labels` is a projection of its events; `log.rebuild` computes it anew.
    """

    __tablename__ = "tube"
    __table_args__ = (
        one_of("state", TubeStatus),
        one_of("custodian", Custodian),
        one_of("not_collected_reason", NotCollectedReason),
        one_of("rotor", Rotor),
        one_of("vessel", Vessel),
        sa.UniqueConstraint("order_id", "kind"),
        sa.CheckConstraint("(store_id IS NULL) = (slot IS NULL)", name="a_store_has_a_slot"),
        sa.Index(
            "uq_tube_position",
            "store_id",
            "slot",
            unique=True,
            sqlite_where=sa.text("slot IS NOT NULL"),
            postgresql_where=sa.text("slot IS NOT NULL"),
        ),
        sa.Index("ix_tube_state", "state", "collected_at"),
        sa.Index("ix_tube_collected_at", "collected_at"),
        sa.Index(
            "ix_tube_out_at",
            "out_at",
            sqlite_where=sa.text("out_at IS NOT NULL"),
            postgresql_where=sa.text("out_at IS NOT NULL"),
        ),
        # Of those in a container alone: what waits for one is found by its state, not among all that were ever stored.
        sa.Index(
            "ix_tube_container_id",
            "container_id",
            sqlite_where=sa.text("container_id IS NOT NULL"),
            postgresql_where=sa.text("container_id IS NOT NULL"),
        ),
    )

    id: Mapped[uuid_key]
    code: Mapped[str] = mapped_column(sa.String(CODE), unique=True)
    order_id: Mapped[UUID] = mapped_column(sa.ForeignKey("collection_order.id"))
    donor_id: Mapped[UUID] = mapped_column(sa.ForeignKey("donor.id"), index=True)
    parent_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("tube.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(12))
    position: Mapped[int]
    labels: Mapped[int] = mapped_column(default=1)
    planned: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))

    state: Mapped[TubeStatus] = mapped_column(Word(TubeStatus), default=TubeStatus.ORDERED)
    custodian: Mapped[Custodian] = mapped_column(Word(Custodian), default=Custodian.CLINIC)
    withdrawn: Mapped[bool] = mapped_column(default=False)
    back_to: Mapped[list[Any]] = mapped_column(default=list)
    seq: Mapped[int] = mapped_column(default=0)
    head: Mapped[str] = mapped_column(sa.String(64), default="")
    container_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("container.id"))
    applied_at: Mapped[datetime | None]
    collected_at: Mapped[datetime | None]
    processed_at: Mapped[datetime | None]
    product: Mapped[str | None] = mapped_column(sa.String(12))
    rotor: Mapped[Rotor | None] = mapped_column(Word(Rotor))
    spin_g: Mapped[int | None]
    spin_minutes: Mapped[int | None]
    spin_celsius: Mapped[Decimal | None]
    not_collected_reason: Mapped[NotCollectedReason | None] = mapped_column(Word(NotCollectedReason))
    place: Mapped[str | None] = mapped_column(sa.String(CODE))
    store_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("storage_place.id"))
    slot: Mapped[int | None]
    out_at: Mapped[datetime | None]
    material: Mapped[str | None] = mapped_column(sa.String(3))
    vessel: Mapped[Vessel | None] = mapped_column(Word(Vessel))
    volume_ul: Mapped[Decimal | None]
    taken_ul: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    thaws: Mapped[int] = mapped_column(default=0, server_default="0")

    order: Mapped[CollectionOrder] = relationship(back_populates="tubes", primaryjoin=CollectionOrder.id == order_id)

    @property
    def origin(self) -> str:
        """The kind of tube that was collected, whatever has been made of it since."""
        return self.kind.partition("-")[0]


class SubjectKind(StrEnum):
    """What an event of custody is about.

    An object is something found at the bench that no code tells apart; a place is a box in a freezer.
    """

    TUBE = "tube"
    BAG = "bag"
    BOX = "box"
    SHIPMENT = "shipment"
    OBJECT = "object"
    PLACE = "place"


class TimeSource(StrEnum):
    """Who said when it happened."""

    SERVER = "server"
    DEVICE = "device"
    ENTERED = "entered"


class Completeness(StrEnum):
    """How a tube is known to have been there: by its own scan, or by that of what it was in."""

    VERIFIED = "verified"
    INFERRED = "inferred"


@append_only
class CustodyEvent(Base):
    """One thing that happened to a tube, a bag, a box, a shipment or an object; never changed, never removed.

    The type carries its code of IHE Specimen Event Tracking. `skew_ms` is how far the clock of `device` was behind
    ours. What somebody wrote freely stands in a `CustodyNote`; the event holds its salted digest alone. `hash` is what
    a public log of all events would take as the content of its leaf.
    """

    __tablename__ = "custody_event"
    __table_args__ = (
        one_of("subject_kind", SubjectKind),
        one_of("from_custodian", Custodian),
        one_of("to_custodian", Custodian),
        one_of("time_source", TimeSource),
        one_of("completeness", Completeness),
        sa.UniqueConstraint("subject_kind", "subject_id", "seq"),
        sa.CheckConstraint("(type = 'error_declared') = (corrects IS NOT NULL)", name="an_error_names_its_event"),
        sa.Index("ix_custody_event_site", "site_id", "recorded_time"),
    )

    id: Mapped[uuid_key]
    subject_kind: Mapped[SubjectKind] = mapped_column(Word(SubjectKind))
    subject_id: Mapped[UUID]
    seq: Mapped[int]
    type: Mapped[str] = mapped_column(sa.String(40))
    set_code: Mapped[str | None] = mapped_column(sa.String(4))
    container_id: Mapped[UUID | None]
    from_custodian: Mapped[Custodian | None] = mapped_column(Word(Custodian))
    to_custodian: Mapped[Custodian | None] = mapped_column(Word(Custodian))
    actor_kind: Mapped[str] = mapped_column(sa.String(12))
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(sa.String(120))
    actor_role: Mapped[str | None] = mapped_column(sa.String(24))
    on_behalf_of: Mapped[str | None] = mapped_column(sa.String(60))
    signature: Mapped[str | None] = mapped_column(sa.String(60))
    event_time: Mapped[datetime]
    zone: Mapped[str] = mapped_column(sa.String(60))
    time_source: Mapped[TimeSource] = mapped_column(Word(TimeSource))
    skew_ms: Mapped[int | None]
    recorded_time: Mapped[datetime]
    device: Mapped[str | None] = mapped_column(sa.String(80))
    completeness: Mapped[Completeness | None] = mapped_column(Word(Completeness))
    site_id: Mapped[UUID | None]
    reason: Mapped[str | None] = mapped_column(sa.String(200))
    detail: Mapped[dict[str, Any]]
    raw_scan: Mapped[str | None] = mapped_column(sa.String(200))
    corrects: Mapped[UUID | None] = mapped_column(sa.ForeignKey("custody_event.id"), index=True)
    note_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    schema_version: Mapped[int] = mapped_column(default=1, server_default="1")
    prev_hash: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))


class CustodyNote(Base):
    """What somebody wrote freely about an event. It may be erased with its salt; the event's chain stays whole."""

    __tablename__ = "custody_note"

    event_id: Mapped[UUID] = mapped_column(sa.ForeignKey("custody_event.id"), primary_key=True)
    salt: Mapped[str] = mapped_column(sa.String(64))
    text: Mapped[str] = mapped_column(sa.String(1000))
