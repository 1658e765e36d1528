"""What happens to accounts, sign-ins, networks and exports, for the auditor; and what they hang on."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, Word, append_only, one_of, uuid_key


class Security(StrEnum):
    """What an auditor hears of besides looks. `sign-in-refused` stands in the list of sign-ins."""

    SIGN_IN_REFUSED = "sign-in-refused"
    STRANGER = "stranger"
    PROVIDER_REFUSED = "provider-refused"
    ROLES_CHANGED = "roles-changed"
    STAFF_CHANGED = "staff-changed"
    STOPPED = "stopped"
    LET_IN = "let-in"
    RESTED = "rested"
    FACTORS_RESET = "factors-reset"
    PASSWORD_RESET = "password-reset"  # noqa: S105 - the word, not one of them
    POLICY_BROKEN = "policy-broken"
    IDENTITY_BOUND = "identity-bound"
    IDENTITY_UNBOUND = "identity-unbound"
    NETWORK_REFUSED = "network-refused"
    NETWORK_CHANGED = "network-changed"
    NETWORK_OPENED = "network-opened"
    NETWORK_CLOSED = "network-closed"
    EXPORTED = "exported"
    EXPORT_REFUSED = "export-refused"


@append_only
class SecurityEvent(Base):
    """One event of security. `note` holds codes and numbers, never a name of a participant."""

    __tablename__ = "security_event"
    __table_args__ = (one_of("kind", Security), sa.Index("ix_security_event_kind", "kind", "id"))

    id: Mapped[uuid_key]
    at: Mapped[datetime]
    kind: Mapped[Security] = mapped_column(Word(Security))
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(sa.String(120))
    subject_kind: Mapped[str] = mapped_column(sa.String(24))
    subject_id: Mapped[UUID | None]
    address: Mapped[str] = mapped_column(sa.String(45))
    note: Mapped[str] = mapped_column(sa.String(300))


class StaffIdentity(Base):
    """Somebody's account at a sign-in service (OpenID Connect Core 1.0, section 2: issuer and subject together)."""

    __tablename__ = "staff_identity"
    __table_args__ = (sa.UniqueConstraint("issuer", "subject"), sa.UniqueConstraint("staff_id", "issuer"))

    id: Mapped[uuid_key]
    staff_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))
    issuer: Mapped[str] = mapped_column(sa.String(255))
    subject: Mapped[str] = mapped_column(sa.String(255))
    bound_at: Mapped[datetime]
    bound_by: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))


class NetworkException(Base):
    """A network that is let in for a while, though the lists would keep it out; with a reason, and who agreed."""

    __tablename__ = "network_exception"
    __table_args__ = (sa.CheckConstraint("length(reason) >= 10", name="reason_given"),)

    id: Mapped[uuid_key]
    network: Mapped[str] = mapped_column(sa.String(43))
    reason: Mapped[str] = mapped_column(sa.String(300))
    opened_at: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)
    asked_by_name: Mapped[str] = mapped_column(sa.String(120))
    given_by_name: Mapped[str] = mapped_column(sa.String(120))
    closed_at: Mapped[datetime | None]


@append_only
class Export(Base):
    """A file that left: whose, what, how many records, and the code that is written into it."""

    __tablename__ = "export"

    id: Mapped[uuid_key]
    code: Mapped[str] = mapped_column(sa.String(16), unique=True)
    at: Mapped[datetime]
    staff_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))
    staff_name: Mapped[str] = mapped_column(sa.String(120))
    endpoint: Mapped[str] = mapped_column(sa.String(60))
    what: Mapped[str] = mapped_column(sa.String(120))
    records: Mapped[int]
    names_people: Mapped[bool]
    sha256: Mapped[str] = mapped_column(sa.String(64))


class ExportCount(Base):
    """How many records somebody has exported on one day (UTC), with names and without."""

    __tablename__ = "export_count"
    __table_args__ = (sa.CheckConstraint("records >= 0", name="not_negative"),)

    staff_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    names_people: Mapped[bool] = mapped_column(primary_key=True)
    records: Mapped[int]
