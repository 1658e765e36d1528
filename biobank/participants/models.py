"""A participant as the study knows one: a random code, a state, a language; never a name."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, Word, append_only, one_of, uuid_key


class ParticipantStatus(StrEnum):
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    DECEASED = "deceased"


class Language(StrEnum):
    """A language that the participant's papers are printed in."""

    ENGLISH = "en"
    SPANISH = "es"


class WithdrawalReason(StrEnum):
    """Why somebody left, as far as was said; nobody has to give a reason."""

    NOT_SAID = "not-said"
    OWN_WISH = "own-wish"
    TIME_OR_PLACE = "time-or-place"
    HEALTH = "health"
    PRIVACY = "privacy"
    OTHER = "other"


class Participant(Base):
    """Somebody who takes part. `clinic_code` is the P code on the card; `version` rises with every change."""

    __tablename__ = "participant"
    __table_args__ = (one_of("status", ParticipantStatus), one_of("language", Language))

    id: Mapped[uuid_key]
    clinic_code: Mapped[str] = mapped_column(sa.String(13), unique=True)
    status: Mapped[ParticipantStatus] = mapped_column(Word(ParticipantStatus), default=ParticipantStatus.ACTIVE)
    language: Mapped[Language] = mapped_column(Word(Language))
    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"))
    consent_version: Mapped[str] = mapped_column(sa.String(20))
    consented_on: Mapped[date]
    enrolled_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class ParticipantEventKind(StrEnum):
    ENROLLED = "enrolled"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    DIED = "died"
    ERASED = "erased"
    MERGED = "merged"
    SEPARATED = "separated"
    CONSENTED = "consented"
    CONSENT_ENDED = "consent-ended"
    DATA_RETURNED = "data-returned"


@append_only
class ParticipantEvent(Base):
    """Something that happened to a participant's record. `details` holds answers and the names of changed fields."""

    __tablename__ = "participant_event"
    __table_args__ = (one_of("kind", ParticipantEventKind),)

    id: Mapped[uuid_key]
    participant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("participant.id"), index=True)
    kind: Mapped[ParticipantEventKind] = mapped_column(Word(ParticipantEventKind))
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(sa.String(120))
    details: Mapped[dict[str, Any]]


class MergedRegistration(Base):
    """A second registration of somebody who is known already: its code leads to the first. Gone once separated."""

    __tablename__ = "merged_registration"
    __table_args__ = (sa.CheckConstraint("merged_id <> kept_id", name="not_itself"),)

    merged_id: Mapped[UUID] = mapped_column(sa.ForeignKey("participant.id"), primary_key=True)
    kept_id: Mapped[UUID] = mapped_column(sa.ForeignKey("participant.id"), index=True)
    since: Mapped[datetime]


class ConsentAct(StrEnum):
    GIVEN = "given"
    WITHDRAWN = "withdrawn"


@append_only
class Consent(Base):
    """One version of the consent form, given or withdrawn on a day. The newest act about a version counts."""

    __tablename__ = "consent"
    __table_args__ = (one_of("act", ConsentAct), sa.Index("ix_consent_participant", "participant_id", "version"))

    id: Mapped[uuid_key]
    participant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("participant.id"))
    version: Mapped[str] = mapped_column(sa.String(20))
    act: Mapped[ConsentAct] = mapped_column(Word(ConsentAct))
    on: Mapped[date] = mapped_column("on_day")
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(sa.String(120))
