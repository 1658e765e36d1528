"""The tubes in use at a site; boxes in freezers have a story."""

import sqlalchemy as sa
from alembic import op

from biobank import columns
from biobank.migrations import checks

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tube_supply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("product", sa.String(length=20), nullable=True),
        sa.Column("lot", sa.String(length=40), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("since", columns.Instant(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_tube_supply_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tube_supply")),
    )
    with op.batch_alter_table("tube_supply", schema=None) as batch_op:
        batch_op.create_index("ix_tube_supply_site", ["site_id", "kind"], unique=False)

    for statement in columns.guard_statements(op.get_bind().dialect.name, "tube_supply"):
        op.execute(statement)
    checks.put(
        "custody_event",
        "ck_custody_event_subject_kind_known",
        "CHECK (subject_kind IN ('tube', 'bag', 'box', 'shipment', 'object', 'place'))",
    )
