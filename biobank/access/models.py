"""Sites, staff, their roles and sessions, sign-in limits, and the log of who saw whom."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from biobank.access.policy import Method, Stage
from biobank.access.roles import GROUPS
from biobank.actor import Role
from biobank.columns import Base, Word, append_only, one_of, uuid_key


class SiteKind(StrEnum):
    CLINIC = "clinic"
    BIOBANK = "biobank"
    OFFICE = "office"


class Site(Base):
    """A place where staff work: a clinic, a pharmacy, the biobank, an office."""

    __tablename__ = "site"
    __table_args__ = (one_of("kind", SiteKind),)

    id: Mapped[uuid_key]
    code: Mapped[str] = mapped_column(sa.String(12), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    kind: Mapped[SiteKind] = mapped_column(Word(SiteKind))
    zone: Mapped[str] = mapped_column(sa.String(60))
    tube_set: Mapped[str] = mapped_column(sa.String(12), default="3.2")
    # Networks its staff may work from, in CIDR notation with commas; empty: any that the service lets in.
    networks: Mapped[str] = mapped_column(sa.String(500), default="", server_default="")


class Staff(Base):
    """A member of staff who may sign in."""

    __tablename__ = "staff"

    id: Mapped[uuid_key]
    username: Mapped[str] = mapped_column(sa.String(60), unique=True)
    display_name: Mapped[str] = mapped_column(sa.String(120))
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    # A temporary account ends by itself; one that rests too long is stopped, counted from when it was last let in.
    ends_at: Mapped[datetime | None]
    let_in_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    # Until when a password that was drawn for somebody lets them choose their own; none once they have.
    first_password_until: Mapped[datetime | None]

    site: Mapped[Site] = relationship(lazy="joined")
    roles: Mapped[list["StaffRole"]] = relationship(lazy="selectin")

    def keep_own(self, password_hash: str) -> None:
        """Keep the hash of a password that they chose themselves; the one drawn for them is over with it."""
        self.password_hash, self.first_password_until = password_hash, None


class StaffRole(Base):
    """One role of one member of staff."""

    __tablename__ = "staff_role"
    __table_args__ = (
        one_of("role", Role),
        *(
            sa.Index(f"uq_staff_role_{name}", "staff_id", unique=True, sqlite_where=among, postgresql_where=among)
            for name, group in GROUPS.items()
            for among in [sa.text("role IN ({})".format(", ".join(f"'{role}'" for role in sorted(group))))]
        ),
    )

    staff_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(Word(Role), primary_key=True)


class StaffSession(Base):
    """A session, known by the SHA-256 of its token, which only the browser holds; `place` is where it was left."""

    __tablename__ = "staff_session"
    __table_args__ = (one_of("stage", Stage), one_of("verified_by", Method))

    id: Mapped[uuid_key]
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    staff_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    stage: Mapped[Stage] = mapped_column(Word(Stage))
    locked_at: Mapped[datetime | None]
    verified_at: Mapped[datetime]
    verified_by: Mapped[Method] = mapped_column(Word(Method))
    place: Mapped[str] = mapped_column(sa.String(300))
    address: Mapped[str] = mapped_column(sa.String(45))
    agent: Mapped[str] = mapped_column(sa.String(80))

    staff: Mapped[Staff] = relationship(lazy="joined")


class SignInFailure(Base):
    """How often sign-in failed for one name or address within one window of time."""

    __tablename__ = "sign_in_failure"

    bucket: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    window: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int]


class Purpose(StrEnum):
    """Why somebody looked."""

    VISIT = "visit"
    RECEIPT = "receipt"
    CUSTODY = "custody"
    PAYMENT = "payment"
    AUDIT = "audit"


@append_only
class Look(Base):
    """One look at a person's record: written before it is shown, never changed."""

    __tablename__ = "look"
    __table_args__ = (
        one_of("purpose", Purpose),
        sa.Index("ix_look_subject", "subject_kind", "subject_id", "at"),
        sa.Index("ix_look_actor", "actor_id", "at", "subject_kind", "subject_id"),
    )

    id: Mapped[uuid_key]
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(sa.String(12))
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(sa.String(120))
    site_id: Mapped[UUID | None]
    subject_kind: Mapped[str] = mapped_column(sa.String(24))
    subject_id: Mapped[UUID]
    purpose: Mapped[Purpose] = mapped_column(Word(Purpose))
    route: Mapped[str] = mapped_column(sa.String(120))
    request_id: Mapped[str | None] = mapped_column(sa.String(32))
