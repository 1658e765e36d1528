"""How much may be earned before a person looks: limits as they were set, and what was earned each day at each site."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, Word, append_only, one_of, uuid_key


class CapKind(StrEnum):
    """What a limit counts: payments of a day at one site, of a day at all sites, or all there will ever be."""

    SITE_DAY = "site-day"
    DAY = "day"
    TOTAL = "total"


@append_only
class CapChange(Base):
    """A limit from now on, in payments; with a site it is that site's own. Nobody sets one alone."""

    __tablename__ = "cap_change"
    __table_args__ = (
        one_of("kind", CapKind),
        sa.CheckConstraint("payments >= 0", name="payments_not_negative"),
        sa.CheckConstraint("site_id IS NULL OR kind = 'site-day'", name="site_of_its_day"),
        sa.CheckConstraint("asked_by_id <> approved_by_id", name="two_people"),
    )

    id: Mapped[uuid_key]
    kind: Mapped[CapKind] = mapped_column(Word(CapKind))
    site_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("site.id"))
    payments: Mapped[int]
    at: Mapped[datetime]
    asked_by_id: Mapped[UUID]
    asked_by: Mapped[str] = mapped_column(sa.String(120))
    approved_by_id: Mapped[UUID]
    approved_by: Mapped[str] = mapped_column(sa.String(120))


class PayTally(Base):
    """How many payments were earned on one day (UTC) at one site."""

    __tablename__ = "pay_tally"

    scheme_code: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"), primary_key=True)
    count: Mapped[int]
