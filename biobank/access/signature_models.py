"""Signatures: who stands for a finished record, when, and what they meant by it (21 CFR 11.50)."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, Word, append_only, one_of, uuid_key


class Meaning(StrEnum):
    """What somebody says by signing."""

    MEASURED = "measured"
    CORRECTED = "corrected"


@append_only
class Signature(Base):
    """One signature under one record. `staff_name` is the name at that time, `proved_by` how its bearer showed who
    they are and `proved_at` when; `mac` binds all of it to the record (HMAC-SHA-256, FIPS 198-1).
    """

    __tablename__ = "signature"
    __table_args__ = (one_of("meaning", Meaning), sa.UniqueConstraint("record_kind", "record_id"))

    id: Mapped[uuid_key]
    record_kind: Mapped[str] = mapped_column(sa.String(24))
    record_id: Mapped[UUID]
    record_sha256: Mapped[str] = mapped_column(sa.String(64))
    meaning: Mapped[Meaning] = mapped_column(Word(Meaning))
    staff_id: Mapped[UUID | None]
    staff_name: Mapped[str] = mapped_column(sa.String(120))
    at: Mapped[datetime]
    proved_by: Mapped[str] = mapped_column(sa.String(12))
    proved_at: Mapped[datetime | None]
    mac: Mapped[str] = mapped_column(sa.String(64))
