"""The vault's tables: sealed persons, each one's own wrapped key, the master keys, and who turned out to be one."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import VaultBase, Word, append_only, one_of, uuid_key
from biobank.participants.person import DistinctReason


class VaultPerson(VaultBase):
    """One person. Sealed columns open only with the person's own key and only in their own row and column.

    The indexes are blind (HMAC under a second key): a detail together with the birth date, and, for finding likely
    duplicates, e-mail and phone alone. `erased_at` says that the person's key is gone for good.
    """

    __tablename__ = "person"
    __table_args__ = (one_of("distinct_reason", DistinctReason),)

    participant_id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    donor_id: Mapped[UUID] = mapped_column(unique=True)
    payee_id: Mapped[UUID] = mapped_column(unique=True)
    clinic_code: Mapped[str] = mapped_column(sa.String(13), unique=True)
    biobank_code: Mapped[str] = mapped_column(sa.String(13), unique=True)
    finance_code: Mapped[str] = mapped_column(sa.String(13), unique=True)
    first_name: Mapped[bytes] = mapped_column(sa.LargeBinary)
    last_name: Mapped[bytes] = mapped_column(sa.LargeBinary)
    born_on: Mapped[bytes] = mapped_column(sa.LargeBinary)
    email: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    phone: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    street: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    name_index: Mapped[bytes] = mapped_column(sa.LargeBinary(32), index=True)
    email_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32), index=True)
    phone_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32), index=True)
    email_alone: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32), index=True)
    phone_alone: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32), index=True)
    distinct_reason: Mapped[DistinctReason | None] = mapped_column(Word(DistinctReason))
    added_at: Mapped[datetime] = mapped_column(index=True)
    erased_at: Mapped[datetime | None]


class PersonKey(VaultBase):
    """The key of one person, wrapped under a master key. Without this row nobody can say who the person was."""

    __tablename__ = "person_key"
    # Kept in the order of its keys, so that a rotation walks the file from end to end instead of jumping in it.
    __table_args__ = ({"sqlite_with_rowid": False},)

    participant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.participant_id"), primary_key=True)
    master: Mapped[str] = mapped_column(sa.String(80))
    wrapped: Mapped[bytes] = mapped_column(sa.LargeBinary)


class MasterKey(VaultBase):
    """A master key that this vault uses or used: since when, and when it was destroyed."""

    __tablename__ = "master_key"

    id: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    since: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class EnrolmentTurn(VaultBase):
    """One row a blind index: whoever enrols somebody locks it first, so that two clerks with one person take turns."""

    __tablename__ = "enrolment_turn"

    mark: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)


class Verdict(StrEnum):
    """What was found about two registrations that look like one person."""

    SAME = "same"
    DISTINCT = "distinct"


@append_only
class Comparison(VaultBase):
    """Somebody decided whether two registrations are one person. The newest word about a pair counts.

    `one` is the smaller key of the two; `kept` is the registration that stays, where they are the same.
    """

    __tablename__ = "comparison"
    __table_args__ = (
        one_of("verdict", Verdict),
        sa.CheckConstraint("one < other", name="ordered"),
        sa.CheckConstraint("(verdict = 'same') = (kept IS NOT NULL)", name="same_keeps_one"),
        sa.CheckConstraint("kept IS NULL OR kept = one OR kept = other", name="keeps_one_of_both"),
        sa.Index("ix_comparison_pair", "one", "other"),
    )

    id: Mapped[uuid_key]
    one: Mapped[UUID] = mapped_column(sa.ForeignKey("person.participant_id"))
    other: Mapped[UUID] = mapped_column(sa.ForeignKey("person.participant_id"), index=True)
    verdict: Mapped[Verdict] = mapped_column(Word(Verdict))
    kept: Mapped[UUID | None]
    reason: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(sa.String(120))
