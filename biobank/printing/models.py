"""Label designs and routing rules as versions that never change, and the printers of the stations."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, Word, append_only, one_of, uuid_key

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


class Printer(Base):
    """A label printer of a station, under the name its `station.toml` gives it.

    `status` is what it last said of itself through its station, in the words of `labels.printers.base.PrinterStatus`.
    """

    __tablename__ = "printer"
    __table_args__ = (sa.UniqueConstraint("station_id", "name"), one_of("language", PrinterLanguage))

    id: Mapped[uuid_key]
    station_id: Mapped[UUID] = mapped_column(sa.ForeignKey("station.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    dpi: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(20))
    language: Mapped[PrinterLanguage] = mapped_column(Word(PrinterLanguage), default=PrinterLanguage.ZPL)
    status: Mapped[str | None] = mapped_column(sa.String(20))
    status_at: Mapped[datetime | None]
