"""sums kept for finance."""

import sqlalchemy as sa
from alembic import op

from biobank.payments import sum_models

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_sum",
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("topic IN ('payment', 'earned', 'entry', 'line')", name=op.f("ck_kept_sum_topic_known")),
        sa.PrimaryKeyConstraint("topic", "name", "day", "part", name=op.f("pk_kept_sum")),
    )
    dialect = op.get_bind().dialect.name
    for topic in sum_models.Topic:
        op.execute(sum_models.add_all(sum_models.every_row(dialect, topic)))
    for counted in sum_models.COUNTED:
        for statement in sum_models.kept(counted)(dialect):
            op.execute(statement)
