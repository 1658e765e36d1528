"""Records opened across sites with a reason, and alerts on unusual looking; none is ever changed."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from biobank.columns import Base, Word, append_only, one_of, uuid_key


class OpeningReason(StrEnum):
    """Why somebody opens the record of another site's participant."""

    PARTICIPANT_IS_HERE = "participant-is-here"
    PARTICIPANT_ASKED = "participant-asked"
    EMERGENCY = "emergency"
    OTHER = "other"


@append_only
class Opening(Base):
    """A participant's record opened by staff of another site, for a while, with a reason (45 CFR 164.312(a)(2)(ii))."""

    __tablename__ = "opening"
    __table_args__ = (
        one_of("reason", OpeningReason),
        sa.CheckConstraint("reason <> 'other' OR length(note) >= 10", name="other_is_explained"),
        sa.Index("ix_opening_staff", "staff_id", "participant_id", "until"),
    )

    id: Mapped[uuid_key]
    at: Mapped[datetime]
    until: Mapped[datetime]
    staff_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))
    staff_name: Mapped[str] = mapped_column(sa.String(120))
    site_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("site.id"))
    # No foreign key: asking for a participant who does not exist is told apart by nobody.
    participant_id: Mapped[UUID]
    reason: Mapped[OpeningReason] = mapped_column(Word(OpeningReason))
    note: Mapped[str] = mapped_column(sa.String(300))


class Unusual(StrEnum):
    """What is unusual about somebody's looking."""

    MANY_PEOPLE = "many-people"
    AFTER_HOURS = "after-hours"
    OTHER_SITE = "other-site"
    REFUSED_OFTEN = "refused-often"
    DENIED_OFTEN = "denied-often"
    OTHER_NETWORK = "other-network"


@append_only
class LookAlert(Base):
    """Something unusual, told once for each person, kind and stretch of time."""

    __tablename__ = "look_alert"
    __table_args__ = (one_of("kind", Unusual), sa.UniqueConstraint("staff_id", "kind", "stretch"))

    id: Mapped[uuid_key]
    at: Mapped[datetime]
    staff_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))
    staff_name: Mapped[str] = mapped_column(sa.String(120))
    kind: Mapped[Unusual] = mapped_column(Word(Unusual))
    stretch: Mapped[str] = mapped_column(sa.String(40))
    count: Mapped[int]

    answer: Mapped["AlertAnswer | None"] = relationship(lazy="joined")


@append_only
class AlertAnswer(Base):
    """What an auditor found out about an alert."""

    __tablename__ = "alert_answer"

    alert_id: Mapped[UUID] = mapped_column(sa.ForeignKey("look_alert.id"), primary_key=True)
    at: Mapped[datetime]
    auditor_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))
    auditor_name: Mapped[str] = mapped_column(sa.String(120))
    finding: Mapped[str] = mapped_column(sa.String(300))
