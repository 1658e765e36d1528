"""tubes in a container."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_tube_container_id", "tube")
    there = sa.text("container_id IS NOT NULL")
    op.create_index("ix_tube_container_id", "tube", ["container_id"], sqlite_where=there, postgresql_where=there)
