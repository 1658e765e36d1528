"""Every refusal of somebody who is signed in, by route and reason."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, append_only, uuid_key


@append_only
class Denial(Base):
    """Somebody asked for what their role or site does not include; `endpoint` is the route's name, never its values."""

    __tablename__ = "denial"
    __table_args__ = (sa.Index("ix_denial_actor", "actor_id", "at"),)

    id: Mapped[uuid_key]
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(sa.String(12))
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(sa.String(120))
    endpoint: Mapped[str] = mapped_column(sa.String(80))
    code: Mapped[str] = mapped_column(sa.String(40))
    request_id: Mapped[str | None] = mapped_column(sa.String(32))
