"""a key for each person, and the comparisons of registrations."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "master_key",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("since", columns.Instant(), nullable=False),
        sa.Column("retired_at", columns.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_master_key")),
    )
    op.create_table(
        "comparison",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("one", sa.Uuid(), nullable=False),
        sa.Column("other", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("kept", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.CheckConstraint("(verdict = 'same') = (kept IS NOT NULL)", name=op.f("ck_comparison_same_keeps_one")),
        sa.CheckConstraint("verdict IN ('same', 'distinct')", name=op.f("ck_comparison_verdict_known")),
        sa.CheckConstraint("kept IS NULL OR kept = one OR kept = other", name=op.f("ck_comparison_keeps_one_of_both")),
        sa.CheckConstraint("one < other", name=op.f("ck_comparison_ordered")),
        sa.ForeignKeyConstraint(["one"], ["person.participant_id"], name=op.f("fk_comparison_one")),
        sa.ForeignKeyConstraint(["other"], ["person.participant_id"], name=op.f("fk_comparison_other")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison")),
    )
    with op.batch_alter_table("comparison", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_comparison_other"), ["other"], unique=False)
        batch_op.create_index("ix_comparison_pair", ["one", "other"], unique=False)

    op.create_table(
        "person_key",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("master", sa.String(length=80), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["person.participant_id"], name=op.f("fk_person_key_participant_id")
        ),
        sa.PrimaryKeyConstraint("participant_id", name=op.f("pk_person_key")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email_alone", sa.LargeBinary(length=32), nullable=True))
        batch_op.add_column(sa.Column("phone_alone", sa.LargeBinary(length=32), nullable=True))
        batch_op.add_column(sa.Column("erased_at", columns.Instant(), nullable=True))
        batch_op.create_index(batch_op.f("ix_person_added_at"), ["added_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_email_alone"), ["email_alone"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_phone_alone"), ["phone_alone"], unique=False)

    for statement in columns.guard_statements(op.get_bind().dialect.name, "comparison"):
        op.execute(statement)
