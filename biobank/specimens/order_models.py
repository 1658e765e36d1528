"""Donors, and the collection orders that say which tubes one visit fills."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from biobank.columns import Base, Word, append_only, one_of, uuid_key

if TYPE_CHECKING:
    from biobank.specimens.models import Tube

CODE = 13


class OrderState(StrEnum):
    """How far a collection order has come."""

    CREATED = "created"
    LABELS_PRINTED = "labels_printed"
    COLLECTED = "collected"
    PROCESSED = "processed"
    FINALISED = "finalised"
    CANCELLED = "cancelled"


class OrderOutcome(StrEnum):
    """What came of a finalised order."""

    COLLECTED = "collected"
    ATTEMPTED = "attempted"


class OrderSort(StrEnum):
    """Which of the tubes an order is for."""

    FULL = "full"
    CUSTOM = "custom"
    BLOOD = "blood"
    URINE = "urine"
    SALIVA = "saliva"


class OrderStep(StrEnum):
    """What happened to an order after its sign-off."""

    AMENDED = "amended"
    CANCELLED = "cancelled"
    RESTORED = "restored"


class Donor(Base):
    """A participant as the biobank knows them: a code of its own, unrelated to the clinic's."""

    __tablename__ = "donor"

    id: Mapped[uuid_key]
    code: Mapped[str] = mapped_column(sa.String(CODE), unique=True)
    held: Mapped[bool] = mapped_column(default=False)
    held_at: Mapped[datetime | None]
    held_reason: Mapped[str | None] = mapped_column(sa.String(200))


class CollectionOrder(Base):
    """The tubes to be filled at one visit. It knows the donor, never the visit: only the vault joins the two."""

    __tablename__ = "collection_order"
    __table_args__ = (
        one_of("state", OrderState),
        one_of("outcome", OrderOutcome),
        one_of("sort", OrderSort),
        sa.Index("ix_collection_order_donor", "donor_id", "created_at"),
    )

    id: Mapped[uuid_key]
    code: Mapped[str] = mapped_column(sa.String(CODE), unique=True)
    donor_id: Mapped[UUID] = mapped_column(sa.ForeignKey("donor.id"))
    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"))
    station_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("station.id"))
    tube_set: Mapped[str] = mapped_column(sa.String(12))
    state: Mapped[OrderState] = mapped_column(Word(OrderState), default=OrderState.CREATED)
    answers: Mapped[dict[str, Any]]
    withheld: Mapped[str | None] = mapped_column(sa.String(40))
    sort: Mapped[OrderSort] = mapped_column(Word(OrderSort), default=OrderSort.FULL, server_default="full")
    kit: Mapped[str | None] = mapped_column(sa.String(12), unique=True)
    changed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(120))
    finalised_at: Mapped[datetime | None]
    outcome: Mapped[OrderOutcome | None] = mapped_column(Word(OrderOutcome))
    cancel_reason: Mapped[str | None] = mapped_column(sa.String(200))
    version: Mapped[int] = mapped_column(default=1)

    donor: Mapped[Donor] = relationship(lazy="joined")
    tubes: Mapped[list["Tube"]] = relationship(
        back_populates="order",
        order_by="Tube.position",
        lazy="selectin",
        cascade="save-update, merge",
        primaryjoin="and_(CollectionOrder.id == Tube.order_id, Tube.parent_id.is_(None))",
    )


@append_only
class OrderEvent(Base):
    """An order amended, cancelled or restored: who, when, by which coded reason. Nothing is overwritten."""

    __tablename__ = "order_event"
    __table_args__ = (one_of("step", OrderStep), sa.UniqueConstraint("order_id", "seq"))

    id: Mapped[uuid_key]
    order_id: Mapped[UUID] = mapped_column(sa.ForeignKey("collection_order.id"))
    seq: Mapped[int]
    step: Mapped[OrderStep] = mapped_column(Word(OrderStep))
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(sa.String(120))
    reason: Mapped[str] = mapped_column(sa.String(40))
    note: Mapped[str] = mapped_column(sa.String(200))
    detail: Mapped[dict[str, Any]]
