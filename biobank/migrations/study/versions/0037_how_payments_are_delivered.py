"""how payments are delivered."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivery_choice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payee_id", sa.Uuid(), nullable=False),
        sa.Column("delivery", sa.String(length=40), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.CheckConstraint("delivery IN ('link', 'email', 'phone')", name=op.f("ck_delivery_choice_delivery_known")),
        sa.ForeignKeyConstraint(["payee_id"], ["payee.id"], name=op.f("fk_delivery_choice_payee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_choice")),
    )
    with op.batch_alter_table("delivery_choice", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_choice_payee", ["payee_id", "id"], unique=False)

    op.create_table(
        "delivery_route",
        sa.Column("disbursement_id", sa.Uuid(), nullable=False),
        sa.Column("delivery", sa.String(length=40), nullable=False),
        sa.CheckConstraint("delivery <> 'link'", name=op.f("ck_delivery_route_link_needs_no_row")),
        sa.CheckConstraint("delivery IN ('link', 'email', 'phone')", name=op.f("ck_delivery_route_delivery_known")),
        sa.ForeignKeyConstraint(
            ["disbursement_id"], ["disbursement.id"], name=op.f("fk_delivery_route_disbursement_id")
        ),
        sa.PrimaryKeyConstraint("disbursement_id", name=op.f("pk_delivery_route")),
    )
    op.create_table(
        "reward_errand",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("disbursement_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("asked_at", columns.Instant(), nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("next_at", columns.Instant(), nullable=False),
        sa.Column("done_at", columns.Instant(), nullable=True),
        sa.Column("came_of_it", sa.String(length=600), nullable=True),
        sa.CheckConstraint("kind IN ('resend', 'cancel')", name=op.f("ck_reward_errand_kind_known")),
        sa.CheckConstraint(
            "(done_at IS NULL) = (came_of_it IS NULL)", name=op.f("ck_reward_errand_done_with_an_answer")
        ),
        sa.ForeignKeyConstraint(
            ["disbursement_id"], ["disbursement.id"], name=op.f("fk_reward_errand_disbursement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_errand")),
    )
    with op.batch_alter_table("reward_errand", schema=None) as batch_op:
        batch_op.create_index("ix_reward_errand_disbursement", ["disbursement_id"], unique=False)
        batch_op.create_index(
            "ix_reward_errand_due",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )
        batch_op.create_index(
            "uq_reward_errand_open",
            ["disbursement_id"],
            unique=True,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )

    for statement in columns.guard_statements(op.get_bind().dialect.name, "delivery_choice"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "delivery_route"):
        op.execute(statement)
