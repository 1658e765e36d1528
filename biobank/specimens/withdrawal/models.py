"""Certificates of destruction: what was destroyed, who asked, who approved, and a digest over all of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, append_only, uuid_key


@append_only
class DestructionCertificate(Base):
    """One act of destruction that two people signed. `lines` name each tube by its code and its last event's hash."""

    __tablename__ = "destruction_certificate"

    id: Mapped[uuid_key]
    donor_id: Mapped[UUID] = mapped_column(sa.ForeignKey("donor.id"), index=True)
    approval_id: Mapped[UUID] = mapped_column(sa.ForeignKey("approval.id"), unique=True)
    site_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("site.id"))
    asked_by: Mapped[str] = mapped_column(sa.String(120))
    asked_at: Mapped[datetime]
    approved_by: Mapped[str] = mapped_column(sa.String(120))
    approved_at: Mapped[datetime]
    method: Mapped[str] = mapped_column(sa.String(60))
    lines: Mapped[list[Any]]
    sha256: Mapped[str] = mapped_column(sa.String(64))
