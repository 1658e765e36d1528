"""SPREC codes as they were computed: with the rules, the events used, and where the tube's story stood."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, append_only, uuid_key


@append_only
class SprecCode(Base):
    """One computation that said something new. The newest of a tube and version is its code."""

    __tablename__ = "sprec_code"
    __table_args__ = (sa.Index("ix_sprec_code_tube", "tube_id", "version", "id"),)

    id: Mapped[uuid_key]
    tube_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tube.id"))
    version: Mapped[str] = mapped_column(sa.String(8))
    rules: Mapped[str] = mapped_column(sa.String(12))
    code: Mapped[str] = mapped_column(sa.String(24))
    events: Mapped[list[Any]]
    seq: Mapped[int]
    computed_at: Mapped[datetime]
