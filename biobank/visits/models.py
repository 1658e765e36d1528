"""A visit: appointed, checked in, its two steps, complete or cancelled."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from biobank.columns import Base, Word, append_only, one_of, uuid_key


class VisitState(StrEnum):
    APPOINTED = "appointed"
    CHECKED_IN = "checked_in"
    COMPLETE = "complete"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """What is done at a visit, in this order."""

    MEASUREMENTS = "measurements"
    SAMPLES = "samples"


class CancelReason(StrEnum):
    """Why a visit did not take place, or was broken off."""

    DID_NOT_COME = "did-not-come"
    ASKED_TO_STOP = "asked-to-stop"
    NOT_WELL = "not-well"
    NO_TIME = "no-time"
    WRONG_PARTICIPANT = "wrong-participant"
    EQUIPMENT = "equipment"
    WITHDRAWN = "withdrawn"
    OTHER = "other"


class IdentityFact(StrEnum):
    """What the clerk found to be the same on a document."""

    NAME = "name"
    BIRTH_DATE = "birth-date"
    STREET = "street"


def _one_open(column: str) -> sa.Index:
    is_open = sa.text("state = 'checked_in'")
    return sa.Index(f"uq_visit_open_{column}", column, unique=True, sqlite_where=is_open, postgresql_where=is_open)


class Visit(Base):
    """One visit of one participant. Open means checked in; of these a participant and a station have at most one."""

    __tablename__ = "visit"
    __table_args__ = (
        one_of("state", VisitState),
        _one_open("participant_id"),
        _one_open("station_id"),
        sa.Index("ix_visit_site_state", "site_id", "state"),
        sa.CheckConstraint(
            "state NOT IN ('checked_in', 'complete') OR (station_id IS NOT NULL AND checked_in_at IS NOT NULL)",
            name="checked_in_somewhere",
        ),
        sa.CheckConstraint("state <> 'complete' OR completed_at IS NOT NULL", name="completed_sometime"),
    )

    id: Mapped[uuid_key]
    participant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("participant.id"), index=True)
    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"))
    station_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("station.id"))
    state: Mapped[VisitState] = mapped_column(Word(VisitState))
    appointed_for: Mapped[datetime | None]
    checked_in_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    steps: Mapped[list["VisitStep"]] = relationship(lazy="selectin", viewonly=True)

    @property
    def is_open(self) -> bool:
        return self.state is VisitState.CHECKED_IN

    @property
    def done(self) -> dict[Step, "VisitStep"]:
        """The steps that are finished."""
        return {step.step: step for step in self.steps}

    @property
    def missing(self) -> list[Step]:
        """The steps still to do, in order."""
        return [step for step in Step if step not in self.done]


class VisitStep(Base):
    """A finished step of a visit and how it ended, such as final, collected or attempted."""

    __tablename__ = "visit_step"
    __table_args__ = (one_of("step", Step),)

    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visit.id"), primary_key=True)
    step: Mapped[Step] = mapped_column(Word(Step), primary_key=True)
    outcome: Mapped[str] = mapped_column(sa.String(20))
    at: Mapped[datetime]


class VisitEventKind(StrEnum):
    BOOKED = "booked"
    CHECKED_IN = "checked_in"
    STEP_FINISHED = "step_finished"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@append_only
class VisitEvent(Base):
    """Something that happened to a visit. `details` holds answers, matched facts, outcomes and reasons as codes."""

    __tablename__ = "visit_event"
    __table_args__ = (one_of("kind", VisitEventKind),)

    id: Mapped[uuid_key]
    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visit.id"), index=True)
    kind: Mapped[VisitEventKind] = mapped_column(Word(VisitEventKind))
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(sa.String(120))
    details: Mapped[dict[str, Any]]
