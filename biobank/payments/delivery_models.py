"""How somebody wants to be paid by the provider, how each payment was then delivered, and what is asked about it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, Word, append_only, one_of, uuid_key
from biobank.payments.providers.base import Delivery


@append_only
class DeliveryChoice(Base):
    """What somebody wishes from now on; without a row, a link at the desk. The address itself stays in the vault."""

    __tablename__ = "delivery_choice"
    __table_args__ = (one_of("delivery", Delivery), sa.Index("ix_delivery_choice_payee", "payee_id", "id"))

    id: Mapped[uuid_key]
    payee_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payee.id"))
    delivery: Mapped[Delivery] = mapped_column(Word(Delivery))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(120))


@append_only
class DeliveryRoute(Base):
    """A payment that the provider delivers itself, fixed with its first try; one without a row goes by link."""

    __tablename__ = "delivery_route"
    __table_args__ = (
        one_of("delivery", Delivery),
        sa.CheckConstraint("delivery <> 'link'", name="link_needs_no_row"),
    )

    disbursement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("disbursement.id"), primary_key=True)
    delivery: Mapped[Delivery] = mapped_column(Word(Delivery))


class ErrandKind(StrEnum):
    """What the provider can be asked about a payment that did not arrive."""

    RESEND = "resend"
    CANCEL = "cancel"


_IS_OPEN = sa.text("done_at IS NULL")


class RewardErrand(Base):
    """Something the worker asks the provider to do about a sent payment; of each payment one at a time."""

    __tablename__ = "reward_errand"
    __table_args__ = (
        one_of("kind", ErrandKind),
        sa.CheckConstraint("(done_at IS NULL) = (came_of_it IS NULL)", name="done_with_an_answer"),
        sa.Index("uq_reward_errand_open", "disbursement_id", unique=True, sqlite_where=_IS_OPEN,
                 postgresql_where=_IS_OPEN),
        sa.Index("ix_reward_errand_due", "next_at", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        sa.Index("ix_reward_errand_disbursement", "disbursement_id"),
    )  # fmt: skip

    id: Mapped[uuid_key]
    disbursement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("disbursement.id"))
    kind: Mapped[ErrandKind] = mapped_column(Word(ErrandKind))
    note: Mapped[str] = mapped_column(sa.String(400))
    asked_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(sa.String(120))
    next_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    came_of_it: Mapped[str | None] = mapped_column(sa.String(600))
