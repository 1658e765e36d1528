"""visits in quarantine."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quarantined_visit",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_quarantined_visit")),
    )
