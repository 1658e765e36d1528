"""Approvals: what one person asked for, and what another decided; neither is ever changed."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from biobank.columns import Base, Word, append_only, one_of, uuid_key


class Decision(StrEnum):
    """How an approval ended."""

    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@append_only
class Approval(Base):
    """Something asked for that needs a second person. `digest` is the SHA-256 of what exactly was asked."""

    __tablename__ = "approval"
    __table_args__ = (
        # The decision points at all three, so that it stands for this content and against this asker only.
        sa.UniqueConstraint("id", "asked_by", "digest"),
        sa.Index("ix_approval_subject", "kind", "subject"),
        sa.CheckConstraint("expires_at > asked_at", name="expires_later"),
    )

    id: Mapped[uuid_key]
    kind: Mapped[str] = mapped_column(sa.String(40))
    subject: Mapped[str] = mapped_column(sa.String(80))
    summary: Mapped[str] = mapped_column(sa.String(300))
    words: Mapped[dict[str, Any]]
    payload: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(sa.String(64))
    asked_by: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))
    asked_by_name: Mapped[str] = mapped_column(sa.String(120))
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    site_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("site.id"))

    decision: Mapped["ApprovalDecision | None"] = relationship(lazy="joined")


@append_only
class ApprovalDecision(Base):
    """The one decision on an approval: by somebody else, or withdrawn by whoever asked."""

    __tablename__ = "approval_decision"
    __table_args__ = (
        one_of("decision", Decision),
        sa.ForeignKeyConstraint(
            ["approval_id", "asked_by", "digest"], ["approval.id", "approval.asked_by", "approval.digest"]
        ),
        sa.CheckConstraint("(decided_by <> asked_by) = (decision <> 'withdrawn')", name="by_another_person"),
    )

    approval_id: Mapped[UUID] = mapped_column(primary_key=True)
    asked_by: Mapped[UUID]
    digest: Mapped[str] = mapped_column(sa.String(64))
    decision: Mapped[Decision] = mapped_column(Word(Decision))
    reason: Mapped[str] = mapped_column(sa.String(300))
    decided_by: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))
    decided_by_name: Mapped[str] = mapped_column(sa.String(120))
    decided_at: Mapped[datetime]
