"""Label designs and routing rules as versions that never change, and the printers of the stations."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from biobank.columns import Base, Word, append_only, one_of, uuid_key
from labels import Adjustment

if TYPE_CHECKING:
    from biobank.stations.models import Station

NAME = 40


@append_only
class LabelDesign(Base):
    """One version of a label's layout, as the JSON text that was published; a label keeps the version it was made by.

    What the programme ships is version 1; the newest version is the one that new labels use.
    """

    __tablename__ = "label_design"
    __table_args__ = (
        sa.UniqueConstraint("name", "version"),
        sa.CheckConstraint("version >= 1", name="version_from_one"),
    )

    id: Mapped[uuid_key]
    name: Mapped[str] = mapped_column(sa.String(NAME))
    version: Mapped[int]
    layout: Mapped[str] = mapped_column(sa.Text)
    note: Mapped[str] = mapped_column(sa.String(200), default="")
    published_at: Mapped[datetime]
    published_by: Mapped[str] = mapped_column(sa.String(120))


@append_only
class LabelRouting(Base):
    """One version of the whole ordered list of routing rules; the newest is in force."""

    __tablename__ = "label_routing"
    __table_args__ = (sa.CheckConstraint("version >= 1", name="version_from_one"),)

    id: Mapped[uuid_key]
    version: Mapped[int] = mapped_column(unique=True)
    rules: Mapped[list[Any]]
    published_at: Mapped[datetime]
    published_by: Mapped[str] = mapped_column(sa.String(120))


class PrinterLanguage(StrEnum):
    """What a printer is sent: a bitmap in hex, the same compressed, its own bar codes and letters, or a page."""

    ZPL = "zpl"
    ZPL_Z64 = "zpl-z64"
    ZPL_NATIVE = "zpl-native"
    PDF = "pdf"

    @property
    def content_type(self) -> str:
        return "application/pdf" if self is PrinterLanguage.PDF else "application/zpl"


class LabelStock(Base):
    """Labels on a roll as an administrator measured them: sizes in mm, the gap between two, the liner beside them.

    `printer` says which sort of printer takes it, `gap_mm` is 0 for an endless web.
    """

    __tablename__ = "label_stock"

    id: Mapped[uuid_key]
    name: Mapped[str] = mapped_column(sa.String(60), unique=True)
    width_mm: Mapped[Decimal]
    height_mm: Mapped[Decimal]
    gap_mm: Mapped[Decimal]
    margin_mm: Mapped[Decimal]
    material: Mapped[str] = mapped_column(sa.String(80))
    printer: Mapped[str] = mapped_column(sa.String(80))
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(sa.String(120))


class LabelSheet(Base):
    """A sheet for office printers as an administrator measured it; all sizes in mm, across and down.

    One with the code of a shipped sheet stands in its place. `note` tells where the numbers are from.
    """

    __tablename__ = "label_sheet"
    __table_args__ = (
        sa.CheckConstraint("across BETWEEN 1 AND 50", name="across_counts"),
        sa.CheckConstraint("down BETWEEN 1 AND 100", name="down_counts"),
    )

    id: Mapped[uuid_key]
    code: Mapped[str] = mapped_column(sa.String(NAME), unique=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    paper_width_mm: Mapped[Decimal]
    paper_height_mm: Mapped[Decimal]
    width_mm: Mapped[Decimal]
    height_mm: Mapped[Decimal]
    across: Mapped[int]
    down: Mapped[int]
    first_x_mm: Mapped[Decimal]
    first_y_mm: Mapped[Decimal]
    pitch_x_mm: Mapped[Decimal]
    pitch_y_mm: Mapped[Decimal]
    note: Mapped[str] = mapped_column(sa.String(200))
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime | None]
    changed_by: Mapped[str | None] = mapped_column(sa.String(120))


class Printer(Base):
    """A label printer of a station, under the name its `station.toml` gives it.

    `status` is what it last said of itself through its station, in the words of `labels.printers.base.PrinterStatus`.
    `stock` is what lies in it; the offsets in mm move every label right and down, `darkness` is in steps from the
    printer's own setting and `speed` in inches a second, both left as they are where nothing is given.
    """

    __tablename__ = "printer"
    __table_args__ = (
        sa.UniqueConstraint("station_id", "name"),
        one_of("language", PrinterLanguage),
        sa.CheckConstraint("darkness BETWEEN -30 AND 30", name="darkness_in_steps"),
        sa.CheckConstraint("speed BETWEEN 2 AND 14", name="speed_in_inches"),
    )

    id: Mapped[uuid_key]
    station_id: Mapped[UUID] = mapped_column(sa.ForeignKey("station.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    dpi: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(20))
    language: Mapped[PrinterLanguage] = mapped_column(Word(PrinterLanguage), default=PrinterLanguage.ZPL)
    status: Mapped[str | None] = mapped_column(sa.String(20))
    status_at: Mapped[datetime | None]
    stock_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("label_stock.id"))
    offset_x_mm: Mapped[Decimal] = mapped_column(default=Decimal(0))
    offset_y_mm: Mapped[Decimal] = mapped_column(default=Decimal(0))
    darkness: Mapped[int | None]
    speed: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)
    stock: Mapped[LabelStock | None] = relationship(lazy="joined")
    station: Mapped["Station"] = relationship(viewonly=True)

    @property
    def adjustment(self) -> Adjustment:
        """What the printer is told with every label."""
        stock = self.stock
        return Adjustment(
            x_mm=float(self.offset_x_mm), y_mm=float(self.offset_y_mm), darkness=self.darkness, speed=self.speed,
            margin_mm=float(stock.margin_mm) if stock else 0.0, gap_mm=float(stock.gap_mm) if stock else None,
        )  # fmt: skip
