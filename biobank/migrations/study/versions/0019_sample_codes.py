"""Sample codes as they were computed."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sprec_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tube_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.String(length=8), nullable=False),
        sa.Column("rules", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("computed_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["tube_id"], ["tube.id"], name=op.f("fk_sprec_code_tube_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sprec_code")),
    )
    with op.batch_alter_table("sprec_code", schema=None) as batch_op:
        batch_op.create_index("ix_sprec_code_tube", ["tube_id", "version", "id"], unique=False)

    for statement in columns.guard_statements(op.get_bind().dialect.name, "sprec_code"):
        op.execute(statement)
