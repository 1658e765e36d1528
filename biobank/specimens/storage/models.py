"""Freezers, their shelves, racks and boxes: the places that specimens are kept in."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, Word, one_of, uuid_key
from biobank.specimens.storage.cold import Cold

CODE = 13


class PlaceKind(StrEnum):
    """What a place is, from the largest to the smallest; a box has the positions."""

    FREEZER = "freezer"
    SHELF = "shelf"
    RACK = "rack"
    BOX = "box"


class StoragePlace(Base):
    """One place with a code of its own on its door, front or lid.

    `slot` is where it stands in its parent, counted from 1; `rows` by `columns` are the slots that it has itself. How
    cold it is, and whose, a place has from its freezer, kept beside it so that one look is enough.
    """

    __tablename__ = "storage_place"
    __table_args__ = (
        one_of("kind", PlaceKind),
        one_of("cold", Cold),
        sa.CheckConstraint("(kind = 'freezer') = (parent_id IS NULL)", name="only_freezers_stand_alone"),
        sa.CheckConstraint("(parent_id IS NULL) = (slot IS NULL)", name="a_parent_gives_a_slot"),
        sa.CheckConstraint("rows BETWEEN 1 AND 26 AND columns BETWEEN 1 AND 50", name="size"),
        sa.UniqueConstraint("parent_id", "slot"),
        sa.UniqueConstraint("site_id", "parent_id", "name"),
        sa.Index("uq_storage_freezer_name", "site_id", "name", unique=True,
                 sqlite_where=sa.text("parent_id IS NULL"), postgresql_where=sa.text("parent_id IS NULL")),
    )  # fmt: skip

    id: Mapped[uuid_key]
    code: Mapped[str] = mapped_column(sa.String(CODE), unique=True)
    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"))
    kind: Mapped[PlaceKind] = mapped_column(Word(PlaceKind))
    parent_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("storage_place.id"))
    slot: Mapped[int | None]
    name: Mapped[str] = mapped_column(sa.String(40))
    cold: Mapped[Cold] = mapped_column(Word(Cold))
    rows: Mapped[int]
    columns: Mapped[int]
    is_quarantine: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(sa.String(120))
    version: Mapped[int] = mapped_column(default=1)

    @property
    def size(self) -> int:
        return self.rows * self.columns
