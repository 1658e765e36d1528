"""Lists that somebody of finance looks at again and again, under names of their own."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, uuid_key


class SavedView(Base):
    """A list of payments under a name: `narrowed` holds the words of its address that are not empty."""

    __tablename__ = "saved_view"
    __table_args__ = (sa.UniqueConstraint("staff_id", "name"),)

    id: Mapped[uuid_key]
    staff_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    narrowed: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
