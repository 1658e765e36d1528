"""A device as a site registered it, what its display was compared with, and what a person told it to do."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from biobank.columns import Base, Word, append_only, one_of, uuid_key
from biobank.stations.models import InboxReading, Station

NEEDED_CHECKS = 10
_HERE = sa.text("state <> 'retired'")


class DeviceState(StrEnum):
    """How far registering has come; what a device in any other state than `in-use` says is no measurement."""

    CHECKING = "checking"
    IN_USE = "in-use"
    RETIRED = "retired"


class Device(Base):
    """One device on one physical port of a station. `settings` are its serial settings, `serial_number` its maker's.

    `round` numbers the acceptance checks: a display that disagrees once begins another.
    """

    __tablename__ = "device"
    __table_args__ = (
        one_of("state", DeviceState),
        sa.CheckConstraint("state <> 'in-use' OR (accepted_at IS NOT NULL AND accepted_by IS NOT NULL)",
                           name="in_use_once_accepted"),
        sa.CheckConstraint("state <> 'in-use' OR (calibrated_on IS NOT NULL AND calibration_due > calibrated_on)",
                           name="in_use_once_calibrated"),
        sa.CheckConstraint("(state = 'retired') = (retired_at IS NOT NULL)", name="retired_at_a_time"),
        sa.Index("ux_device_name", "station_id", "name", unique=True, sqlite_where=_HERE, postgresql_where=_HERE),
        sa.Index("ux_device_port", "station_id", "port", unique=True, sqlite_where=_HERE, postgresql_where=_HERE),
    )  # fmt: skip

    id: Mapped[uuid_key]
    station_id: Mapped[UUID] = mapped_column(sa.ForeignKey("station.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    protocol: Mapped[str] = mapped_column(sa.String(40))
    port: Mapped[str] = mapped_column(sa.String(200))
    serial_number: Mapped[str | None] = mapped_column(sa.String(60))
    settings: Mapped[dict[str, Any]]
    state: Mapped[DeviceState] = mapped_column(Word(DeviceState), default=DeviceState.CHECKING)
    round: Mapped[int] = mapped_column(default=1)
    bound_at: Mapped[datetime]
    bound_by: Mapped[str] = mapped_column(sa.String(120))
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[str | None] = mapped_column(sa.String(120))
    calibrated_on: Mapped[date | None]
    calibration_due: Mapped[date | None]
    retired_at: Mapped[datetime | None]
    retired_by: Mapped[str | None] = mapped_column(sa.String(120))
    retired_because: Mapped[str | None] = mapped_column(sa.String(200))
    version: Mapped[int] = mapped_column(default=1)

    station: Mapped[Station] = relationship(lazy="joined", innerjoin=True)


@append_only
class DeviceCheck(Base):
    """One reading beside what a person read on the display, typed without seeing what had arrived."""

    __tablename__ = "device_check"
    __table_args__ = (
        sa.UniqueConstraint("device_id", "round", "number"),
        sa.UniqueConstraint("device_id", "reading_id"),
        sa.CheckConstraint(f"number BETWEEN 1 AND {NEEDED_CHECKS}", name="number_of_ten"),
    )

    id: Mapped[uuid_key]
    device_id: Mapped[UUID] = mapped_column(sa.ForeignKey("device.id"))
    reading_id: Mapped[UUID] = mapped_column(sa.ForeignKey("inbox_reading.id"))
    round: Mapped[int]
    number: Mapped[int]
    arrived: Mapped[dict[str, Any]]
    displayed: Mapped[dict[str, Any]]
    agrees: Mapped[bool]
    checked_at: Mapped[datetime]
    checked_by: Mapped[str] = mapped_column(sa.String(120))

    reading: Mapped[InboxReading] = relationship(lazy="joined", innerjoin=True)


class CommandState(StrEnum):
    """How far a command has come. From `taken` it never goes back: nobody sends it twice."""

    WAITING = "waiting"
    TAKEN = "taken"
    SENT = "sent"
    FAILED = "failed"
    EXPIRED = "expired"


class DeviceCommand(Base):
    """What a person told a device to do, once: who, when, for which visit, and whether the station sent it."""

    __tablename__ = "device_command"
    __table_args__ = (
        one_of("state", CommandState),
        sa.CheckConstraint("expires_at > asked_at", name="expires_after_asking"),
        sa.CheckConstraint("(state = 'waiting' OR state = 'expired') OR taken_at IS NOT NULL", name="taken_at_a_time"),
        sa.Index("ix_device_command_station_state", "station_id", "state"),
        sa.Index("ux_device_command_waiting", "station_id", "device", "act", unique=True,
                 sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'")),
    )  # fmt: skip

    id: Mapped[uuid_key]
    station_id: Mapped[UUID] = mapped_column(sa.ForeignKey("station.id"))
    device: Mapped[str] = mapped_column(sa.String(60))
    act: Mapped[str] = mapped_column(sa.String(24))
    visit_id: Mapped[UUID]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(sa.String(120))
    asked_by_id: Mapped[UUID | None]
    expires_at: Mapped[datetime]
    state: Mapped[CommandState] = mapped_column(Word(CommandState), default=CommandState.WAITING)
    taken_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    detail: Mapped[str] = mapped_column(sa.String(400), default="")
