"""What a site pays with by hand: gift cards by their serial, the float, and every count of either by two people."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, Word, append_only, one_of, uuid_key


class Means(StrEnum):
    """How a site pays: by the provider's link, by hand, or by a file to the bank or to a programme of cards."""

    LINK = "link"
    CASH = "site-cash"
    CARD = "site-card"
    BANK = "nacha"
    LOAD = "card-load"


@append_only
class SiteMeans(Base):
    """How a site pays from now on; a site without a row pays by link."""

    __tablename__ = "site_means"
    __table_args__ = (one_of("means", Means), sa.Index("ix_site_means_site", "site_id", "id"))

    id: Mapped[uuid_key]
    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"))
    means: Mapped[Means] = mapped_column(Word(Means))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(120))


class CardState(StrEnum):
    """Where a card is."""

    IN_STOCK = "in-stock"
    RESERVED = "reserved"
    GIVEN = "given"
    MISSING = "missing"


class CardItem(Base):
    """One gift card, known by brand and a keyed hash of its serial; `last4` is what people compare."""

    __tablename__ = "card_item"
    __table_args__ = (
        one_of("state", CardState),
        sa.UniqueConstraint("brand", "serial_hash"),
        sa.CheckConstraint("face_cents > 0", name="face_positive"),
        sa.CheckConstraint("(state IN ('reserved', 'given')) = (disbursement_id IS NOT NULL)", name="held_by_one"),
        sa.CheckConstraint("brought_by_id <> taken_by_id", name="two_people"),
        sa.Index("ix_card_item_site", "site_id", "state"),
    )

    id: Mapped[uuid_key]
    brand: Mapped[str] = mapped_column(sa.String(40))
    serial_hash: Mapped[str] = mapped_column(sa.String(64))
    last4: Mapped[str] = mapped_column(sa.String(4))
    face_cents: Mapped[int]
    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"))
    state: Mapped[CardState] = mapped_column(Word(CardState))
    disbursement_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("disbursement.id"), unique=True)
    brought_by_id: Mapped[UUID]
    taken_by_id: Mapped[UUID]
    at: Mapped[datetime]


class FloatMoveKind(StrEnum):
    """Why cash came into a site's float or left it."""

    FILLED = "filled"
    GIVEN = "given"
    BANKED = "banked"
    SHORT = "short"
    OVER = "over"


@append_only
class FloatMove(Base):
    """One movement of a site's cash, in cents (out is negative), signed by two people."""

    __tablename__ = "float_move"
    __table_args__ = (
        one_of("kind", FloatMoveKind),
        sa.CheckConstraint("cents <> 0", name="moves_something"),
        sa.CheckConstraint("(kind = 'given') = (disbursement_id IS NOT NULL)", name="given_for_a_payment"),
        sa.CheckConstraint("first_id <> second_id", name="two_people"),
        sa.Index("ix_float_move_site", "site_id"),
    )

    id: Mapped[uuid_key]
    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"))
    kind: Mapped[FloatMoveKind] = mapped_column(Word(FloatMoveKind))
    cents: Mapped[int]
    disbursement_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("disbursement.id"), unique=True)
    at: Mapped[datetime]
    first_id: Mapped[UUID]
    first_name: Mapped[str] = mapped_column(sa.String(120))
    second_id: Mapped[UUID]
    second_name: Mapped[str] = mapped_column(sa.String(120))


class Counted(StrEnum):
    """What was counted."""

    CARDS = "cards"
    CASH = "cash"


@append_only
class Count(Base):
    """One count at a site: cards by number, cash in cents; `expected` is what the books said at that moment."""

    __tablename__ = "site_count"
    __table_args__ = (
        one_of("what", Counted),
        sa.CheckConstraint("counted >= 0", name="counted_not_negative"),
        sa.CheckConstraint("first_id <> second_id", name="two_people"),
        sa.Index("ix_site_count_site", "site_id", "what", "id"),
    )

    id: Mapped[uuid_key]
    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"))
    what: Mapped[Counted] = mapped_column(Word(Counted))
    expected: Mapped[int]
    counted: Mapped[int]
    at: Mapped[datetime]
    first_id: Mapped[UUID]
    first_name: Mapped[str] = mapped_column(sa.String(120))
    second_id: Mapped[UUID]
    second_name: Mapped[str] = mapped_column(sa.String(120))
