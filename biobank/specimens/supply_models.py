"""The tubes that a site draws into: whose product, which lot, until when; one row for each change."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, append_only, uuid_key


@append_only
class TubeSupply(Base):
    """From this moment a site draws a kind of tube into these. The newest row of a kind is the one in use."""

    __tablename__ = "tube_supply"
    __table_args__ = (sa.Index("ix_tube_supply_site", "site_id", "kind"),)

    id: Mapped[uuid_key]
    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"))
    kind: Mapped[str] = mapped_column(sa.String(12))
    product: Mapped[str | None] = mapped_column(sa.String(20))
    lot: Mapped[str] = mapped_column(sa.String(40))
    expires_on: Mapped[date | None]
    since: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(sa.String(120))
