"""Discrepancies as cases: what does not agree, who sees to it, and every step until it is settled."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, Word, append_only, one_of, uuid_key


class CaseType(StrEnum):
    """What does not agree."""

    MISSING = "missing"
    NOTHING_ARRIVED = "nothing_arrived"
    EXTRA = "extra"
    TWO_ALIKE = "two_alike"
    UNIDENTIFIED = "unidentified"
    CONDITION = "condition"
    TEMPERATURE = "temperature"


class CaseState(StrEnum):
    """Whether somebody must still see to it."""

    OPEN = "open"
    CLOSED = "closed"


class Resolution(StrEnum):
    """What a case came to."""

    FOUND = "found"
    TAKEN_BACK = "taken_back"
    MATCHED = "matched"
    ACCEPTED = "accepted"
    RELEASED = "released"
    RETURNED = "returned"
    DESTROYED = "destroyed"
    NEVER_SENT = "never_sent"
    LOST = "lost"
    RELABELLED = "relabelled"
    OTHER = "other"


_OPEN_TUBE = sa.text("state = 'open' AND tube_id IS NOT NULL")
_OPEN_PARCEL = sa.text("state = 'open' AND tube_id IS NULL AND object_id IS NULL")


class Case(Base):
    """One discrepancy. Its row is a projection of its history, `CaseEvent`.

    `site_id` is the site that sent the thing, if that is known; `condition` a code of the table of conditions;
    `event_id` the custody event that it follows from.
    """

    __tablename__ = "discrepancy_case"
    __table_args__ = (
        one_of("type", CaseType),
        one_of("state", CaseState),
        one_of("resolution", Resolution),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_its_time"),
        sa.CheckConstraint("(state = 'closed') = (resolution IS NOT NULL)", name="closed_has_its_resolution"),
        sa.Index("uq_case_tube_open", "type", "tube_id", "condition", unique=True, sqlite_where=_OPEN_TUBE,
                 postgresql_where=_OPEN_TUBE),
        sa.Index("uq_case_parcel_open", "type", "shipment_id", "condition", unique=True, sqlite_where=_OPEN_PARCEL,
                 postgresql_where=_OPEN_PARCEL),
        sa.Index("ix_case_open", "state", "due_at"),
        sa.Index("ix_case_site", "site_id", "state"),
    )  # fmt: skip

    id: Mapped[uuid_key]
    type: Mapped[CaseType] = mapped_column(Word(CaseType))
    state: Mapped[CaseState] = mapped_column(Word(CaseState), default=CaseState.OPEN)
    condition: Mapped[str] = mapped_column(sa.String(4), default="")
    site_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("site.id"))
    shipment_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("shipment.id"), index=True)
    tube_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("tube.id"), index=True)
    object_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("found_object.id"), index=True)
    event_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("custody_event.id"))
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    owner_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("staff.id"))
    owner_name: Mapped[str | None] = mapped_column(sa.String(120))
    reported_at: Mapped[datetime | None]
    resolution: Mapped[Resolution | None] = mapped_column(Word(Resolution))
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class CaseStep(StrEnum):
    """What happens to a case."""

    OPENED = "opened"
    TAKEN = "taken"
    NOTED = "noted"
    REPORTED = "reported"
    CLOSED = "closed"
    REOPENED = "reopened"


@append_only
class CaseEvent(Base):
    """One step of a case; never changed, never removed."""

    __tablename__ = "discrepancy_case_event"
    __table_args__ = (one_of("step", CaseStep), sa.UniqueConstraint("case_id", "seq"))

    id: Mapped[uuid_key]
    case_id: Mapped[UUID] = mapped_column(sa.ForeignKey("discrepancy_case.id"))
    seq: Mapped[int]
    step: Mapped[CaseStep] = mapped_column(Word(CaseStep))
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(sa.String(12))
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(sa.String(120))
    note: Mapped[str | None] = mapped_column(sa.String(1000))
    detail: Mapped[dict[str, Any]]
