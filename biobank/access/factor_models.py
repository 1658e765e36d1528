"""Second factors, spent challenges, and what happened at sign-in."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.access.policy import Method
from biobank.columns import Base, Word, append_only, one_of, uuid_key


class TotpFactor(Base):
    """An authenticator app (RFC 6238). The secret is sealed; `last_step` is the last time step that was used up."""

    __tablename__ = "totp_factor"

    id: Mapped[uuid_key]
    staff_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"), unique=True)
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    last_step: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    added_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class Passkey(Base):
    """A passkey (W3C WebAuthn Level 3). `sign_count` may only rise, or stay 0 where the device does not count."""

    __tablename__ = "passkey"

    id: Mapped[uuid_key]
    staff_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    sign_count: Mapped[int] = mapped_column(sa.BigInteger)
    name: Mapped[str] = mapped_column(sa.String(60))
    added_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """One printed code, as a keyed hash; used once."""

    __tablename__ = "recovery_code"

    code_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SpentChallenge(Base):
    """A challenge that a passkey has answered; it is worth nothing a second time."""

    __tablename__ = "spent_challenge"

    challenge_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Outcome(StrEnum):
    """What came of an attempt."""

    SIGNED_IN = "signed-in"
    HALF = "first-step"
    REFUSED = "refused"
    UNLOCKED = "unlocked"
    CONFIRMED = "confirmed"


@append_only
class SignInEvent(Base):
    """One attempt to prove who one is. An attempt under a name that nobody has belongs to nobody."""

    __tablename__ = "sign_in_event"
    __table_args__ = (
        one_of("outcome", Outcome),
        one_of("method", Method),
        sa.Index("ix_sign_in_event_staff", "staff_id", "id"),
    )

    id: Mapped[uuid_key]
    at: Mapped[datetime]
    staff_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("staff.id"))
    outcome: Mapped[Outcome] = mapped_column(Word(Outcome))
    method: Mapped[Method] = mapped_column(Word(Method))
    address: Mapped[str] = mapped_column(sa.String(45))
    agent: Mapped[str] = mapped_column(sa.String(80))
