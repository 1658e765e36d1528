"""What is kept as evidence at the bench: things without a known code, pictures, and loggers' readings."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, append_only, uuid_key


@append_only
class FoundObject(Base):
    """Something at the bench whose code nobody knows. It has a code of its own, to be written on its bag."""

    __tablename__ = "found_object"

    id: Mapped[uuid_key]
    found_at: Mapped[datetime]
    actor_name: Mapped[str] = mapped_column(sa.String(120))
    site_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("site.id"))
    shipment_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("shipment.id"), index=True)
    label: Mapped[str] = mapped_column(sa.String(200))


@append_only
class Photo(Base):
    """A picture of a damaged or unknown thing, sealed. `sha256` is of the picture as it was kept, before sealing."""

    __tablename__ = "specimen_photo"
    __table_args__ = (
        sa.CheckConstraint(
            "tube_id IS NOT NULL OR object_id IS NOT NULL OR shipment_id IS NOT NULL", name="of_something"
        ),
    )

    id: Mapped[uuid_key]
    tube_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("tube.id"), index=True)
    object_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("found_object.id"), index=True)
    shipment_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("shipment.id"), index=True)
    taken_at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(sa.String(120))
    width: Mapped[int]
    height: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)


@append_only
class TemperatureLog(Base):
    """The readings of a logger that travelled in a parcel, in degrees Celsius; `points` are [time, text] pairs."""

    __tablename__ = "temperature_log"
    __table_args__ = (sa.UniqueConstraint("shipment_id", "sha256"),)

    id: Mapped[uuid_key]
    shipment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("shipment.id"))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    serial: Mapped[str | None] = mapped_column(sa.String(60))
    imported_at: Mapped[datetime]
    actor_name: Mapped[str] = mapped_column(sa.String(120))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    count: Mapped[int]
    minimum: Mapped[Decimal]
    maximum: Mapped[Decimal]
    seconds_outside: Mapped[int]
    points: Mapped[list[Any]] = mapped_column(deferred=True)
